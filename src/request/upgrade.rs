//! The one protocol that a connection may switch to: WebSocket (RFC 6455 4). What a head says of it stands here alone, for the
//! handshake of a browser, that with the host application, and both answers.

use http::{HeaderMap, HeaderValue, header};

const WEBSOCKET: &str = "websocket";

/// Whether a head asks for, or switches to, WebSocket and nothing else: in one line.
#[must_use]
pub(crate) fn is_websocket_upgrade(headers: &HeaderMap) -> bool {
    let mut protocols = headers.get_all(header::UPGRADE).iter().map(HeaderValue::as_bytes);
    let is_websocket =
        protocols.next().is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(WEBSOCKET.as_bytes()));
    is_websocket && protocols.next().is_none()
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
    fn what_is_set_is_an_upgrade() {
        let mut headers = HeaderMap::new();
        set_websocket_upgrade(&mut headers);
        assert!(is_websocket_upgrade(&headers));
        assert_eq!(headers[header::CONNECTION], "Upgrade");
    }
}
