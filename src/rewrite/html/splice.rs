//! A stream of bytes with edits at known places: everything else comes out as it went in, by construction.

use std::collections::VecDeque;

/// Replaces the source bytes from `start` to `end` (counted from the start of the page).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: EditText,
}

/// What comes in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EditText {
    /// This text.
    Markup(String),
    /// This (encoded) attribute value, with quotes if the source has none around it.
    Value(String),
}

impl Edit {
    /// An insertion.
    pub(super) fn insert(at: usize, markup: String) -> Self {
        Self { start: at, end: at, text: EditText::Markup(markup) }
    }
}

/// Copies source bytes to `out` and applies the edits on the way.
#[derive(Debug, Default)]
pub(super) struct Splicer {
    pub(super) out: Vec<u8>,
    position: usize,
    previous: u8,
    skip_until: usize,
    edits: VecDeque<Edit>,
}

impl Splicer {
    /// Adds edits, in order, behind those that are there; none may lie before what has been written.
    pub(super) fn push(&mut self, edits: impl IntoIterator<Item = Edit>) {
        for edit in edits {
            debug_assert!(edit.start >= self.position, "an edit comes before its bytes are written");
            debug_assert!(self.edits.back().is_none_or(|last| last.start <= edit.start), "edits come in order");
            self.edits.push_back(edit);
        }
    }

    /// Ends the edit that was open (`end: usize::MAX`): bytes from `at` on are kept again.
    pub(super) fn close(&mut self, at: usize) {
        if let Some(open) = self.edits.iter_mut().find(|edit| edit.end == usize::MAX) {
            open.end = at.max(open.start);
        } else if self.skip_until == usize::MAX {
            self.skip_until = at;
        }
    }

    /// The position in the source up to which bytes have been written.
    pub(super) const fn position(&self) -> usize {
        self.position
    }

    /// Takes the next source bytes.
    pub(super) fn write(&mut self, mut chunk: &[u8]) {
        loop {
            self.apply_edits_here();
            if chunk.is_empty() {
                return;
            }
            let until_edit = self.edits.front().map_or(usize::MAX, |edit| edit.start - self.position);
            let (now, later) = chunk.split_at(chunk.len().min(until_edit));
            let skipped = self.skip_until.saturating_sub(self.position).min(now.len());
            self.out.extend_from_slice(&now[skipped..]);
            self.previous = now.last().copied().unwrap_or(self.previous);
            self.position += now.len();
            chunk = later;
        }
    }

    fn apply_edits_here(&mut self) {
        while let Some(edit) = self.edits.pop_front_if(|edit| edit.start <= self.position) {
            let quoted = matches!(self.previous, b'"' | b'\'');
            match edit.text {
                EditText::Value(value) if !quoted => {
                    self.out.push(b'"');
                    self.out.extend_from_slice(value.as_bytes());
                    self.out.push(b'"');
                }
                EditText::Value(text) | EditText::Markup(text) => self.out.extend_from_slice(text.as_bytes()),
            }
            self.skip_until = self.skip_until.max(edit.end);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spliced(source: &[u8], edits: &[Edit], chunk: usize) -> Vec<u8> {
        let mut splicer = Splicer::default();
        splicer.push(edits.iter().cloned());
        source.chunks(chunk).for_each(|chunk| splicer.write(chunk));
        splicer.out
    }

    fn value(start: usize, end: usize) -> Edit {
        Edit { start, end, text: EditText::Value("v".to_owned()) }
    }

    #[test]
    fn a_value_gets_quotes_only_where_the_source_has_none() {
        assert_eq!(spliced(b"<a b='x'>", &[value(6, 7)], 1), b"<a b='v'>");
        assert_eq!(spliced(b"<a b=xyz>", &[value(5, 8)], 2), b"<a b=\"v\">");
        assert_eq!(spliced(b"<a b=\"\">", &[value(6, 6)], 3), b"<a b=\"v\">");
    }

    #[test]
    fn an_open_edit_drops_bytes_until_it_is_closed() {
        let mut splicer = Splicer::default();
        splicer.push([Edit { start: 3, end: usize::MAX, text: EditText::Markup("new".to_owned()) }]);
        splicer.write(b"<p>ol");
        splicer.write(b"d");
        splicer.close(6);
        splicer.push([Edit::insert(6, "!".to_owned())]);
        splicer.write(b"</p>");
        assert_eq!(splicer.out, b"<p>new!</p>");
        assert_eq!(splicer.position(), 10);
    }

    proptest! {
        #[test]
        fn bytes_outside_edits_are_kept_in_any_split(
            source in proptest::collection::vec(any::<u8>(), 0..200),
            cuts in proptest::collection::btree_set(0_usize..200, 0..8),
            chunk in 1_usize..50,
        ) {
            let places: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= source.len()).collect();
            let edits: Vec<Edit> = places.chunks_exact(2)
                .map(|pair| Edit { start: pair[0], end: pair[1], text: EditText::Markup("+".to_owned()) })
                .collect();
            let mut expected = Vec::new();
            let mut from = 0;
            for edit in &edits {
                expected.extend_from_slice(&source[from..edit.start]);
                expected.push(b'+');
                from = edit.end;
            }
            expected.extend_from_slice(&source[from..]);
            let mut found = Splicer::default();
            found.push(edits);
            source.chunks(chunk).for_each(|chunk| found.write(chunk));
            found.write(b"");
            prop_assert_eq!(found.out, expected);
        }
    }
}
