//! Which elements the selectors of a page's inserts select: lol_html follows them over tags that are written out for it.
//!
//! In: tags as [`markup`](super::markup) reads them, with the end tags that a page leaves out. Out: which inserts select the
//! element. lol_html sees no text and no large attribute, and writes nothing that is looked at.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
};

use encoding_rs::Encoding;
use lol_html::{
    AsciiCompatibleEncoding, MemorySettings,
    send::{Element, ElementContentHandlers, HtmlRewriter, Settings},
};

use crate::{
    limits::{ATTRIBUTE_BYTES_MAX, ELEMENT_NAME_BYTES_MAX, SELECTION_BYTES_MAX},
    rewrite::Insert,
};

/// Follows the selectors of a page's inserts.
pub(super) struct Selection {
    engine: Option<HtmlRewriter<'static, Nowhere>>,
    /// The inserts that select the element whose tag was written last.
    found: Arc<Mutex<Vec<usize>>>,
    /// The open elements, by serial and name.
    open: Vec<(u32, Vec<u8>)>,
    tag: Vec<u8>,
    name_length: usize,
}

type Nowhere = fn(&[u8]);

/// The name of an element that has none for a selector.
pub(super) const UNNAMED: &[u8] = b"x-";

impl Selection {
    pub(super) fn new(inserts: &[Arc<Insert>], charset: Option<&'static Encoding>) -> Self {
        let found = Arc::new(Mutex::new(Vec::new()));
        let memory = MemorySettings::new().with_max_allowed_memory_usage(SELECTION_BYTES_MAX);
        let mut settings = Settings::new_send().with_strict(false).with_memory_settings(memory).with_encoding(
            charset.and_then(AsciiCompatibleEncoding::new).unwrap_or_else(AsciiCompatibleEncoding::utf_8),
        );
        for (index, insert) in inserts.iter().enumerate() {
            let found = Arc::clone(&found);
            let handlers = ElementContentHandlers::default().element(move |_: &mut Element<'_, '_>| {
                found.lock().unwrap_or_else(PoisonError::into_inner).push(index);
                Ok(())
            });
            settings = settings.append_element_content_handler((Cow::Borrowed(insert.selector.parsed()), handlers));
        }
        let nowhere: Nowhere = |_| {};
        Self {
            engine: Some(HtmlRewriter::new(settings, nowhere)),
            found,
            open: Vec::new(),
            tag: Vec::new(),
            name_length: 0,
        }
    }

    /// A start tag begins. Elements that are not open any more end: the innermost that is open is the one of this serial. A name
    /// that is too long to be kept is another one, which no selector names.
    pub(super) fn start(&mut self, name: &[u8], innermost: Option<u32>) {
        if self.is_lost() {
            return;
        }
        let name = if name.len() <= ELEMENT_NAME_BYTES_MAX { name } else { UNNAMED };
        self.sync(innermost);
        self.tag.clear();
        self.tag.push(b'<');
        self.tag.extend_from_slice(name);
        self.name_length = name.len();
    }

    /// An attribute of it. A large one is left out.
    pub(super) fn attribute(&mut self, name: &[u8], value: &[u8]) {
        let quote = if value.contains(&b'"') { b'\'' } else { b'"' };
        let is_clean = !self.is_lost()
            && !name.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'<' | b'='))
            && !value.contains(&quote);
        if is_clean && self.tag.len() + name.len() + value.len() <= ATTRIBUTE_BYTES_MAX {
            self.tag.push(b' ');
            self.tag.extend_from_slice(name);
            self.tag.extend_from_slice(b"=");
            self.tag.push(quote);
            self.tag.extend_from_slice(value);
            self.tag.push(quote);
        }
    }

    /// The tag is over: what selects its element, which is open from now on if it has a serial.
    pub(super) fn finish(&mut self, serial: Option<u32>, closes_itself: bool) -> Vec<usize> {
        if self.is_lost() {
            return Vec::new();
        }
        self.tag.extend_from_slice(if closes_itself { b"/>" } else { b">" });
        let tag = std::mem::take(&mut self.tag);
        self.write(&tag);
        if self.is_lost() {
            return Vec::new();
        }
        let name = tag[1..=self.name_length].to_vec();
        self.tag = tag;
        match serial {
            Some(serial) => self.open.push((serial, name)),
            // lol_html may think of it as open.
            None => self.write(&[b"</", &name[..], b">"].concat()),
        }
        std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The name of the element whose tag was written last.
    pub(super) fn name(&self) -> &[u8] {
        self.tag.get(1..=self.name_length).unwrap_or_default()
    }

    /// Whether it had to give up.
    pub(super) const fn is_lost(&self) -> bool {
        self.engine.is_none()
    }

    fn sync(&mut self, innermost: Option<u32>) {
        while let Some((_, name)) =
            self.open.pop_if(|(serial, _)| innermost.is_none_or(|innermost| *serial > innermost))
        {
            self.write(&[b"</", &name[..], b">"].concat());
        }
    }

    fn write(&mut self, tag: &[u8]) {
        if self.engine.as_mut().is_some_and(|engine| engine.write(tag).is_err()) {
            (self.engine, self.open, self.tag) = (None, Vec::new(), Vec::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        limits::OPEN_ELEMENTS_MAX,
        rewrite::{InsertPlace, tests::html},
    };

    /// Bytes that are kept of elements.
    fn held(selection: &Selection) -> usize {
        selection.tag.capacity() + selection.open.iter().map(|(_, name)| 32 + name.capacity()).sum::<usize>()
    }

    fn opened(count: u32, length: usize) -> Selection {
        let mut selection = Selection::new(&html::insert("#x", InsertPlace::Append).inserts, None);
        for serial in 1..=count {
            let name = format!("{}{serial}", "q".repeat(length));
            selection.start(name.as_bytes(), Some(serial - 1));
            let _none = selection.finish(Some(serial), false);
        }
        selection
    }

    #[test]
    fn what_is_kept_of_open_elements_is_bounded() {
        let count = u32::try_from(OPEN_ELEMENTS_MAX).unwrap();
        for length in [3, ELEMENT_NAME_BYTES_MAX - 3, 31_000] {
            let selection = opened(count, length);
            assert!(!selection.is_lost(), "{length}");
            let bound = 2 * ATTRIBUTE_BYTES_MAX + OPEN_ELEMENTS_MAX * (32 + ELEMENT_NAME_BYTES_MAX);
            assert!(held(&selection) <= bound, "{length}: {}", held(&selection));
        }
    }

    #[test]
    fn nothing_is_kept_once_selectors_are_not_followed_any_more() {
        let mut selection = opened(70_000, 1);
        assert!(selection.is_lost());
        assert_eq!(held(&selection), 0);
        selection.start(b"div", Some(70_000));
        selection.attribute(b"id", b"x");
        assert_eq!((selection.finish(Some(70_001), false), held(&selection)), (vec![], 0));
    }
}
