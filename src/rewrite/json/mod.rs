//! Sigma URLs inside a JSON answer: bytes are patched in place, so duplicates, spaces and number spellings stay.
//!
//! Taken is what a browser's `JSON.parse` takes of the answer, and what scripts are used to take off before or do beside it: a byte
//! order mark, a guard against other sites (`)]}',`), several texts on lines of their own, and JSON texts in strings that paths lead to
//! or through, or in the member `d` at the top, where ASP.NET puts its results.

mod page;
mod walk;

use std::sync::LazyLock;

pub(super) use self::page::is_json;
use self::walk::{Characters, JsonWalk, NotJson, Reached, Way, WayEnd};
use crate::{
    limits::JSON_TEXT_DEPTH_MAX,
    rewrite::{
        Change, JsonPath, Landmarks, Note, SlotFiller, SlotKind, Wanted,
        json_path::PathStep,
        markup::BYTE_ORDER_MARK,
        media::charset,
        patch::{Patch, patched},
    },
};

/// The patched document and what that does to the head; `Ok(None)` where no value is a Sigma URL of the site.
///
/// # Errors
/// Where the bytes are not JSON.
pub(crate) fn rewrite_json(
    bytes: &[u8],
    paths: &[&JsonPath],
    filler: &mut impl SlotFiller,
) -> Result<Option<(Vec<u8>, Change)>, NotJson> {
    let result = Way { steps: &*RESULT, end: WayEnd::Text, is_wild: false };
    let values = paths.iter().map(|path| Way { steps: path.steps(), end: WayEnd::Value, is_wild: false });
    let ways: Vec<Way<'_>> = values.chain([result]).collect();
    let mut patcher = Patcher { filler, ways: &ways, change: None, has_chosen: false, is_left: false };
    let edits = patcher.edits(bytes, walked(bytes, &ways)?, 0);
    let Patcher { change, has_chosen, is_left, .. } = patcher;
    if is_left {
        filler.note(Note::JsonValue);
    } else if !has_chosen && filler.landmarks().name_sigma(bytes) {
        filler.note(Note::JsonUnmatched);
    }
    Ok(change.map(|change| (patched(bytes, &edits), change)))
}

/// Whether JSON may hold a Sigma URL: anything else is not parsed.
pub(super) fn may_hold_url(bytes: &[u8], landmarks: &Landmarks) -> bool {
    let spells_host = |at| match bytes.get(at + 1..at + 6) {
        Some([b'u', b'0', b'0', digits @ ..]) => {
            let byte = std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
            // What escapes further, in a URL or in a JSON text within, counts too.
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'%' | b'\\'))
        }
        Some(_) | None => false,
    };
    landmarks.are_in(bytes) || memchr::memchr_iter(b'\\', bytes).any(spells_host)
}

/// Whether a body begins as JSON does that holds anything, or with what stands before it.
pub(super) fn begins(first: &[u8]) -> bool {
    let text = first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first).trim_ascii_start();
    let text = text.strip_prefix(&[RECORD]).unwrap_or(text);
    let is_text = |text: &[u8]| matches!(text, [b'{' | b'[', ..]);
    // A JSON text may stand in a string.
    let is_within = || text.strip_prefix(b"\"").is_some_and(|text| is_text(text.trim_ascii_start()));
    is_text(text) || is_within() || GUARDS.iter().any(|guard| text.starts_with(guard.as_bytes()))
}

/// What begins each text of a sequence (RFC 7464).
const RECORD: u8 = 0x1e;
/// What applications put before JSON, so that no page of another site can read it as a script; their own scripts take it off.
pub(super) const GUARDS: &[&str] = &[
    ")]}',",
    ")]}'",
    ")]}",
    "])}while(1);</x>",
    "while(1);",
    "while (1);",
    "for(;;);",
    "for (;;);",
    "throw 1;",
    "{}&&",
    "{} &&",
    "&&&START&&&",
    COMMENT_SECURE,
    COMMENT,
];
/// Guards that end behind the JSON.
const COMMENT_SECURE: &str = "/*-secure-";
const COMMENT: &str = "/*";
const COMMENT_END: &[u8] = b"*/";

/// The member that ASP.NET puts a result in, often as a JSON text of its own.
static RESULT: LazyLock<[PathStep; 1]> = LazyLock::new(|| [PathStep::Name("d".to_owned())]);

/// What the ways lead to, in one text or in several, each on lines of its own.
fn walked<'p>(bytes: &[u8], ways: &[Way<'p>]) -> Result<Vec<Reached<'p>>, NotJson> {
    let (start, is_comment) = begin(bytes);
    let mut walk = JsonWalk::new(bytes, start);
    loop {
        walk.at += gap(&bytes[walk.at..]).len();
        walk.text(ways)?;
        let rest = &bytes[walk.at..];
        let between = gap(rest);
        let rest = &rest[between.len()..];
        if rest.is_empty() || (is_comment && rest.starts_with(COMMENT_END) && rest.trim_ascii_end() == COMMENT_END) {
            return Ok(walk.reached);
        }
        if !between.iter().any(|byte| matches!(*byte, b'\n' | b'\r' | RECORD)) {
            return Err(NotJson);
        }
    }
}

/// Where the first text begins, and whether it stands in a comment.
fn begin(bytes: &[u8]) -> (usize, bool) {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = text.trim_ascii_start();
    let guard = GUARDS.iter().find(|guard| text.starts_with(guard.as_bytes()));
    let length = guard.map_or(0, |guard| guard.len());
    (bytes.len() - text.len() + length, guard.is_some_and(|guard| guard.starts_with(COMMENT)))
}

fn gap(bytes: &[u8]) -> &[u8] {
    let is_gap = |byte: &u8| matches!(*byte, b' ' | b'\t' | b'\n' | b'\r' | RECORD);
    &bytes[..bytes.iter().position(|byte| !is_gap(byte)).unwrap_or(bytes.len())]
}

struct Patcher<'f, 'p, F> {
    filler: &'f mut F,
    /// All paths, from their beginning.
    ways: &'p [Way<'p>],
    change: Option<Change>,
    /// Whether a path led to a string.
    has_chosen: bool,
    /// Whether a chosen value names Sigma and was left as it is.
    is_left: bool,
}

impl<'p, F: SlotFiller> Patcher<'_, 'p, F> {
    /// What becomes of the strings that were reached in a text.
    fn edits(&mut self, bytes: &[u8], reached: Vec<Reached<'p>>, depth: usize) -> Vec<Patch<String>> {
        let mut edits = Vec::new();
        for Reached { at, ways } in reached {
            let raw = &bytes[at.start + 1..at.end - 1];
            let is_chosen = ways.iter().any(|way| way.steps.is_empty() && way.end == WayEnd::Value);
            self.has_chosen |= is_chosen;
            let url = if is_chosen { Some(text_of(raw)) } else { None };
            if let Some(url) = url.as_ref().and_then(|url| self.replacement(url)) {
                edits.push(Patch { at, text: literal(&url) });
                continue;
            }
            let inner = self.edits_inside(raw, &ways, depth);
            self.is_left |= inner.is_empty() && url.is_some_and(|url| self.filler.landmarks().are_in(url.as_bytes()));
            let start = at.start + 1;
            edits.extend(
                inner.into_iter().map(|Patch { at, text }| Patch { at: at.start + start..at.end + start, text }),
            );
        }
        edits
    }

    /// The URL that takes the place of one that is Sigma's.
    fn replacement(&mut self, url: &str) -> Option<String> {
        if self.filler.landmarks().is_own_path(url) {
            return None;
        }
        let wanted = Wanted { kind: SlotKind::Json, embed: None, url: Some(url), controls: &[], frames: None };
        let filled = self.filler.fill(&wanted)?;
        let (url, change) = match &filled.signed {
            Some(signed) => (signed.expose().to_owned(), Change::Signed),
            None => (format!("{}{}", self.filler.landmarks().site_origin, filled.link), Change::Links),
        };
        self.change = self.change.max(Some(change));
        Some(url)
    }

    /// The same in a string that is a JSON text itself, where a path leads to it by its name or index; the places are those of the string as it is written.
    fn edits_inside(&mut self, raw: &[u8], ways: &[Way<'p>], depth: usize) -> Vec<Patch<String>> {
        let first = Characters::of(raw).map(|([byte, ..], _)| byte).find(|byte| !byte.is_ascii_whitespace());
        if depth == JSON_TEXT_DEPTH_MAX || !matches!(first, Some(b'{' | b'[')) {
            return Vec::new();
        }
        // What somebody wrote into any of the strings that are there may look like a text; a rule has to name the one that is.
        let (ended, mut inside): (Vec<Way<'p>>, Vec<Way<'p>>) =
            ways.iter().filter(|way| !way.is_wild).partition(|way| way.steps.is_empty());
        if !ended.is_empty() {
            inside.extend_from_slice(self.ways);
        }
        if inside.is_empty() {
            return Vec::new();
        }
        let text = unescaped(raw);
        let Ok(reached) = walked(&text, &inside) else { return Vec::new() };
        let edits = self.edits(&text, reached, depth + 1);
        written(raw, edits)
    }
}

/// Edits of a text, as edits of the string that it is written in.
fn written(raw: &[u8], edits: Vec<Patch<String>>) -> Vec<Patch<String>> {
    let mut characters = Characters::of(raw);
    let mut position = 0;
    // Places are asked for in order.
    let mut place = |wanted: usize| {
        while position < wanted {
            match characters.next() {
                Some((_, length)) => position += length,
                None => break,
            }
        }
        characters.place()
    };
    let mut write = |Patch { at, text }: Patch<String>| {
        let text = literal(&text);
        Patch { at: place(at.start)..place(at.end), text: text[1..text.len() - 1].to_owned() }
    };
    edits.into_iter().map(&mut write).collect()
}

/// What a string says.
fn text_of(raw: &[u8]) -> String {
    charset::utf8_or_old(&unescaped(raw)).into_owned()
}

fn unescaped(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    for (bytes, length) in Characters::of(raw) {
        text.extend_from_slice(&bytes[..length]);
    }
    text
}

fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
