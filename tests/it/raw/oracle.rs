//! The ways in which host applications read a path, written anew: the judge of what may arrive without a session.

use std::collections::BTreeSet;

/// Every path that some server makes of `target`'s path: decoding, merging, cutting and folding in any order, dot
/// segments resolved.
pub(crate) fn readings(target: &str) -> BTreeSet<String> {
    let path: String = target.split('?').next().unwrap_or_default().to_owned();
    let mut readings = BTreeSet::from([path.clone()]);
    let mut open = vec![path];
    while let Some(reading) = open.pop() {
        for read in [decode, slashes, merge, resolve, cut_parameters, cut_query, widths, trim, fold] {
            let other = read(&reading);
            if readings.len() < 512 && readings.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    readings
}

/// Whether every reading stays below `/public/` and out of `/public/staff/`.
pub(crate) fn is_public(target: &str) -> bool {
    readings(target).iter().map(|reading| fold(reading)).all(|reading| {
        let is_below =
            |prefix: &str| reading.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        is_below("/public") && !is_below("/public/staff")
    })
}

/// Bytes are letters of U+0000 to U+00FF here.
fn decode(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        let escaped = rest.strip_prefix('%').and_then(|digits| digits.get(..2));
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &rest[3..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

fn slashes(path: &str) -> String {
    path.replace('\\', "/")
}

fn merge(path: &str) -> String {
    let mut out = path.to_owned();
    while out.contains("//") {
        out = out.replace("//", "/");
    }
    out
}

/// RFC 3986 5.2.4.
fn resolve(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Servlet path parameters.
fn cut_parameters(path: &str) -> String {
    path.split('/').map(|segment| segment.split(';').next().unwrap_or_default()).collect::<Vec<_>>().join("/")
}

fn cut_query(path: &str) -> String {
    path.split(['?', '#', '\0']).next().unwrap_or_default().to_owned()
}

/// Overlong UTF-8 and full-width forms of the characters that matter.
fn widths(path: &str) -> String {
    let forms = [
        ("\u{c0}\u{ae}", "."),
        ("\u{e0}\u{80}\u{ae}", "."),
        ("\u{c0}\u{af}", "/"),
        ("\u{e0}\u{80}\u{af}", "/"),
        ("\u{f0}\u{80}\u{80}\u{ae}", "."),
        ("\u{f0}\u{80}\u{80}\u{af}", "/"),
        ("\u{c0}\u{80}", "\0"),
        ("\u{c1}\u{9c}", "\\"),
        ("\u{ef}\u{bc}\u{8e}", "."),
        ("\u{ef}\u{bc}\u{8f}", "/"),
        ("\u{ef}\u{bc}\u{bc}", "\\"),
    ];
    forms.iter().fold(path.to_owned(), |path, (wide, plain)| path.replace(wide, plain))
}

/// Windows ignores dots and spaces at the end of a name; some trim every white space.
fn trim(path: &str) -> String {
    let name = |segment: &str| {
        let trimmed = segment.trim();
        let is_dots = matches!(trimmed, "." | "..");
        if is_dots { trimmed.to_owned() } else { trimmed.trim_end_matches(['.', ' ']).to_owned() }
    };
    path.split('/').map(name).collect::<Vec<_>>().join("/")
}

fn fold(path: &str) -> String {
    path.to_ascii_lowercase()
}

#[test]
fn the_judge_sees_through_every_disguise() {
    for target in [
        "/admin",
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/%252e%252e%252fadmin",
        "/public/..%5cadmin",
        "/public/..;/admin",
        "/public/.%2e;x/admin",
        "/public/%c0%ae%c0%ae/admin",
        "/public/%ef%bc%8e%ef%bc%8e%ef%bc%8fadmin",
        "/public/staff",
        "/public//staff/x",
        "/public/STAFF",
        "/public/%73taff;x/y",
        "/public/staff%3fx",
        "/public/staff%20/x",
        "/publicity",
    ] {
        assert!(!is_public(target), "{target}: {:?}", readings(target));
    }
    for target in ["/public", "/public/a", "/public/a%2Fb%20c%2B?x=/../admin", "/public/a;b/c", "/public/staffing"] {
        assert!(is_public(target), "{target}: {:?}", readings(target));
    }
}
