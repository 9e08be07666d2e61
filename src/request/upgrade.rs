//! The one protocol that a connection may switch to: WebSocket (RFC 6455 4). What a head says of it stands here alone, for the
//! handshake of a browser, that with the host application, and both answers.

use http::{HeaderMap, HeaderValue, header};

use super::VisitKind;

const WEBSOCKET: &str = "websocket";

/// Whether a head asks for, or switches to, WebSocket and nothing else: in one line.
#[must_use]
pub(super) fn is_websocket_upgrade(headers: &HeaderMap) -> bool {
    let mut protocols = headers.get_all(header::UPGRADE).iter().map(HeaderValue::as_bytes);
    let is_websocket =
        protocols.next().is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(WEBSOCKET.as_bytes()));
    is_websocket && protocols.next().is_none()
}

/// Whether an answer with 101 may make one of two connections: the visit asked for a WebSocket, and to that the answer
/// switches (RFC 9110 15.2.2).
#[must_use]
pub(crate) fn may_switch(asked: VisitKind, answer: &HeaderMap) -> bool {
    asked == VisitKind::WebSocket && is_websocket_upgrade(answer)
}

/// Makes a head say so; what was there of the hop before is gone already.
pub(crate) fn set_websocket_upgrade(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static(WEBSOCKET));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_line_that_says_websocket_is_an_upgrade() {
        let table: [(&[&str], bool); 6] = [
            (&["websocket"], true),
            (&["WebSocket"], true),
            (&[], false),
            (&["h2c"], false),
            (&["websocket, h2c"], false),
            (&["websocket", "websocket"], false),
        ];
        for (lines, is_upgrade) in table {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::UPGRADE, HeaderValue::from_static(line));
            }
            assert_eq!(is_websocket_upgrade(&headers), is_upgrade, "{lines:?}");
        }
    }

    #[test]
    fn only_a_visit_that_asked_for_a_websocket_may_switch_and_only_to_that() {
        let head = |protocol| HeaderMap::from_iter([(header::UPGRADE, HeaderValue::from_static(protocol))]);
        assert!(may_switch(VisitKind::WebSocket, &head("websocket")));
        for protocol in ["h2c", "websocket, h2c", ""] {
            assert!(!may_switch(VisitKind::WebSocket, &head(protocol)), "{protocol}");
        }
        assert!(!may_switch(VisitKind::WebSocket, &HeaderMap::new()));
        for asked in [VisitKind::Navigation, VisitKind::Form, VisitKind::Frame, VisitKind::Fetch, VisitKind::Prefetch] {
            assert!(!may_switch(asked, &head("websocket")), "{asked:?}");
        }
    }

    #[test]
    fn what_is_set_is_an_upgrade() {
        let mut headers = HeaderMap::new();
        set_websocket_upgrade(&mut headers);
        assert!(is_websocket_upgrade(&headers));
        assert_eq!(headers[header::CONNECTION], "Upgrade");
    }
}
