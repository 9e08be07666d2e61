//! What a host application says of how long it keeps a connection: `Keep-Alive: timeout=5, max=100` (RFC 2068 19.7.1.1, as Apache,
//! Node and Tomcat still say it).
//!
//! A connection that it closes in the very moment in which a request leaves costs a POST its answer. So it is given up before that.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::limits::KEEP_ALIVE_MARGIN;

/// How long a connection may rest behind an answer with these headers, as far as they say it; zero: no other request may leave on it.
pub(super) fn rest_max(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(KEEP_ALIVE).iter().map(HeaderValue::as_bytes);
    let said = lines.flat_map(|line| line.split(|byte| *byte == b',')).filter_map(parameter);
    let most = said.filter_map(|(name, number)| match () {
        () if name.eq_ignore_ascii_case(b"timeout") => {
            Some(Duration::from_secs(number).saturating_sub(KEEP_ALIVE_MARGIN))
        }
        () if name.eq_ignore_ascii_case(b"max") && number == 0 => Some(Duration::ZERO),
        () => None,
    });
    most.min()
}

fn parameter(element: &[u8]) -> Option<(&[u8], u64)> {
    let at = memchr::memchr(b'=', element)?;
    let number = std::str::from_utf8(&element[at + 1..]).ok()?.trim().trim_matches('"');
    Some((element[..at].trim_ascii(), number.parse().ok()?))
}

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_rests_for_less_than_its_application_keeps_it() {
        let seconds = |number| Some(Duration::from_secs(number));
        for (lines, expected) in [
            (&["timeout=5, max=100"][..], seconds(4)),
            (&["timeout=2"], seconds(1)),
            (&["timeout=1"], seconds(0)),
            (&["timeout=0"], seconds(0)),
            (&["Timeout = \"15\""], seconds(14)),
            (&["max=100", "timeout=3"], seconds(2)),
            (&["timeout=9, timeout=3"], seconds(2)),
            (&["timeout=5, max=0"], seconds(0)),
            (&["max=1"], None),
            (&["timeout"], None),
            (&["timeout=-1"], None),
            (&["timeout=99999999999999999999"], None),
            (&["300"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(KEEP_ALIVE, HeaderValue::from_static(line));
            }
            assert_eq!(rest_max(&headers), expected, "{lines:?}");
        }
    }
}
