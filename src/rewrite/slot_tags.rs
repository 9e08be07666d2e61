//! Which tags are slots, and the edits that fill them.

use std::sync::Arc;

use lol_html::send::Element;

use super::{
    Filled, Insert, InsertPlace, Landmarks, Note, SlotFiller, SlotKind, Wanted,
    csp::PagePolicy,
    entities,
    splice::{Edit, EditText, Splicer},
};

/// XHTML's namespace: an `iframe` inside `svg` is no frame.
const HTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";
/// Elements whose content is not markup, or not shown: nothing can be inserted there.
const CLOSED_TO_INSERTS: &[&str] = &[
    "iframe",
    "script",
    "style",
    "textarea",
    "title",
    "template",
    "noscript",
    "noembed",
    "noframes",
    "xmp",
    "plaintext",
    "select",
    "option",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "colgroup",
    "html",
    "head",
];

/// What the handlers of one page share.
pub(super) struct PageState<F> {
    pub(super) filler: F,
    pub(super) splicer: Splicer,
    landmarks: Arc<Landmarks>,
    /// Slots filled so far.
    pub(super) slots: usize,
    /// The nonce for the script tag.
    nonce: Option<String>,
    /// Whether the page has the script.
    pub(super) has_frame: bool,
    /// Whether the page has a signed URL.
    pub(super) has_signed: bool,
    /// What the page's policy blocks; noted when the first frame is filled.
    policy_notes: Vec<Note>,
    /// Open `<template>` elements: what is inside is not part of the page.
    templates: usize,
    /// Whether the content passing by is being replaced.
    is_replaced: bool,
    /// Before every link: empty, or the site's origin where a `<base>` would bend paths.
    link_origin: String,
    /// Which of the inserts have been placed or given up.
    inserts_done: Vec<bool>,
    /// Inserts that wait for the end of their element.
    appends: Vec<(usize, String)>,
}

impl<F: SlotFiller> PageState<F> {
    pub(super) fn new(filler: F, policy: PagePolicy, inserts: usize) -> Self {
        let landmarks = Arc::clone(filler.landmarks());
        let frame = policy.blocks_frame.then_some(Note::CspBlocksFrame);
        let policy_notes = frame.into_iter().chain(policy.blocks_script.then_some(Note::CspBlocksScript)).collect();
        Self {
            filler,
            landmarks,
            splicer: Splicer::default(),
            slots: 0,
            nonce: policy.nonce,
            has_frame: false,
            has_signed: false,
            policy_notes,
            templates: 0,
            is_replaced: false,
            link_origin: String::new(),
            inserts_done: vec![false; inserts],
            appends: Vec::new(),
        }
    }

    pub(super) const fn enter_template(&mut self) {
        self.templates += 1;
    }

    /// Only `</template>` itself ends a template: where another end tag closed it for the parser, a browser is still inside.
    pub(super) fn leave_template(&mut self, end_tag: &str) {
        if end_tag == "template" {
            self.templates -= 1;
        }
    }

    /// Behind a `<base href>` paths could lead to another host, and browsers read more spellings of one than anybody can
    /// list: links are written whole.
    pub(super) fn base(&mut self, element: &Element<'_, '_>) {
        if self.templates == 0 && element.has_attribute("href") {
            self.link_origin = self.landmarks.site_origin.clone();
        }
    }

    pub(super) fn frame(&mut self, element: &Element<'_, '_>) {
        // With `srcdoc`, browsers ignore `src`.
        if !self.is_open(element) || element.has_attribute("srcdoc") {
            return;
        }
        let Some(filled) = self.fill(element, SlotKind::Frame, "src") else { return };
        let link = self.link(&filled);
        let has_name = attribute(element, "name").is_some_and(|name| !name.is_empty());
        let mut tag = TagEdits::of(element);
        tag.before(self.script());
        tag.set("src", filled.signed.as_ref().map_or(link.as_str(), |signed| signed.expose()));
        if filled.signed.is_some() {
            tag.set("data-sigma-link", &link);
        }
        if !has_name {
            tag.set("name", &self.filler.frame_name());
        }
        self.splicer.push(tag.into_edits());
    }

    pub(super) fn anchor(&mut self, element: &Element<'_, '_>) {
        if !self.is_open(element) {
            return;
        }
        let Some(filled) = self.fill(element, SlotKind::Anchor, "href") else { return };
        let link = self.link(&filled);
        let mut tag = TagEdits::of(element);
        tag.set("href", &link);
        self.splicer.push(tag.into_edits());
    }

    /// Places an insert at the first element that its selector matches; true where the element's end must be watched for.
    pub(super) fn insert(&mut self, element: &Element<'_, '_>, index: usize, insert: &Insert) -> bool {
        let is_first = self.inserts_done.get_mut(index).is_some_and(|done| !std::mem::replace(done, true));
        if !is_first {
            return false;
        }
        let takes_content = element.can_have_content() && !CLOSED_TO_INSERTS.contains(&element.tag_name().as_str());
        if !takes_content || !self.is_open(element) {
            self.filler.note(Note::InsertNotPlaced(insert.selector.as_str().to_owned()));
            return false;
        }
        let wanted = Wanted { kind: SlotKind::Frame, embed: Some(insert.embed.as_str()), url: None };
        let Some(filled) = self.filler.fill(&wanted) else { return false };
        let frame = self.inserted_frame(&filled);
        match insert.place {
            InsertPlace::Append => self.appends.push((index, frame)),
            InsertPlace::Replace => {
                let start = element.source_location().bytes().end;
                self.splicer.push([Edit { start, end: usize::MAX, text: EditText::Markup(frame) }]);
                self.is_replaced = true;
            }
        }
        true
    }

    /// The element of an insert ends: its end tag (or that of an element around it) starts at `at`.
    pub(super) fn insert_ends(&mut self, index: usize, place: InsertPlace, at: usize) {
        match place {
            InsertPlace::Append => {
                let mine = self
                    .appends
                    .extract_if(.., |(waiting, _)| *waiting == index)
                    .map(|(_, frame)| Edit::insert(at, frame));
                let edits: Vec<Edit> = mine.collect();
                self.splicer.push(edits);
            }
            InsertPlace::Replace => {
                self.splicer.close(at);
                self.is_replaced = false;
            }
        }
    }

    /// The page ends; elements without an end tag end with it.
    pub(super) fn end(&mut self) {
        let at = self.splicer.position();
        let edits: Vec<Edit> = self.appends.drain(..).map(|(_, frame)| Edit::insert(at, frame)).collect();
        self.splicer.push(edits);
        self.splicer.write(b"");
    }

    /// The rest of the page is not understood: it passes as it is.
    pub(super) fn break_off(&mut self) {
        self.splicer.close(self.splicer.position());
        for (_, _) in self.appends.drain(..) {
            self.filler.note(Note::InsertNotPlaced("element without an end".to_owned()));
        }
    }

    fn is_open(&self, element: &Element<'_, '_>) -> bool {
        self.templates == 0 && !self.is_replaced && element.namespace_uri() == HTML_NAMESPACE
    }

    fn fill(&mut self, element: &Element<'_, '_>, kind: SlotKind, url: &str) -> Option<Filled> {
        let embed = attribute(element, "data-sigma-embed");
        let url = attribute(element, url).filter(|url| self.may_be_sigma(url));
        if embed.is_none() && url.is_none() {
            return None;
        }
        let filled = self.filler.fill(&Wanted { kind, embed: embed.as_deref(), url: url.as_deref() })?;
        self.slots += 1;
        self.has_signed |= filled.signed.is_some();
        Some(filled)
    }

    /// Most links of a page are paths: they are told apart before anything is parsed.
    fn may_be_sigma(&self, url: &str) -> bool {
        url.contains("//") && {
            let is_in = |host: &String| {
                url.as_bytes().windows(host.len()).any(|part| part.eq_ignore_ascii_case(host.as_bytes()))
            };
            self.landmarks.sigma_hosts.iter().any(is_in)
        }
    }

    /// The script tag before the first frame of the page, nothing later. Neither `async` nor `defer`: after Back it must be
    /// there before the frame's first request leaves (decision 0004).
    fn script(&mut self) -> String {
        if std::mem::replace(&mut self.has_frame, true) {
            return String::new();
        }
        for note in self.policy_notes.drain(..) {
            self.filler.note(note);
        }
        let nonce = self.nonce.as_ref().map(|nonce| format!(" nonce=\"{}\"", entities::encode(nonce)));
        let source = entities::encode(&format!("{}{}/embed.js", self.link_origin, self.landmarks.sigma_prefix));
        format!("<script src=\"{source}\"{}></script>", nonce.unwrap_or_default())
    }

    fn link(&self, filled: &Filled) -> String {
        format!("{}{}", self.link_origin, filled.link)
    }

    fn inserted_frame(&mut self, filled: &Filled) -> String {
        self.slots += 1;
        self.has_signed |= filled.signed.is_some();
        let link = entities::encode(&self.link(filled));
        let embed = entities::encode(filled.embed.as_str());
        let name = entities::encode(&self.filler.frame_name());
        let script = self.script();
        let (src, own_link) = match &filled.signed {
            Some(signed) => (entities::encode(signed.expose()), format!(" data-sigma-link=\"{link}\"")),
            None => (link, String::new()),
        };
        format!(
            "{script}<iframe src=\"{src}\"{own_link} name=\"{name}\" data-sigma-embed=\"{embed}\" title=\"{embed}\" \
             width=\"100%\" height=\"600\"></iframe>"
        )
    }
}

fn attribute(element: &Element<'_, '_>, name: &str) -> Option<String> {
    element.get_attribute(name).map(|raw| entities::decode(&raw).into_owned())
}

/// The edits of one start tag, as places in the source.
struct TagEdits<'e, 'r, 't> {
    element: &'e Element<'r, 't>,
    start: usize,
    edits: Vec<Edit>,
    added: String,
}

impl<'e, 'r, 't> TagEdits<'e, 'r, 't> {
    fn of(element: &'e Element<'r, 't>) -> Self {
        Self { element, start: element.source_location().bytes().start, edits: Vec::new(), added: String::new() }
    }

    /// Puts markup before the tag.
    fn before(&mut self, markup: String) {
        self.edits.push(Edit::insert(self.start, markup));
    }

    /// Sets an attribute: its value changes where it stands; a new one goes right behind the tag name.
    fn set(&mut self, name: &str, value: &str) {
        let value = entities::encode(value);
        let there = self.element.attributes().iter().find(|attribute| attribute.name() == name);
        match there.map(|attribute| (attribute.value_source_location(), attribute.name_source_location())) {
            Some((Some(place), _)) => {
                let place = place.bytes();
                self.edits.push(Edit { start: place.start, end: place.end, text: EditText::Value(value) });
            }
            Some((None, Some(name))) => self.edits.push(Edit::insert(name.bytes().end, format!("=\"{value}\""))),
            Some((None, None)) | None => self.added.push_str(&format!(" {name}=\"{value}\"")),
        }
    }

    fn into_edits(mut self) -> Vec<Edit> {
        let behind_name = self.start + 1 + self.element.tag_name().len();
        if !self.added.is_empty() {
            self.edits.push(Edit::insert(behind_name, self.added));
        }
        self.edits.sort_by_key(|edit| edit.start);
        self.edits
    }
}
