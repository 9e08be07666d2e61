//! Answers and forms: what every stand-in needs to say something in HTTP and to read a small form.

use std::{borrow::Cow, convert::Infallible};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use url::form_urlencoded;

use super::serve::StandInBody;
use crate::limits;

/// An answer with a text of some media type.
pub(super) fn answer(status: StatusCode, media_type: &'static str, text: impl Into<Bytes>) -> Response<StandInBody> {
    let mut response = Response::new(full(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// An HTML page that nobody stores.
pub(super) fn html(status: StatusCode, text: impl Into<Bytes>) -> Response<StandInBody> {
    with_header(answer(status, "text/html; charset=utf-8", text), header::CACHE_CONTROL, "no-store")
}

/// A JSON answer that nobody stores.
pub(super) fn json(status: StatusCode, value: &serde_json::Value) -> Response<StandInBody> {
    with_header(answer(status, "application/json", value.to_string()), header::CACHE_CONTROL, "no-store")
}

/// A plain text.
pub(super) fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<StandInBody> {
    answer(status, "text/plain; charset=utf-8", text)
}

/// A redirect; 303 for the end of a POST, 302 as old applications send it.
pub(super) fn redirect(status: StatusCode, location: &str) -> Response<StandInBody> {
    with_header(answer(status, "text/plain; charset=utf-8", "moved\n"), header::LOCATION, location)
}

/// The answer with one header more; a value that no header can hold is left out.
pub(super) fn with_header(mut response: Response<StandInBody>, name: HeaderName, value: &str) -> Response<StandInBody> {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// A whole body at once.
pub(super) fn full(bytes: impl Into<Bytes>) -> StandInBody {
    Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// A small body; `None` when it is larger than an own endpoint reads, or breaks off.
pub(super) async fn read_small(body: Incoming) -> Option<Bytes> {
    Limited::new(body, limits::OWN_BODY_BYTES_MAX).collect().await.ok().map(http_body_util::Collected::to_bytes)
}

/// Text for HTML content and quoted attribute values.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().fold(String::with_capacity(text.len() + 16), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    });
    Cow::Owned(escaped)
}

/// A template with each `{{name}}` replaced, in one pass: a value is never a template. The values are HTML already.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, following)) = after.split_once("}}") else { break };
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = following;
    }
    filled + rest
}

/// The fields of a query or form; no field is there twice (RFC 6749 3.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct FormFields(Vec<(String, String)>);

/// A field is there twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RepeatedField(pub(super) String);

impl FormFields {
    /// Parses `application/x-www-form-urlencoded`.
    pub(super) fn parse(text: &[u8]) -> Result<Self, RepeatedField> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text) {
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(RepeatedField(name.into_owned()));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(fields))
    }

    /// The value of a field; an empty one counts as absent (RFC 6749 3.1).
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// All fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_plain_text_is_borrowed() {
        assert_eq!(escape(r#"<a href="x">'&'"#), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
        assert!(matches!(escape("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn a_field_that_is_there_twice_is_refused() {
        assert_eq!(FormFields::parse(b"code=a&state=b&code=c"), Err(RepeatedField("code".to_owned())));
    }

    #[test]
    fn fields_are_decoded_and_empty_ones_count_as_absent() {
        let form = FormFields::parse(b"scope=openid+email&state=").unwrap();
        assert_eq!((form.field("scope"), form.field("state")), (Some("openid email"), None));
    }

    #[test]
    fn a_template_gets_every_value() {
        assert_eq!(fill("{{a}}-{{b}}-{{a}}", &[("a", "{{b}}"), ("b", "2")]), "{{b}}-2-{{b}}");
    }
}
