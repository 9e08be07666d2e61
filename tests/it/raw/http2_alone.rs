//! RS-10 over HTTP/2: what nobody can read of one request is nothing to the others on its connection.

use super::{
    frames::{INDEXED, PLAIN, block, literal},
    secure::Secure,
};

/// What stands first and second in the table of the connection (RFC 7541 2.3.3).
const FIRST: u8 = 0x80 | 62;
const SECOND: u8 = 0x80 | 63;

/// In the table of the connection it takes its place, so that later references mean what they mean; whoever refers to it is refused, too.
#[tokio::test]
async fn rs_10_over_http2_a_field_that_nobody_can_read_ends_its_request_alone() {
    let secure = Secure::start().await;
    let good = secure.request("GET", "/public/a");
    let but = |name: &str| block(&good.iter().filter(|(other, _)| other != name).cloned().collect::<Vec<_>>());
    let mut http2 = secure.open().await;
    let open = http2.open(&secure.request("POST", "/public/open"), false).await;
    secure.lab.world.until(|| secure.lab.upstream.requests().len() == 1).await;
    for (name, value, is_answered) in [
        (&b":path"[..], &b"/public/caf\xe9"[..], true),
        (b":path", b"/public/x?q=caf\xe9", true),
        (b":path", b"/public/<a>", true),
        (b":path", b"/public/a#b", true),
        (b":path", b"/public/a\0", true),
        (b":path", b"public/a", true),
        (b":path", b"http://crm.localhost/public/a", true),
        (b":path", b"\xe9", true),
        (b":authority", b"crm\xe9.localhost", true),
        (b":authority", b"crm localhost", true),
        (b":method", b"G T", true),
        (b":scheme", b"https\xff", false),
        (b":status", b"OK", false),
        (b":unknown", b"1", false),
        (b"X-Upper", b"1", false),
        (b"a b", b"", false),
        (b"a\r\nx-forwarded-user", b"ceo", false),
        (b"x-custom", b"a\r\nx-forwarded-user: ceo", true),
        (b"cookie", b"a=\0", true),
        (b"te", b"\x01", true),
        (b"transfer-encoding", b"\x01chunked", true),
        (b"content-length", b"1\0", true),
        (b"host", b"\x01", true),
    ] {
        let what = format!("{}: {};", name.escape_ascii(), value.escape_ascii());
        let before = secure.lab.requests().len();
        let mark = literal(INDEXED, b"x-mark", what.as_bytes());
        let marked = http2.open_written(&[block(&good), mark].concat(), true).await;
        // As it comes, and as a reference to what came.
        let pseudo = but(std::str::from_utf8(name).unwrap());
        let bad = literal(INDEXED, name, value);
        let (ahead, behind) = if name.starts_with(b":") { (&bad, &pseudo) } else { (&pseudo, &bad) };
        let came = http2.open_written(&[ahead.as_slice(), behind].concat(), true).await;
        let reference = vec![FIRST];
        let (ahead, behind) = if name.starts_with(b":") { (&reference, &pseudo) } else { (&pseudo, &reference) };
        let again = http2.open_written(&[ahead.as_slice(), behind].concat(), true).await;
        let other = http2.open_written(&[block(&good), vec![SECOND]].concat(), true).await;
        // 501 for a method. Names that are none are an error of the stream (RFC 9113 8.2.1), and a reference to one is refused.
        let is_name_alone = !name.starts_with(b":") && !is_answered;
        for (stream, is_answered) in [(came, is_answered), (again, is_answered || is_name_alone)] {
            let reply = http2.reply(stream).await;
            let statuses = if is_answered { [400, 501] } else { [0, 0] };
            assert!(statuses.contains(&reply.status), "{what}: {reply:?}");
            assert_eq!(reply.reset.is_some(), !is_answered, "{what}: {reply:?}");
        }
        for stream in [marked, other] {
            assert_eq!(http2.reply(stream).await.status, 200, "{what}");
        }
        let requests = secure.lab.requests_after(before);
        assert_eq!(requests.len(), 2, "{what}: {requests:?}");
        for request in requests {
            assert_eq!(request.header("x-mark"), Some(what.as_str()));
            assert_eq!(request.header("x-forwarded-user"), None);
        }
    }
    http2.data(open, "hello", true).await;
    let reply = http2.reply(open).await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "POST /public/open [hello]"));
}

/// Up to the longest head, in as many frames as it takes.
#[tokio::test]
async fn rs_10_over_http2_it_does_so_in_a_head_of_several_frames() {
    let secure = Secure::start().await;
    let good = block(&secure.request("GET", "/public/a"));
    let mut http2 = secure.open().await;
    let open = http2.open(&secure.request("POST", "/public/open"), false).await;
    secure.lab.world.until(|| secure.lab.upstream.requests().len() == 1).await;
    let bad = |kind: u8, length: usize| literal(kind, b"x-custom", &[&b"a".repeat(length), &b"\0"[..]].concat());
    let more = |length: usize| literal(PLAIN, b"x-more", &b"b".repeat(length));
    for (what, block) in [
        ("short", [good.as_slice(), &bad(PLAIN, 9)].concat()),
        ("a frame of it is as long as frames mostly are", [good.as_slice(), &more(16_000), &bad(PLAIN, 900)].concat()),
        ("long", [good.as_slice(), &bad(INDEXED, 9), &more(60_000)].concat()),
        ("a second target", [good.as_slice(), &literal(PLAIN, b":path", b"/public/\xe9"), &more(17_000)].concat()),
        ("a long field", [good.as_slice(), &bad(INDEXED, 60_000)].concat()),
    ] {
        let before = secure.lab.requests().len();
        for length in [block.len().div_ceil(7), 16_384] {
            let stream = http2.open_in_frames(&block.chunks(length).collect::<Vec<_>>(), true).await;
            let reply = http2.reply(stream).await;
            assert_eq!((reply.status, reply.reset), (400, None), "{what}, {length} at once: {reply:?}");
        }
        let stream = http2.open_in_frames(&[&good[..7], &good[7..]], true).await;
        assert_eq!(http2.reply(stream).await.status, 200, "{what}");
        assert_eq!(secure.lab.requests_after(before).len(), 1, "{what}");
    }
    http2.data(open, "hello", true).await;
    let reply = http2.reply(open).await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "POST /public/open [hello]"));
}

/// RFC 9113 4.3: what is not compressed by the letter leaves no table that both sides know.
#[tokio::test]
async fn rs_10_over_http2_a_broken_compression_ends_the_connection() {
    let secure = Secure::start().await;
    let bad = literal(INDEXED, b":path", b"/public/caf\xe9");
    for broken in [&b"\x80"[..], b"\xbf", b"\x7f\xff\xff\xff\xff\xff\x01", b"\x00\x05ab"] {
        for block in [broken.to_vec(), [&bad, broken].concat()] {
            let mut http2 = secure.open().await;
            let stream = http2.open_written(&block, true).await;
            let reply = http2.reply(stream).await;
            assert!(reply.status == 0 && http2.is_over(), "{}: {reply:?}", block.escape_ascii());
        }
    }
    secure.assert_open().await;
}
