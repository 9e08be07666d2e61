//! A redirect of the host application that leads to a Sigma URL, and other headers that send a browser there.

use std::{borrow::Cow, fmt::Write};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::{Change, Heard, SlotFiller, SlotKind, Wanted, media::charset, meta};

/// Headers of answers to scripts, by which these go on to another page: htmx's, Inertia's, Wicket's, Spring's, intercooler's.
const BY_SCRIPT: &[&str] =
    &["hx-redirect", "x-inertia-location", "ajax-location", "spring-redirect-url", "x-ic-redirect"];
/// With `redirect`, RichFaces goes to the `Location` of an answer that is none to browsers.
const AJAX_RESPONSE: &str = "ajax-response";

/// A `Location` as a browser goes there: bytes beyond ASCII are escaped. Where they are no UTF-8, an old application meant Latin-1, and
/// Sigma is told the character that was meant.
#[must_use]
pub(crate) fn location_text(value: &HeaderValue) -> Cow<'_, str> {
    if let Ok(text) = value.to_str() {
        return Cow::Borrowed(text);
    }
    let text = charset::utf8_or_old(value.as_bytes());
    let mut escaped = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii() {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "%{byte:02X}").expect("writing to a String does not fail");
        }
    }
    Cow::Owned(escaped)
}

/// The status of a redirect that leads to an embed. `307` and `308` have a browser send a form again; there it is one to look, and
/// neither Sigma nor the stable link has a use for what the form says: it goes nowhere.
#[must_use]
pub(crate) fn embed_redirect(status: StatusCode, method: &Method) -> StatusCode {
    let repeats = [StatusCode::TEMPORARY_REDIRECT, StatusCode::PERMANENT_REDIRECT].contains(&status);
    if repeats && !method.is_safe() { StatusCode::SEE_OTHER } else { status }
}

/// The `Location` that takes the place of one that is a Sigma URL of the site, and what it does to the head (`None` leaves
/// it); and what was minted and noted for it.
pub(crate) fn rewrite_location(value: &str, mut filler: impl SlotFiller) -> (Option<(String, Change)>, Heard) {
    let location = location(value, &mut filler);
    (location, filler.take_heard())
}

fn location(value: &str, filler: &mut impl SlotFiller) -> Option<(String, Change)> {
    if filler.landmarks().is_own_path(value) {
        return None;
    }
    let filled = filler.fill(&Wanted {
        kind: SlotKind::Location,
        embed: None,
        url: Some(value),
        controls: &[],
        frames: None,
    })?;
    match &filled.signed {
        Some(signed) => Some((signed.expose().to_owned(), Change::Signed)),
        None => Some((format!("{}{}", filler.landmarks().site_origin, filled.link), Change::Links)),
    }
}

/// Whether an answer has a header besides `Location` that sends a browser on.
pub(crate) fn sends_on(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| leads_on(name) || name == AJAX_RESPONSE)
}

fn leads_on(name: &HeaderName) -> bool {
    name == header::REFRESH || BY_SCRIPT.contains(&name.as_str())
}

/// Puts the stable link in the place of a Sigma URL in these headers: they may be followed later, and by a script. Says what was
/// noted.
pub(crate) fn rewrite_refreshes(headers: &mut HeaderMap, mut filler: impl SlotFiller) -> Heard {
    let is_redirect = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"redirect");
    let location = headers.get(AJAX_RESPONSE).filter(|value| is_redirect(value)).map(|_| header::LOCATION);
    let names: Vec<HeaderName> = headers.keys().filter(|name| leads_on(name)).cloned().chain(location).collect();
    for name in names {
        let is_refresh = name == header::REFRESH;
        let header::Entry::Occupied(mut lines) = headers.entry(name) else { continue };
        for line in lines.iter_mut() {
            if let Some(mut changed) = sent_on(&location_text(line), is_refresh, &mut filler) {
                changed.set_sensitive(line.is_sensitive());
                *line = changed;
            }
        }
    }
    filler.take_heard()
}

fn sent_on(text: &str, is_refresh: bool, filler: &mut impl SlotFiller) -> Option<HeaderValue> {
    let place = if is_refresh { meta::refresh_url(text)? } else { 0..text.len() };
    let url = Some(&text[place.clone()]).filter(|url| !filler.landmarks().is_own_path(url))?;
    let filled =
        filler.fill(&Wanted { kind: SlotKind::Anchor, embed: None, url: Some(url), controls: &[], frames: None })?;
    let site = &filler.landmarks().site_origin;
    let changed = format!("{}{site}{}{}", &text[..place.start], filled.link, &text[place.end..]);
    HeaderValue::from_str(&changed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_send_a_browser_to_sigma_send_it_to_the_stable_link() {
        const LINK: &str = "https://crm.test/sigma/embed/revenue";
        for (name, value, expected) in [
            ("refresh", "0; url=https://sigma.test/acme/workbook/R-1", format!("0; url={LINK}")),
            ("refresh", "5;URL='https://sigma.test/acme/workbook/R-1'", format!("5;URL='{LINK}'")),
            ("refresh", "300, https://sigma.test/acme/workbook/R-1", format!("300, {LINK}")),
            ("hx-redirect", "https://sigma.test/acme/workbook/R-1", LINK.to_owned()),
            ("refresh", "5", "5".to_owned()),
            ("refresh", "0;url=/login", "0;url=/login".to_owned()),
            ("hx-redirect", "/login?to=https://sigma.test/", "/login?to=https://sigma.test/".to_owned()),
            ("x-inertia-location", "https://sigma.test/acme/workbook/R-1", LINK.to_owned()),
            ("ajax-location", "https://sigma.test/acme/workbook/R-1", LINK.to_owned()),
            ("spring-redirect-url", "https://sigma.test/acme/workbook/R-1", LINK.to_owned()),
            ("x-ic-redirect", "https://sigma.test/acme/workbook/R-1", LINK.to_owned()),
            (
                "refresh",
                "0;url=https:/sigma.test/acme/workbook/R-1",
                "0;url=https:/sigma.test/acme/workbook/R-1".to_owned(),
            ),
            ("hx-redirect", "https:sigma.test/acme/workbook/R-1", "https:sigma.test/acme/workbook/R-1".to_owned()),
            ("ajax-location", "./wicket/page?2", "./wicket/page?2".to_owned()),
            ("x-redirect", "https://sigma.test/acme/workbook/R-1", "https://sigma.test/acme/workbook/R-1".to_owned()),
        ] {
            for filler in [Double::linking(), Double::signing()] {
                let mut headers = HeaderMap::new();
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
                assert_eq!(sends_on(&headers), name != "x-redirect");
                assert_eq!(rewrite_refreshes(&mut headers, filler), Heard::default());
                assert_eq!(headers[name].to_str().unwrap(), expected);
            }
        }
    }

    #[test]
    fn the_location_of_an_answer_to_a_script_counts_where_that_is_told_so() {
        const SIGMA: &str = "https://sigma.test/acme/workbook/R-1";
        for (told, expected) in [("redirect", "https://crm.test/sigma/embed/revenue"), ("true", SIGMA)] {
            let lines = [(HeaderName::from_static(AJAX_RESPONSE), told), (header::LOCATION, SIGMA)];
            let mut headers: HeaderMap =
                lines.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
            assert!(sends_on(&headers));
            assert_eq!(rewrite_refreshes(&mut headers, Double::linking()), Heard::default());
            assert_eq!(headers[header::LOCATION], expected);
        }
    }

    #[test]
    fn bytes_beyond_ascii_in_a_header_that_sends_on_lose_no_link() {
        for (name, value, expected) in [
            ("refresh", &b"0; url=https://sigma.test/acme/workbook/R-1?Region=\xE9"[..], "0; url=@"),
            ("refresh", b"0; url='https://sigma.test/acme/workbook/R-1?Region=\xC3\xA9'", "0; url='@'"),
            ("hx-redirect", b"https://sigma.test/acme/workbook/R-1?Region=\xE9", "@"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
            assert_eq!(rewrite_refreshes(&mut headers, Double::linking()), Heard::default());
            assert_eq!(headers[name], expected.replace('@', "https://crm.test/sigma/embed/revenue"));
        }
        let other = HeaderValue::from_bytes(b"0; url=/caf\xE9").unwrap();
        let mut headers = HeaderMap::from_iter([(header::REFRESH, other.clone())]);
        assert_eq!(rewrite_refreshes(&mut headers, Double::linking()), Heard::default());
        assert_eq!(headers[header::REFRESH], other);
    }
    use crate::rewrite::tests::Double;

    #[test]
    fn a_sigma_url_becomes_the_stable_link_of_the_site() {
        let (found, heard) = rewrite_location("https://sigma.test/acme/workbook/R-1", Double::linking());
        assert_eq!(heard, Heard::default());
        assert_eq!(found, Some(("https://crm.test/sigma/embed/revenue".to_owned(), Change::Links)));
    }

    #[test]
    fn with_signed_delivery_it_becomes_the_signed_url() {
        let (found, _) = rewrite_location("https://sigma.test/acme/workbook/R-1", Double::signing());
        assert_eq!(found, Some(("https://sigma.test/acme/workbook/R-1?:jwt=1&:embed=true".to_owned(), Change::Signed)));
    }

    #[test]
    fn any_other_location_is_left() {
        for value in ["/login", "https://sigma.test.evil/acme/workbook/R-1", "", "https:/sigma.test/acme/workbook/R-1"]
        {
            assert_eq!(rewrite_location(value, Double::signing()).0, None);
        }
    }

    #[test]
    fn bytes_beyond_ascii_are_read_as_browsers_send_them() {
        for (value, expected) in [
            (&b"/a?b=c"[..], "/a?b=c"),
            (
                b"https://sigma.test/acme/workbook/R-1?Region=\xC3\xA9",
                "https://sigma.test/acme/workbook/R-1?Region=%C3%A9",
            ),
            (b"https://sigma.test/acme/workbook/R-1?Region=\xE9", "https://sigma.test/acme/workbook/R-1?Region=%C3%A9"),
            (b"/\xFF\x80", "/%C3%BF%E2%82%AC"),
        ] {
            assert_eq!(location_text(&HeaderValue::from_bytes(value).unwrap()), expected);
        }
    }

    #[test]
    fn a_form_is_not_sent_again_to_an_embed() {
        for (status, method, expected) in [
            (307, Method::POST, 303),
            (308, Method::POST, 303),
            (308, Method::PUT, 303),
            (307, Method::GET, 307),
            (308, Method::GET, 308),
            (302, Method::POST, 302),
            (303, Method::POST, 303),
        ] {
            assert_eq!(
                embed_redirect(StatusCode::from_u16(status).unwrap(), &method).as_u16(),
                expected,
                "{status} {method}"
            );
        }
    }
}
