//! RS-02: disguised `Transfer-Encoding` lines, each with a length that says something else.

use super::{lab::Lab, message::Message};

/// One line each; `\r`, `\n`, `\t`, `\s` (a space), `\0` and `\xHH` are escapes.
const GADGETS: &str = include_str!("../../fixtures/raw/te_gadgets.txt");

/// CL.TE and TE.CL: whichever way the gateway reads it, the host application reads it the same way.
#[tokio::test]
async fn rs_02_gateway_and_host_application_count_the_same_requests_whatever_the_gadget() {
    let lab = Lab::start().await;
    let gadgets: Vec<Vec<u8>> = GADGETS.lines().filter(|line| !line.starts_with("# ")).map(unescape).collect();
    assert!(gadgets.len() > 300, "{}", gadgets.len());
    let mut forwarded = 0;
    let smuggled = format!("POST /public/b HTTP/1.1\r\nHost: {}\r\nContent-Length: 7\r\n\r\n", lab.host());
    let te_cl = format!("{:x}\r\n{smuggled}\r\n0\r\n\r\n", smuggled.len());
    for gadget in &gadgets {
        for (length, body) in [("6", "0\r\n\r\nG"), ("4", &te_cl)] {
            let before = lab.requests().len();
            let what = format!("{:?} {length}", String::from_utf8_lossy(gadget));
            let head = format!("POST /public/a HTTP/1.1\r\nHost: @HOST\r\nContent-Length: {length}\r\n");
            let last = "GET /public/last HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n\r\n";
            let bytes = [head.as_bytes(), gadget, b"\r\n\r\n", body.as_bytes(), last.as_bytes()].concat();
            let answers = lab.exchange(bytes).await;
            assert!(answers.is_closed, "{what}: open: {}", answers.text());
            let requests = lab.requests_after(before);
            let answered: Vec<_> = answers.forwarded().map(Message::text).collect();
            let expected: Vec<_> =
                requests.iter().map(|request| format!("{} [{}]", request.asks(), request.text())).collect();
            assert_eq!(answered, expected, "{what}");
            for request in &requests {
                assert!(request.is_whole, "{what}: {request:?}");
                assert_says_one_thing(request, &what);
            }
            forwarded += requests.len();
        }
    }
    assert!(forwarded > 0, "the sweep must not be refused as a whole");
}

/// No header that a host application could take for a second framing, folding names as CGI does.
#[track_caller]
fn assert_says_one_thing(request: &Message, what: &str) {
    let folded = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let is_framing = |name: &str| matches!(folded(name).as_str(), "transfer-encoding" | "content-length");
    let framing: Vec<_> = request.headers.iter().filter(|(name, _)| is_framing(name)).collect();
    let is_plain = |name: &str| matches!(name, "transfer-encoding" | "content-length");
    assert!(framing.len() <= 1 && framing.iter().all(|(name, _)| is_plain(name)), "{what}: {framing:?}");
}

fn unescape(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = line.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, taken) = match tail {
            [b'r', ..] if first == b'\\' => (b'\r', 2),
            [b'n', ..] if first == b'\\' => (b'\n', 2),
            [b't', ..] if first == b'\\' => (b'\t', 2),
            [b'0', ..] if first == b'\\' => (0, 2),
            [b's', ..] if first == b'\\' => (b' ', 2),
            [b'x', digits @ ..] if first == b'\\' => {
                (u8::from_str_radix(std::str::from_utf8(&digits[..2]).unwrap(), 16).unwrap(), 4)
            }
            _ => (first, 1),
        };
        bytes.push(byte);
        rest = &rest[taken..];
    }
    bytes
}
