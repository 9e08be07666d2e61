//! A redirect of the host application that leads to a Sigma URL, and other headers that send a browser there.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{Change, Heard, SlotFiller, SlotKind, Wanted, meta};

/// htmx goes where it says.
const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");

/// The `Location` that takes the place of one that is a Sigma URL of the site, and what it does to the head (`None` leaves
/// it); and what was minted and noted for it.
pub(crate) fn rewrite_location(value: &str, mut filler: impl SlotFiller) -> (Option<(String, Change)>, Heard) {
    let location = location(value, &mut filler);
    (location, filler.take_heard())
}

fn location(value: &str, filler: &mut impl SlotFiller) -> Option<(String, Change)> {
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
    headers.contains_key(header::REFRESH) || headers.contains_key(HX_REDIRECT)
}

/// Puts the stable link in the place of a Sigma URL in these headers: they may be followed later, and by a script. Says what was
/// noted.
pub(crate) fn rewrite_refreshes(headers: &mut HeaderMap, mut filler: impl SlotFiller) -> Heard {
    for name in [header::REFRESH, HX_REDIRECT] {
        let is_refresh = name == header::REFRESH;
        let header::Entry::Occupied(mut lines) = headers.entry(name) else { continue };
        for line in lines.iter_mut() {
            if let Some(mut changed) = line.to_str().ok().and_then(|text| sent_on(text, is_refresh, &mut filler)) {
                changed.set_sensitive(line.is_sensitive());
                *line = changed;
            }
        }
    }
    filler.take_heard()
}

fn sent_on(text: &str, is_refresh: bool, filler: &mut impl SlotFiller) -> Option<HeaderValue> {
    let place = if is_refresh { meta::refresh_url(text)? } else { 0..text.len() };
    let url = Some(&text[place.clone()]);
    let filled = filler.fill(&Wanted { kind: SlotKind::Anchor, embed: None, url, controls: &[], frames: None })?;
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
        for value in ["/login", "https://sigma.test.evil/acme/workbook/R-1", ""] {
            assert_eq!(rewrite_location(value, Double::signing()).0, None);
        }
    }
}
