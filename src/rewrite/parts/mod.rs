//! Parts of a page that come to a script, which puts them in: each is HTML of its own, and what is open in one ends with it.
//!
//! In: the whole XML of such an answer. Out: the same with slots filled in its CDATA sections that are markup, in what of it is XHTML,
//! and in a redirect. Always: what is no such section, script and state among it, stays.

pub(super) mod delta;

use std::borrow::Cow;

use memchr::memmem;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use self::delta::rewrite_delta;
use crate::rewrite::{
    Change, Heard, HtmlRewriter, HtmlSettings, Note, SlotFiller, Syntax, Untouched,
    media::sniff::{CDATA, begins_as_markup},
    patch::{Patch, patched},
};

/// A new text and what that does to the head; none where it stays as it is.
pub(crate) type Patched = Result<Option<(Vec<u8>, Change)>, Untouched>;

const CDATA_END: &[u8] = b"]]>";
/// How a text that has the end of a section in it is written: in two, one right behind the other. Pages have `//]]>` in their scripts.
const CDATA_END_WITHIN: &[u8] = b"]]]]><![CDATA[>";

/// The new XML and what that does to the head, if it is another one; and what was minted and noted.
pub(crate) fn rewrite_parts<F: SlotFiller>(xml: &[u8], settings: &HtmlSettings, mut filler: F) -> (Patched, Heard) {
    let of_part = HtmlSettings { syntax: Syntax::Html, ..settings.clone() };
    let (mut edits, mut change, mut parts, mut at) = (Vec::new(), None, 0, 0);
    while let Some((start, end)) = section(xml, at) {
        at = end;
        let content = &xml[start..end];
        if !begins_as_markup(content) {
            continue;
        }
        parts += 1;
        let done;
        (done, filler) = rewrite_part(&replaced(content, CDATA_END_WITHIN, CDATA_END), &of_part, filler);
        if let Some((content, of_part)) = done {
            change = change.max(Some(of_part));
            let text = replaced(&content, CDATA_END, CDATA_END_WITHIN).into_owned();
            edits.push(Patch { at: start..end, text });
        }
    }
    let joined = (!edits.is_empty()).then(|| patched(xml, &edits));
    // What stands around the sections; inserts go into a part, where there is one.
    let inserts = if parts == 0 { settings.inserts.clone() } else { Vec::new() };
    let around = HtmlSettings { syntax: Syntax::Parts, inserts, ..settings.clone() };
    let (done, mut filler) = rewrite_part(joined.as_deref().unwrap_or(xml), &around, filler);
    change = change.max(done.as_ref().map(|(_, change)| *change));
    let out = done.map(|(out, _)| out).or(joined);
    (Ok(out.zip(change)), of_one_answer(filler.take_heard(), parts))
}

/// Where the content of the next CDATA section stands, with those that go on with its text; none where no whole one follows.
fn section(xml: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from + memmem::find(&xml[from..], CDATA)? + CDATA.len();
    let mut searched = start;
    loop {
        let end = searched + memmem::find(&xml[searched..], CDATA_END)?;
        let goes_on = end >= start + 2 && xml[end - 2..].starts_with(CDATA_END_WITHIN);
        if !goes_on {
            return Some((start, end));
        }
        searched = end - 2 + CDATA_END_WITHIN.len();
    }
}

fn replaced<'t>(text: &'t [u8], old: &[u8], new: &[u8]) -> Cow<'t, [u8]> {
    let edits: Vec<_> = memmem::find_iter(text, old).map(|at| Patch { at: at..at + old.len(), text: new }).collect();
    if edits.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(patched(text, &edits)) }
}

/// A part's new content, if it has another one.
pub(super) fn rewrite_part<F: SlotFiller>(
    part: &[u8],
    settings: &HtmlSettings,
    filler: F,
) -> (Option<(Vec<u8>, Change)>, F) {
    let (mut rewriter, mut out) = (HtmlRewriter::new(settings, filler), Vec::new());
    rewriter.push(part, &mut out);
    rewriter.end(&mut out);
    let change = rewriter.is_changed().then(|| rewriter.change());
    (change.map(|change| (out, change)), rewriter.into_filler())
}

/// What was noted of each part, as it is noted of an answer: an insert may have found its element in any of them.
pub(super) fn of_one_answer(heard: Heard, parts: usize) -> Heard {
    // Of which there are few, however many parts an answer has.
    let mut kinds: Vec<(Note, usize)> = Vec::new();
    for note in heard.notes {
        match kinds.iter_mut().find(|(known, _)| *known == note) {
            Some((_, count)) => *count += 1,
            None => kinds.push((note, 1)),
        }
    }
    let is_of_answer = |(note, count): &(Note, usize)| !matches!(note, Note::InsertUnmatched(_)) || *count >= parts;
    let notes = kinds.into_iter().filter(is_of_answer).map(|(note, _)| note).collect();
    Heard { notes, ..heard }
}
