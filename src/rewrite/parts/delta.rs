//! What ASP.NET answers to an UpdatePanel: records `LENGTH|TYPE|ID|CONTENT|`, whose lengths count what scripts count.
//!
//! In: the whole text. Out: the same with slots filled in the panels, and a redirect to Sigma to the stable link. Always: every other
//! byte stays, and each length is that of its content. A text whose lengths are not right stays as it is.

use percent_encoding::percent_decode_str;
use url::form_urlencoded::byte_serialize;

use super::{Patched, of_one_answer, rewrite_part};
use crate::{
    limits::DELTA_DIGITS_MAX,
    rewrite::{Change, Heard, HtmlSettings, SlotFiller, SlotKind, Untouched, Wanted, markup::BYTE_ORDER_MARK},
};

/// Whether a body begins as such an answer does.
pub(in crate::rewrite) fn begins(first: &[u8]) -> bool {
    let text = first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first);
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=DELTA_DIGITS_MAX).contains(&digits) && text.get(digits) == Some(&b'|')
}

/// The new text and what that does to the head; `Ok(None)` where it stays as it is. And what was minted and noted.
pub(crate) fn rewrite_delta<F: SlotFiller>(bytes: &[u8], settings: &HtmlSettings, mut filler: F) -> (Patched, Heard) {
    let mark = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let is_read = settings.charset.is_none_or(|charset| charset == encoding_rs::UTF_8) || bytes.is_ascii();
    let Some(text) = std::str::from_utf8(&bytes[mark..]).ok().filter(|_| is_read) else {
        return (Err(Untouched::Charset), filler.take_heard());
    };
    let Some(records) = records(text) else { return (Err(Untouched::BrokenDelta), filler.take_heard()) };
    let (mut out, mut change) = (bytes[..mark].to_vec(), None);
    for record in &records {
        let done;
        (done, filler) = match record.kind {
            PANEL => {
                let (part, filler) = rewrite_part(record.content.as_bytes(), settings, filler);
                (part.and_then(|(bytes, change)| Some((String::from_utf8(bytes).ok()?, change))), filler)
            }
            REDIRECT => redirect(record.content, filler),
            _ => (None, filler),
        };
        let content = done.as_ref().map_or(record.content, |(content, _)| content);
        change = change.max(done.as_ref().map(|(_, change)| *change));
        let Record { kind, id, .. } = record;
        out.extend_from_slice(format!("{}|{kind}|{id}|{content}|", units(content)).as_bytes());
    }
    let panels = records.iter().filter(|record| record.kind == PANEL).count();
    (Ok(change.map(|change| (out, change))), of_one_answer(filler.take_heard(), panels))
}

/// What a panel shows from now on.
const PANEL: &str = "updatePanel";
/// Where the script goes, as a component of a URL.
const REDIRECT: &str = "pageRedirect";

struct Record<'t> {
    kind: &'t str,
    id: &'t str,
    content: &'t str,
}

/// All records; `None` where the text is no list of them, or would be written with other lengths.
fn records(mut text: &str) -> Option<Vec<Record<'_>>> {
    let mut records = Vec::new();
    while !text.is_empty() {
        let (length, rest) = text.split_once('|')?;
        let (kind, rest) = rest.split_once('|')?;
        let (id, rest) = rest.split_once('|')?;
        let wanted: usize = length.parse().ok().filter(|wanted: &usize| wanted.to_string() == length)?;
        let (content, rest) = rest.split_at(place_of(rest, wanted)?);
        text = rest.strip_prefix('|')?;
        records.push(Record { kind, id, content });
    }
    Some(records)
}

/// How long a text is to a script: in units of UTF-16.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Where so many units of a text end.
fn place_of(text: &str, wanted: usize) -> Option<usize> {
    let mut left = wanted;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return Some(at);
        }
        left = left.checked_sub(c.len_utf16())?;
    }
    (left == 0).then_some(text.len())
}

fn redirect<F: SlotFiller>(content: &str, mut filler: F) -> (Option<(String, Change)>, F) {
    let url = percent_decode_str(content).decode_utf8_lossy();
    let wanted = Wanted { kind: SlotKind::Anchor, embed: None, url: Some(&url), controls: &[], frames: None };
    let site = filler.landmarks().site_origin.clone();
    let filled = filler.landmarks().may_lead_to_sigma(&url).then(|| filler.fill(&wanted)).flatten();
    let content = |link: &str| byte_serialize(format!("{site}{link}").as_bytes()).collect::<String>();
    (filled.map(|filled| (content(&filled.link), Change::Anchors)), filler)
}
