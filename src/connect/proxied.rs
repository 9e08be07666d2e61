//! The way through a proxy: `CONNECT` (RFC 9110 9.3.6), and what the proxy says to it.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::{Position, Url};

use crate::{limits::PROXY_HEAD_BYTES_MAX, proxy::OutboundProxy};

/// Why a proxy gives no connection. Of what it says its status alone is told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyRefusal {
    /// It wants to be shown a user and a password, or others.
    #[error("it asks for other credentials (407)")]
    Credentials,
    /// It does not connect.
    #[error("it answers with status {0}")]
    Status(u16),
    /// No HTTP, or a head beyond the bound.
    #[error("it does not answer in http")]
    NotHttp,
    /// The connection broke.
    #[error("connection broke: {0}")]
    Broken(#[from] std::io::Error),
}

/// Asks a proxy for a connection to the authority of `url`; behind it, `tcp` leads there.
///
/// # Errors
/// See [`ProxyRefusal`].
///
/// # Cancel safety
/// Dropped midway, the connection is of no use, and closed with it.
pub(super) async fn connect(tcp: &mut TcpStream, proxy: &OutboundProxy, url: &Url) -> Result<(), ProxyRefusal> {
    tcp.write_all(&request(proxy, url)).await?;
    let mut head = Vec::new();
    // Byte by byte: what follows the head is the other side's.
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        if head.len() == PROXY_HEAD_BYTES_MAX {
            return Err(ProxyRefusal::NotHttp);
        }
        head.push(tcp.read_u8().await?);
    }
    match status(&head).ok_or(ProxyRefusal::NotHttp)? {
        200..=299 => Ok(()),
        407 => Err(ProxyRefusal::Credentials),
        other => Err(ProxyRefusal::Status(other)),
    }
}

fn request(proxy: &OutboundProxy, url: &Url) -> Vec<u8> {
    let host = &url[Position::BeforeHost..Position::AfterHost];
    let port = url.port_or_known_default().unwrap_or_default();
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(authorization) = proxy.authorization() {
        request.extend(b"Proxy-Authorization: ");
        request.extend(authorization.as_bytes());
        request.extend(b"\r\n");
    }
    request.extend(b"\r\n");
    request
}

/// RFC 9112 4.
fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    let digits = rest.get(2..5).filter(|_| rest.get(1) == Some(&b' '))?;
    let follows = matches!(rest.get(5), Some(b' ' | b'\r' | b'\n'));
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|_| follows && digits.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_the_host_with_its_port_and_what_the_proxy_is_shown() {
        let asked =
            |proxy: OutboundProxy, url: &str| String::from_utf8(request(&proxy, &Url::parse(url).unwrap())).unwrap();
        let proxy = || OutboundProxy::parse("proxy.example").unwrap();
        let expected = "CONNECT idp.example:443 HTTP/1.1\r\nHost: idp.example:443\r\n\r\n";
        assert_eq!(asked(proxy(), "https://idp.example/a?b"), expected);
        let shown = asked(proxy().shown("a:b"), "https://[fd00::1]:8443");
        let expected = "CONNECT [fd00::1]:8443 HTTP/1.1\r\nHost: [fd00::1]:8443\r\n";
        assert_eq!(shown, format!("{expected}Proxy-Authorization: Basic YTpi\r\n\r\n"));
    }

    #[test]
    fn the_status_is_that_of_a_status_line() {
        for (head, expected) in [
            ("HTTP/1.1 200 Connection established\r\n\r\n", Some(200)),
            ("HTTP/1.0 407\r\n\r\n", Some(407)),
            ("HTTP/1.1 200\n\n", Some(200)),
            ("HTTP/1.1 2000 \r\n\r\n", None),
            ("HTTP/1.1 +20 \r\n\r\n", None),
            ("HTTP/2 200 \r\n\r\n", None),
            ("\u{16}\u{3}\u{1}\n\n", None),
        ] {
            assert_eq!(status(head.as_bytes()), expected, "{head:?}");
        }
    }
}
