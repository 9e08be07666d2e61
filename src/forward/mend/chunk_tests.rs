use super::*;

/// What a reading gives of a body that comes in pieces of so many bytes, whether it is over, and whether it was loose.
fn read(
    read: impl Fn(&mut ChunkWalk, &[u8], &mut Vec<u8>) -> Result<usize, ChunkError>,
    (body, step): (&[u8], usize),
) -> Result<(String, bool, bool), ChunkError> {
    let (mut walk, mut out) = (ChunkWalk::new(), Vec::new());
    for piece in body.chunks(step) {
        read(&mut walk, piece, &mut out)?;
    }
    Ok((out.escape_ascii().to_string(), walk.is_done(), walk.is_loose()))
}

#[test]
fn chunks_are_read_in_any_pieces_whichever_lines_end_with_bare_line_feeds() {
    let mended = "7\\r\\nOK-BODY\\r\\n3\\r\\nabc\\r\\n00\\r\\n\\r\\n";
    let strict = "7\r\nOK-BODY\r\n3\r\nabc\r\n00\r\n\r\n";
    let feeds: Vec<usize> = strict.match_indices("\r\n").map(|(at, _)| at).collect();
    let looses = feeds.iter().map(|at| [&strict[..*at], &strict[at + 1..]].concat());
    for body in looses.chain([strict.replace("\r\n", "\n"), strict.to_owned()]) {
        let is_loose = body != strict;
        for step in 1..=body.len() {
            let behind = [body.as_bytes(), b"GET"].concat();
            assert_eq!(
                read(ChunkWalk::mended, (&behind, step)),
                Ok((mended.into(), true, is_loose)),
                "{body:?} {step}"
            );
            assert_eq!(read(ChunkWalk::undone, (&behind, step)), Ok(("OK-BODYabc".into(), true, is_loose)));
        }
        let letter = ChunkWalk::new().by_the_letter(body.as_bytes());
        assert_eq!(letter == body.len(), !is_loose, "{body:?}");
        assert!(mended.starts_with(&body[..letter].escape_default().to_string()), "{body:?}");
    }
}

#[test]
fn extensions_are_not_passed_on_whatever_they_are() {
    for (line, is_loose) in
        [("1 \t\r\n", false), ("1;a=\"b\"\r\n", false), ("1 ; \0\r\n", false), ("1 (one)\r\n", false), ("1;a\n", true)]
    {
        let body = format!("{line}a\r\n{line}b\r\n0;last\r\n\r\n");
        for step in [1, 2, 3, 100] {
            let expected = Ok(("1\\r\\na\\r\\n1\\r\\nb\\r\\n0\\r\\n\\r\\n".into(), true, is_loose));
            assert_eq!(read(ChunkWalk::mended, (body.as_bytes(), step)), expected, "{line:?} {step}");
        }
    }
    let many = format!("{}0\r\n\r\n", format!("1;{}\r\na\r\n", "e".repeat(30_000)).repeat(20));
    let expected = format!("{}0\\r\\n\\r\\n", "1\\r\\na\\r\\n".repeat(20));
    assert_eq!(read(ChunkWalk::mended, (many.as_bytes(), 1_000)), Ok((expected, true, false)));
}

#[test]
fn trailers_are_not_passed_on_whatever_they_are() {
    let letter = "1\\r\\na\\r\\n0\\r\\n\\r\\n";
    for (trailers, is_loose) in [
        ("A: b\r\n", false),
        ("no trailer\r\nA : b\r\n folded\r\n\0\r\n", false),
        ("A: b\n", true),
        ("A: b\r\nB: c\nC: d\r\n", true),
        ("A\r: b\r\n", false),
    ] {
        let body = format!("1\r\na\r\n0\r\n{trailers}\r\n");
        for step in 1..=body.len() {
            let read = read(ChunkWalk::mended, (body.as_bytes(), step));
            assert_eq!(read, Ok((letter.into(), true, is_loose)), "{trailers:?} {step}");
        }
    }
    let many = format!("0\r\n{}", "A: b\r\n".repeat(20_000));
    assert_eq!(read(ChunkWalk::mended, (many.as_bytes(), 1_000)), Err(ChunkError::TooLong));
}

#[test]
fn what_is_no_chunk_is_found_to_be_none() {
    for (body, expected) in [
        ("zz\n", ChunkError::Size),
        ("\r\n", ChunkError::Size),
        (" 7\r\n", ChunkError::Size),
        ("0x7\r\n", ChunkError::Size),
        ("7\rOK-BODY\r0\r\r", ChunkError::Size),
        ("7\r\r\n", ChunkError::Size),
        ("7;a\rb\r\n", ChunkError::Size),
        ("10000000000000007\r\n", ChunkError::Size),
        ("7\nOK-BODYx\n0\n\n", ChunkError::Longer),
        ("1\r\na\r\r\n", ChunkError::Longer),
        ("1\r\na\r\n0\r\n\rx", ChunkError::Ending),
    ] {
        for step in [1, 2, 4, 100] {
            assert_eq!(read(ChunkWalk::mended, (body.as_bytes(), step)), Err(expected), "{body:?} {step}");
            assert_eq!(read(ChunkWalk::undone, (body.as_bytes(), step)), Err(expected), "{body:?} {step}");
        }
    }
    assert_eq!(read(ChunkWalk::mended, (b"5\nab", 4)), Ok(("5\\r\\nab".into(), false, true)));
}

#[test]
fn the_first_line_of_a_body_shows_whether_it_is_in_chunks() {
    for (body, expected) in [
        ("", BodyStart::Unknown),
        ("1f", BodyStart::Unknown),
        ("1f;x", BodyStart::Unknown),
        ("1f\r\n", BodyStart::Size),
        ("1f ;x\r\nab", BodyStart::Size),
        ("1f\nab\r\n", BodyStart::Size),
        ("<p>", BodyStart::NoSize),
        ("1<p>\r\n", BodyStart::NoSize),
        ("\r\n", BodyStart::NoSize),
        ("add to it", BodyStart::Unknown),
        ("1234567890123456", BodyStart::NoSize),
    ] {
        assert_eq!(BodyStart::of(body.as_bytes()), expected, "{body:?}");
    }
    assert_eq!(BodyStart::of(&[b"1;".as_slice(), &[b'x'; 5_000]].concat()), BodyStart::NoSize);
}
