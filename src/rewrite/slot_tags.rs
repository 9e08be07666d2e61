//! Which tags are slots, and the edits that fill them.

use std::sync::Arc;

use lol_html::send::Element;

use super::{
    Filled, FramePolicies, Insert, InsertPlace, Landmarks, Note, SlotFiller, SlotKind, Untouched, Wanted, content_type,
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
    /// Whether a frame was filled.
    pub(super) has_frame: bool,
    /// Whether the page got a script, which may fill frames in the browser.
    pub(super) has_script: bool,
    /// Whether the page has a signed URL.
    pub(super) has_signed: bool,
    /// What the page lets into its frames, by its head and by the `<meta>` elements so far.
    policies: FramePolicies,
    /// Whether it was noted that they block a stable link.
    is_blocking_noted: bool,
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
    /// Whether the page's own word for its charset counts: nobody before said one.
    pub(super) names_charset: bool,
    /// Why the page is not followed any further, where it said so itself.
    pub(super) lost: Option<Untouched>,
}

/// The page is in a charset in which no slot can be found.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the charset is not read")]
pub(super) struct CharsetLost;

impl<F: SlotFiller> PageState<F> {
    pub(super) fn new(filler: F, policies: FramePolicies, inserts: usize) -> Self {
        let landmarks = Arc::clone(filler.landmarks());
        Self {
            filler,
            landmarks,
            splicer: Splicer::default(),
            slots: 0,
            has_frame: false,
            has_script: false,
            has_signed: false,
            policies,
            is_blocking_noted: false,
            templates: 0,
            is_replaced: false,
            link_origin: String::new(),
            inserts_done: vec![false; inserts],
            appends: Vec::new(),
            names_charset: false,
            lost: None,
        }
    }

    /// Puts the script's tag where the head begins: before all that is known of the page.
    pub(super) fn put_script(&mut self, at: usize, tag: String) {
        self.splicer.push([Edit::insert(at, tag)]);
        self.has_script = true;
    }

    /// A charset in which no slot can be found, where the page's own word counts.
    pub(super) fn charset(&mut self, element: &Element<'_, '_>) -> Result<(), CharsetLost> {
        let names_type = attribute(element, "http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("content-type"));
        let content = attribute(element, "content").filter(|_| names_type);
        let label = attribute(element, "charset");
        let label = label.as_deref().or_else(|| content_type::label_in(content.as_deref()?));
        if self.names_charset && self.is_open(element) && label.is_some_and(content_type::ends_reading) {
            self.lost = Some(Untouched::Charset);
            return Err(CharsetLost);
        }
        Ok(())
    }

    /// `</head>` or `<body>`: what comes now is not of the head. A head that ends without either is taken for longer than it
    /// is, which lets less in.
    /// Browsers take a policy in the head only (HTML 4.2.5.3). Where that ends is not looked for: it would cost every tag of every page,
    /// and a policy too many leaves out a mint at worst.
    pub(super) fn meta(&mut self, element: &Element<'_, '_>) {
        let is_policy = |name: String| name.eq_ignore_ascii_case("content-security-policy");
        if !self.is_open(element) || !attribute(element, "http-equiv").is_some_and(is_policy) {
            return;
        }
        if let Some(policy) = attribute(element, "content") {
            self.policies.add_meta(&policy);
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
        if let Some(filled) = self.fill(element, SlotKind::Frame, "src") {
            let value = self.value_of(&filled);
            self.splicer.push([attribute_edit(element, "src", &value)]);
        }
    }

    pub(super) fn anchor(&mut self, element: &Element<'_, '_>) {
        if !self.is_open(element) {
            return;
        }
        if let Some(filled) = self.fill(element, SlotKind::Anchor, "href") {
            let value = self.value_of(&filled);
            self.splicer.push([attribute_edit(element, "href", &value)]);
        }
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
        let Some(filled) = self.filled(SlotKind::Frame, (Some(insert.embed.as_str()), None), &insert.controls) else {
            return false;
        };
        let frame = insert.frame.markup(&self.value_of(&filled));
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
        self.filled(kind, (embed.as_deref(), url.as_deref()), &[])
    }

    fn filled(
        &mut self,
        kind: SlotKind,
        (embed, url): (Option<&str>, Option<&str>),
        controls: &[(String, String)],
    ) -> Option<Filled> {
        let frames = (kind == SlotKind::Frame).then_some(&self.policies);
        let filled = self.filler.fill(&Wanted { kind, embed, url, controls, frames })?;
        self.slots += 1;
        self.has_signed |= filled.signed.is_some();
        if kind == SlotKind::Frame {
            self.has_frame = true;
            self.note_blocked(&filled);
        }
        Some(filled)
    }

    /// Once for each page: its own policy will show nothing where the stable link is.
    fn note_blocked(&mut self, filled: &Filled) {
        let site = &self.landmarks.site_origin;
        let is_blocked = || !self.policies.may_frame(&format!("{site}{}", filled.link), site);
        if filled.signed.is_none() && !self.is_blocking_noted && is_blocked() {
            self.is_blocking_noted = true;
            self.filler.note(Note::CspBlocksFrame);
        }
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

    /// What the slot gets: the signed URL, if there is one, else the stable link.
    fn value_of(&self, filled: &Filled) -> String {
        let link = || format!("{}{}", self.link_origin, filled.link);
        entities::encode(&filled.signed.as_ref().map_or_else(link, |signed| signed.expose().to_owned()))
    }
}

fn attribute(element: &Element<'_, '_>, name: &str) -> Option<String> {
    element.get_attribute(name).map(|raw| entities::decode(&raw).into_owned())
}

/// Sets an attribute to an encoded value: it changes where it stands; a new one goes right behind the tag name.
fn attribute_edit(element: &Element<'_, '_>, name: &str, value: &str) -> Edit {
    let there = element.attributes().iter().find(|attribute| attribute.name() == name);
    match there.map(|attribute| (attribute.value_source_location(), attribute.name_source_location())) {
        Some((Some(place), _)) => {
            let place = place.bytes();
            Edit { start: place.start, end: place.end, text: EditText::Value(value.to_owned()) }
        }
        Some((None, Some(name))) => Edit::insert(name.bytes().end, format!("=\"{value}\"")),
        Some((None, None)) | None => {
            let behind_name = element.source_location().bytes().start + 1 + element.tag_name().len();
            Edit::insert(behind_name, format!(" {name}=\"{value}\""))
        }
    }
}
