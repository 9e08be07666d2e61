use super::*;

fn mended(head: &[u8]) -> Result<(String, Framing, bool), String> {
    mended_for(head, AskedFor::Whole)
}

fn mended_for(head: &[u8], asked: AskedFor) -> Result<(String, Framing, bool), String> {
    let mended = mend(head, asked).map_err(|error| error.to_string())?.unwrap();
    assert_eq!(mended.end.length, head.len());
    // What was written is plain, and says the same.
    let again = look(&mended.bytes, asked);
    let length = mended.bytes.len();
    let framing = if mended.end.framing == Framing::ToEndMaybeChunked { Framing::ToEnd } else { mended.end.framing };
    assert_eq!(
        again,
        FirstLook::Plain(HeadEnd { length, framing, is_doubtful: false }),
        "{:?}",
        mended.bytes.escape_ascii().to_string()
    );
    let text = mended.bytes.escape_ascii().to_string();
    Ok((text.replace("\\r\\n", "|"), mended.end.framing, mended.end.is_doubtful))
}

fn lines_of(lines: &str) -> Result<(String, Framing, bool), String> {
    mended(format!("HTTP/1.1 200 OK\r\n{lines}\r\n").as_bytes())
        .map(|(text, framing, doubt)| (text["HTTP/1.1 200 OK|".len()..].to_owned(), framing, doubt))
}

fn http10(lines: &str) -> Result<(String, Framing, bool), String> {
    mended(format!("HTTP/1.0 200 OK\r\n{lines}\r\n").as_bytes())
        .map(|(text, framing, doubt)| (text["HTTP/1.0 200 OK|".len()..].to_owned(), framing, doubt))
}

fn ok(text: &str, framing: Framing, doubt: bool) -> Result<(String, Framing, bool), String> {
    Ok((text.to_owned(), framing, doubt))
}

#[test]
fn a_line_that_browsers_read_is_mended_and_one_that_http_cannot_carry_is_dropped() {
    let five = Framing::Length(5);
    for (sent, expected) in [
        ("X-Powered-By : app\r\nContent-Length: 5\r\n", "X-Powered-By: app|Content-Length: 5||"),
        ("Content-Type\t \t: text/html\r\nContent-Length: 5\r\n", "Content-Type: text/html|Content-Length: 5||"),
        ("X-Long: one\r\n two\r\nContent-Length: 5\r\n", "X-Long: one two|Content-Length: 5||"),
        ("Set-Cookie: a=1; \r\n\t \tPath=/\r\nContent-Length: 5\r\n", "Set-Cookie: a=1; Path=/|Content-Length: 5||"),
        ("A: b\r\n \r\n\tc\r\nContent-Length: 5\r\n", "A: b c|Content-Length: 5||"),
        ("A: b;\n c\r\nContent-Length: 5\n", "A: b; c|Content-Length: 5||"),
        ("A:\r\n b\r\nContent-Length: 5\r\n", "A: b|Content-Length: 5||"),
        ("preload\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        ("preload\r\n more: of it\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        (" first: folded\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        ("Cache Control: no-cache\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        ("X-Foo(1): a\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        ("X Original Content Length: 9\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        ("X-Transfer-Encoding(s): gzip\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        ("Connection Id: 9\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        (": a\r\nContent-Length: 5\r\n", "Content-Length: 5||"),
        ("A: b\x01c\x7fd\re\r\nContent-Length: 5\r\n", "A: b c d e|Content-Length: 5||"),
        ("A: b\r\r\nContent-Length: 5\r\n", "A: b|Content-Length: 5||"),
        ("A: b \r \r\r\nB:\r\r\nContent-Length: 5\r\n", "A: b|B: |Content-Length: 5||"),
        ("cOOkie-x:  \t v \t\r\ncOnTent-lEngth:5\r\n", "cOOkie-x: v|cOnTent-lEngth: 5||"),
    ] {
        let (text, framing, doubt) = lines_of(sent).unwrap_or_else(|error| panic!("{sent:?}: {error}"));
        assert_eq!((text.as_str(), framing, doubt), (expected, five, false), "{sent:?}");
    }
    let latin = mended(b"HTTP/1.1 200 OK\r\nX-Gr\xf6\xdfe: a\r\nA: \xe9\r\nContent-Length: 5\r\n\r\n").unwrap();
    assert_eq!(latin.0, "HTTP/1.1 200 OK|A: \\xe9|Content-Length: 5||");
}

#[test]
fn the_status_line_is_read_as_browsers_read_it() {
    for (sent, expected) in [
        ("HTTP/1.1 404 Nicht gefunden \u{e9}", "HTTP/1.1 404 Nicht gefunden \\xc3\\xa9|"),
        ("HTTP/1.1 200", "HTTP/1.1 200 |"),
        ("HTTP/1.1  200   Fine", "HTTP/1.1 200 Fine|"),
        ("HTTP/1.1\t200 Fine", "HTTP/1.1 200 Fine|"),
        ("http/1.1 200 OK", "HTTP/1.1 200 OK|"),
        ("HTTP/1.9 200 OK", "HTTP/1.1 200 OK|"),
        ("HTTP/1.1 200OK", "HTTP/1.1 200 OK|"),
        ("HTTP/1.1 200 a\x02b", "HTTP/1.1 200 a b|"),
        ("\r\n\nHTTP/1.1 200 OK", "HTTP/1.1 200 OK|"),
        ("\u{feff}HTTP/1.1 200 OK", "HTTP/1.1 200 OK|"),
        ("\u{feff}\r\nHTTP/1.1 200 OK", "HTTP/1.1 200 OK|"),
    ] {
        let head = format!("{sent}\r\nContent-Length: 5\r\n\r\n");
        let (text, framing, _) = mended(head.as_bytes()).unwrap_or_else(|error| panic!("{sent:?}: {error}"));
        assert_eq!((text, framing), (format!("{expected}Content-Length: 5||"), Framing::Length(5)), "{sent:?}");
    }
    for (sent, said) in [
        ("hello secret", "no HTTP/ at its beginning"),
        ("\u{15}\u{3}\u{1}\0\u{2}\u{2}(", "it speaks TLS, which upstream = \"https://…\" would"),
        ("\u{feff}hello secret", "no HTTP/ at its beginning"),
        ("\u{fefe}HTTP/1.1 200 OK", "no HTTP/ at its beginning"),
        ("HTTP/2 200 OK", "\"HTTP/2 200 OK\""),
        ("HTTP/2.0 200 OK", "\"HTTP/2.0 200 OK\""),
        ("HTTP/1.1 20 OK", "\"HTTP/1.1 20 OK\""),
        ("HTTP/1.1 2000 OK", "\"HTTP/1.1 2000 OK\""),
        ("HTTP/1.1 099 OK", "\"HTTP/1.1 099 OK\""),
        ("HTTP/1.1200 OK", "\"HTTP/1.1200 OK\""),
    ] {
        let error = mended(format!("{sent}\r\n\r\n").as_bytes()).unwrap_err();
        assert_eq!(error, format!("first line is no status line of http/1: {said}"));
    }
}

#[test]
fn a_malformed_line_about_framing_is_refused_and_quoted() {
    for line in [
        "Content-Length : 5",
        "Content-Length\t: 5",
        "Content Length: 5",
        "Content\x0b-Length: 5",
        "Content-Length\u{a0}: 5",
        "\x01content-length: 5",
        "(Content-Length): 5",
        "A\r\n Content-Length: 5",
        "A\rContent-Length: 5",
        "A\x0bConnection: close",
        "Content-Length:\r\n 5",
        "Content-Length: 5\r\n 6",
        "Content-Length 5",
        " Content-Length: 5",
        "Transfer-Encoding : chunked",
        "Transfer\u{ad}-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked",
        "Transfer-Encoding",
        "X:\r\nTransfer Encoding: chunked",
        "Connection : close",
        "Con nection: close",
        "Upgrade : h2c",
        "\"upgrade\": h2c",
    ] {
        let error = lines_of(&format!("A: b\r\n{line}\r\nContent-Type: text/html\r\n").replacen(
            "A: b\r\n",
            if line.starts_with(' ') { "" } else { "A: b\r\n" },
            1,
        ))
        .unwrap_err();
        assert!(error.starts_with("malformed line about framing: \""), "{line:?}: {error}");
    }
    let long = lines_of(&format!("Content Length: {}\r\n", "7".repeat(500))).unwrap_err();
    assert!(long.len() < 200 && long.ends_with("…\""), "{long}");
}

#[test]
fn an_odd_length_is_read_where_it_says_one_thing_and_refused_where_it_does_not() {
    let five = Framing::Length(5);
    assert_eq!(lines_of("Content-Length: 5\r\n"), ok("Content-Length: 5||", five, false));
    for one in
        ["Content-Length: 5, 5\r\n", "Content-Length: 005\r\n", "Content-Length: 5\r\nA: b\r\ncontent-length: 05\r\n"]
    {
        let (text, framing, doubt) = lines_of(one).unwrap();
        assert_eq!(
            (text.replace("A: b|", ""), framing, doubt),
            ("Content-Length: 5||".to_owned(), five, true),
            "{one:?}"
        );
    }
    let returns = lines_of("Content-Length: 5\r\r\nTransfer-Encoding: identity\r\r\n");
    assert_eq!(returns, ok("Content-Length: 5||", five, true));
    for two in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: 5,\r\n",
        "Content-Length: 5\r\nContent-Length: x\r\n",
    ] {
        for close in ["", "Connection: close\r\n"] {
            let error = lines_of(&format!("{two}{close}")).unwrap_err();
            assert!(error.starts_with("contradiction about framing: \"Content-Length: "), "{two:?} {error}");
        }
    }
    for none in ["", "+5", "-5", "0x5", "5 bytes", "5;", "99999999999999999999", "x", ",", "5\x01", "\x0c5"] {
        let line = format!("Content-Length: {none}\r\n");
        assert_eq!(
            look(format!("HTTP/1.1 200 OK\r\n{line}\r\n").as_bytes(), AskedFor::Whole),
            FirstLook::Odd,
            "{none:?}"
        );
        let error = lines_of(&line).unwrap_err();
        assert!(error.starts_with("unreadable length: \"Content-Length: "), "{none:?} {error}");
        assert_eq!(
            lines_of(&format!("{line}Connection: x, Close\r\n")),
            ok("Connection: x, Close||", Framing::ToEnd, true),
            "{none:?}"
        );
        assert_eq!(http10(&line), ok("|", Framing::ToEnd, true), "{none:?}");
        assert!(http10(&format!("{line}Connection: Keep-Alive\r\n")).is_err(), "{none:?}");
    }
}

#[test]
fn identity_changes_nothing_and_another_coding_is_refused() {
    assert_eq!(
        lines_of("Transfer-Encoding: identity\r\nContent-Length: 5\r\n"),
        ok("Content-Length: 5||", Framing::Length(5), true)
    );
    assert_eq!(lines_of("Transfer-Encoding: Identity\r\n"), ok("|", Framing::ToEnd, true));
    assert_eq!(lines_of("Transfer-Encoding:\r\n"), ok("|", Framing::ToEnd, true));
    assert_eq!(lines_of("Transfer-Encoding: Chunked\r\n"), ok("Transfer-Encoding: chunked||", Framing::Chunked, false));
    let chunked = || ok("Transfer-Encoding: chunked||", Framing::Chunked, true);
    assert_eq!(lines_of("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), chunked());
    assert_eq!(lines_of("Transfer-Encoding: identity, chunked\r\n"), chunked());
    assert_eq!(lines_of("Transfer-Encoding: chunked, identity\r\n"), chunked());
    assert_eq!(lines_of("Content-Length: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n"), chunked());
    for coding in ["gzip, chunked", "gzip", "chunked;q=1", "xchunked", "chunked\x0b", "\x0cchunked", "\"chunked\""] {
        let error = lines_of(&format!("Transfer-Encoding: {coding}\r\n")).unwrap_err();
        assert!(error.starts_with("unknown transfer coding: \"Transfer-Encoding: "), "{error}");
        let bodiless = |status: &str, asked| {
            mended_for(format!("HTTP/1.1 {status}\r\nTransfer-Encoding: {coding}\r\n\r\n").as_bytes(), asked)
        };
        for answer in [bodiless("200 OK", AskedFor::Head), bodiless("304 Not", AskedFor::Whole)] {
            assert!(matches!(answer, Ok((_, Framing::Nothing, true))), "{answer:?}");
        }
    }
}

#[test]
fn chunks_of_http10_are_read_to_the_end_where_the_connection_ends_there() {
    assert_eq!(http10("Transfer-Encoding: chunked\r\n"), ok("|", Framing::ToEndMaybeChunked, true));
    for lines in [
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n",
    ] {
        assert!(http10(lines).unwrap_err().starts_with("contradiction about framing: \"Transfer-Encoding: chunked\""));
    }
}

#[test]
fn an_answer_without_a_body_keeps_what_it_says_of_lengths() {
    for (head, asked) in [("200 OK", AskedFor::Head), ("204 No", AskedFor::Whole), ("304 Not", AskedFor::Whole)] {
        let (text, framing, _) =
            mended_for(format!("HTTP/1.1 {head}\r\nA : b\r\nContent-Length: 9\r\n\r\n").as_bytes(), asked).unwrap();
        assert_eq!((text, framing), (format!("HTTP/1.1 {head}|A: b|Content-Length: 9||"), Framing::Nothing));
    }
    let interim =
        mend(b"HTTP/1.1 103 Early\r\nLink : </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", AskedFor::Whole).unwrap().unwrap();
    assert_eq!(
        (interim.end.framing, interim.bytes.as_slice()),
        (Framing::Interim, &b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n"[..])
    );
    let switched = mend(b"HTTP/1.1 101 Now\r\nUpgrade: websocket\r\nA : b\r\n\r\n", AskedFor::Whole).unwrap().unwrap();
    assert_eq!(switched.end.framing, Framing::Nothing);
}

#[test]
fn a_plain_head_is_plain_and_every_part_of_it_is_not_whole() {
    let head = b"HTTP/1.1 200 OK\r\nServer: a\tb \xe9\r\nTransfer-Encoding: chunked\r\nX_y.z:\r\n\r\n";
    let end = HeadEnd { length: head.len(), framing: Framing::Chunked, is_doubtful: false };
    assert_eq!(look(head, AskedFor::Whole), FirstLook::Plain(end));
    assert_eq!(look(&[&head[..], b"5\r\n"].concat(), AskedFor::Whole), FirstLook::Plain(end));
    for end in 0..head.len() {
        assert_eq!(look(&head[..end], AskedFor::Whole), FirstLook::Partial, "{end}");
        assert_eq!(mend(&head[..end], AskedFor::Whole), Ok(None), "{end}");
    }
    assert_eq!(mend(head, AskedFor::Whole).unwrap().unwrap().notes, HeadNotes::default());
}

#[test]
fn what_is_beyond_the_bounds_or_holds_a_nul_is_refused() {
    let lines = |count: usize| format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(count));
    assert!(matches!(look(lines(100).as_bytes(), AskedFor::Whole), FirstLook::Plain(_)));
    assert_eq!(look(lines(101).as_bytes(), AskedFor::Whole), FirstLook::Odd);
    assert_eq!(mended(lines(101).as_bytes()).unwrap_err(), "more than 100 header lines");
    for head in ["HTTP/1.1 200 O\0K\r\n\r\n", "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", "HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n"] {
        assert_eq!(mended(head.as_bytes()).unwrap_err(), "head holds a NUL");
    }
}

#[test]
fn lines_are_counted_as_they_are_handed_on() {
    let long = format!("A: b{}\r\nContent-Length: 5\r\n", "\r\n c".repeat(150));
    let (text, framing, _) = lines_of(&long).unwrap();
    assert_eq!((text.matches('|').count(), framing), (3, Framing::Length(5)));
    let many = "no colon\r\nbad name: a\r\n".repeat(150);
    assert_eq!(lines_of(&format!("{many}Content-Length: 5\r\n")), ok("Content-Length: 5||", Framing::Length(5), false));
    let lines = |count| lines_of(&format!("{many}{}", "A: b\r\n c\r\n".repeat(count)));
    assert!(lines(100).is_ok());
    assert_eq!(lines(101), Err("more than 100 header lines".to_owned()));
}

#[test]
fn notes_name_lines_and_never_what_they_hold() {
    let head = b"HTTP/1.1 200 OK\r\nSet Cookie: s=secret\r\nsecret\r\nX-A : secret\r\nX-B : secret\r\nTransfer-Encoding: identity\r\n\r\n";
    let notes = mend(head, AskedFor::Whole).unwrap().unwrap().notes;
    assert_eq!(notes.dropped.unwrap().to_string(), "\"Set Cookie\": no name that HTTP has (and 1 more lines)");
    assert_eq!(notes.mended.unwrap().to_string(), "\"X-A\": a space before the colon (and 1 more lines)");
    assert_eq!(notes.framing.unwrap().to_string(), "\"Transfer-Encoding: identity\"");
    let notes = mend(b"HTTP/1.1 200 OK\r\nsecret\r\n\r\n", AskedFor::Whole).unwrap().unwrap().notes;
    assert_eq!(notes.dropped.unwrap().to_string(), "a line of 6 bytes: no name and colon at its beginning");
    // Without a colon of its own, what stands before the first one is a value: that of a date, or of a URL.
    for line in [
        "Set-Cookie SESSION=secret; Expires=Thu, 01 Jan 2030 00:00:00 GMT",
        "secret; Expires=Thu, 01 Jan 2030 00:00:00 GMT",
        "Location secret, https://a.example/",
        "Location https://a.example/?token=secret:1",
        "X-Token \"secret\": 1",
    ] {
        let head = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
        let notes = mend(head.as_bytes(), AskedFor::Whole).unwrap().unwrap().notes;
        let said = notes.dropped.unwrap().to_string();
        assert!(!said.contains("secret") && said.contains("no name that HTTP has"), "{line}: {said}");
    }
}
