//! URLs of the site in the head of a WebDAV request, as its host application would write them (RFC 4918 10.3, 10.4): `Destination`, and the
//! resources that `If` names.
//!
//! The application that stands behind TLS believes that it is called by plain http, and compares: a `COPY` to another scheme or host than
//! its own is 502 with Apache, IIS and others. So the site's origin becomes the one that the application sees, the reverse of what becomes
//! of its `Location`. Paths stay as they are, byte for byte: on them was decided.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use super::ForwardSettings;
use crate::request::DESTINATION;

/// Maps what is there. Requests of pages have neither.
pub(super) fn map_resources(method: &Method, headers: &mut HeaderMap, settings: &ForwardSettings) {
    if matches!(*method, Method::GET | Method::HEAD | Method::POST | Method::OPTIONS) {
        return;
    }
    map(headers, DESTINATION, |url| of_application(url, settings));
    map(headers, IF, |conditions| {
        let (mut mapped, mut has_changed) = (String::new(), false);
        for part in conditions.split_inclusive('>') {
            let (before, resource) = part.rsplit_once('<').unwrap_or((part, ""));
            let url = resource.strip_suffix('>').and_then(|url| of_application(url, settings));
            has_changed |= url.is_some();
            mapped.push_str(&url.map_or_else(|| part.to_owned(), |url| format!("{before}<{url}>")));
        }
        has_changed.then_some(mapped)
    });
}

fn map(headers: &mut HeaderMap, name: HeaderName, mapped: impl Fn(&str) -> Option<String>) {
    let value = headers.get(&name).and_then(|value| mapped(value.to_str().ok()?));
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
        headers.insert(name, value);
    }
}

/// The application's spelling of a URL that is the site's own; none for every other text.
fn of_application(text: &str, settings: &ForwardSettings) -> Option<String> {
    let (_, rest) = text.trim().split_once("://")?;
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    if !is_plain || url.origin().ascii_serialization() != settings.site_origin {
        return None;
    }
    let host = settings.fixed.host.to_str().ok()?;
    let behind_authority = rest.find('/').map_or("/", |at| &rest[at..]);
    Some(format!("{}://{host}{behind_authority}", settings.upstream.url.scheme()))
}

const IF: HeaderName = HeaderName::from_static("if");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        forward::{HeaderPreset, SendHost},
        request::HostName,
    };

    fn mapped(method: &str, name: HeaderName, value: &str, host: SendHost) -> String {
        let (url, site) = (Url::parse("https://crm.example.com").unwrap(), HostName::parse("crm.example.com").unwrap());
        let upstream = Url::parse("http://10.0.0.5:8000").unwrap().into();
        let settings = ForwardSettings::new(&url, &site, upstream, &HeaderPreset::None.into(), host);
        let mut headers = HeaderMap::from_iter([(name.clone(), HeaderValue::from_str(value).unwrap())]);
        map_resources(&Method::from_bytes(method.as_bytes()).unwrap(), &mut headers, &settings);
        headers[name].to_str().unwrap().to_owned()
    }

    #[test]
    fn a_destination_on_the_site_is_one_on_the_application() {
        for (sent, browser, upstream) in [
            ("https://crm.example.com/a%20b?c", "http://crm.example.com/a%20b?c", "http://10.0.0.5:8000/a%20b?c"),
            ("HTTPS://CRM.example.com:443/%2e%2E", "http://crm.example.com/%2e%2E", "http://10.0.0.5:8000/%2e%2E"),
            ("https://crm.example.com", "http://crm.example.com/", "http://10.0.0.5:8000/"),
        ] {
            assert_eq!(mapped("COPY", DESTINATION, sent, SendHost::Browser), browser);
            assert_eq!(mapped("MOVE", DESTINATION, sent, SendHost::Upstream), upstream);
        }
        for sent in ["/a", "http://crm.example.com/a", "https://other.example.com/a", "https://u@crm.example.com/", "x"]
        {
            assert_eq!(mapped("COPY", DESTINATION, sent, SendHost::Browser), sent);
        }
        assert_eq!(
            mapped("POST", DESTINATION, "https://crm.example.com/a", SendHost::Browser),
            "https://crm.example.com/a"
        );
    }

    #[test]
    fn the_resources_of_conditions_are_those_of_the_application() {
        for (sent, expected) in [
            (
                "<https://crm.example.com/a> (<opaquelocktoken:1> [\"e<>\"]) <https://crm.example.com/b> (Not <x:y>)",
                "<http://crm.example.com/a> (<opaquelocktoken:1> [\"e<>\"]) <http://crm.example.com/b> (Not <x:y>)",
            ),
            ("(<opaquelocktoken:1>)", "(<opaquelocktoken:1>)"),
            ("<https://other.example.com/a> (<x:y>)", "<https://other.example.com/a> (<x:y>)"),
            ("<<https://crm.example.com/a", "<<https://crm.example.com/a"),
        ] {
            assert_eq!(mapped("PUT", IF, sent, SendHost::Browser), expected);
        }
    }
}
