//! Which tags are slots, and what is looked at of each.

use std::ops::Range;

use super::splice::{Edit, EditText};
use crate::{
    limits::{ATTRIBUTE_BYTES_MAX, REWRITER_BYTES_MAX},
    rewrite::markup::{Attribute, MarkupName, Space, StartTag, names},
};

/// A tag that may be a slot, or says something of the page's slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotTag {
    /// `iframe`
    Frame,
    /// `frame` of a frameset
    FrameOfSet,
    /// `object`, `embed`
    Object,
    Embed,
    /// `a`, `area`
    Link,
    /// `a` of SVG
    SvgLink,
    /// `redirect` beside parts of a page: JSF's script goes there
    Redirect,
    /// `form`, whose fields are controls; `button` and `input` with `formaction`
    Form,
    Button,
    /// `meta`: a refresh, a policy, a charset
    Meta,
    /// `base`
    Base,
}

impl SlotTag {
    pub(super) fn of(name: MarkupName, space: Space, has_parts: bool) -> Option<Self> {
        Some(match name.short() {
            names::A if space == Space::Svg => Self::SvgLink,
            names::A | names::AREA => Self::Link,
            names::REDIRECT if has_parts => Self::Redirect,
            names::IFRAME => Self::Frame,
            names::FRAME => Self::FrameOfSet,
            names::OBJECT => Self::Object,
            names::EMBED => Self::Embed,
            names::FORM => Self::Form,
            names::BUTTON | names::INPUT => Self::Button,
            names::META => Self::Meta,
            names::BASE => Self::Base,
            _ => return None,
        })
    }

    /// The attribute that has the URL.
    pub(super) const fn url(self) -> (&'static str, MarkupName) {
        match self {
            Self::Frame | Self::FrameOfSet | Self::Embed => ("src", names::SRC),
            Self::Object => ("data", names::DATA),
            Self::Link | Self::SvgLink | Self::Base => ("href", names::HREF),
            Self::Redirect => ("url", names::URL),
            Self::Form => ("action", names::ACTION),
            Self::Button => ("formaction", names::FORMACTION),
            Self::Meta => ("content", names::CONTENT),
        }
    }
}

/// How a form is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum FormMethod {
    /// Its fields go into the URL: they are controls.
    #[default]
    Get,
    Post,
    /// It is not sent at all.
    Dialog,
}

impl FormMethod {
    /// Of the attribute `method` or `formmethod`, in lower case (HTML 4.10.18.6).
    pub(super) fn of(method: Option<&str>) -> Self {
        match method {
            Some("post") => Self::Post,
            Some("dialog") => Self::Dialog,
            Some(_) | None => Self::Get,
        }
    }
}

/// A start tag, while it is read.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) element: StartTag,
    pub(super) slot: Option<SlotTag>,
    pub(super) start: usize,
    pub(super) name_end: usize,
    /// What its `data-sigma-embed` names.
    pub(super) embed: Option<String>,
    /// Whether that stands in single quotes: perhaps because the tag stands in a text in double ones.
    pub(super) has_single_quotes: bool,
    pub(super) url: Option<UrlPlace>,
    /// With `srcdoc`, browsers ignore `src`.
    pub(super) has_srcdoc: bool,
    /// The method of a form, `http-equiv` or `charset` of a `meta`, in lower case.
    pub(super) method: Option<String>,
    pub(super) http_equiv: Option<String>,
    pub(super) charset: Option<String>,
    /// Of `annotation-xml`: whether its `encoding` says that it holds HTML.
    pub(super) holds_html: bool,
    /// Of `font` in SVG or MathML: whether it is the one of HTML, and ends that.
    pub(super) breaks_out: bool,
    /// Of `template`: what its `shadowrootmode` says.
    pub(super) shadow: Option<bool>,
    /// Of a button: whether it names its form.
    pub(super) has_form: bool,
    /// Of XML: what its `xmlns` says.
    pub(super) xmlns: Option<Space>,
}

/// The attribute with the URL.
#[derive(Debug)]
pub(super) struct UrlPlace {
    /// Where its name ends, and where its value stands, if it has one.
    pub(super) name_end: usize,
    pub(super) value: Option<Range<usize>>,
    /// What the value means: empty where that can be no URL with a host, none where it is too long to be looked at.
    pub(super) text: Option<String>,
    /// Whether it is written as it is meant: then a part of the one stands where it stands in the other.
    pub(super) is_as_written: bool,
    /// Whether it has SVG's older name, and counts only without the newer one (SVG 2, 16.1.5).
    is_older: bool,
}

const XHTML: &str = "http://www.w3.org/1999/xhtml";
const SVG: &str = "http://www.w3.org/2000/svg";

impl Tag {
    pub(super) const fn new(element: StartTag, slot: Option<SlotTag>, (start, name_end): (usize, usize)) -> Self {
        Self {
            element,
            slot,
            start,
            name_end,
            embed: None,
            has_single_quotes: false,
            url: None,
            has_srcdoc: false,
            method: None,
            http_equiv: None,
            charset: None,
            holds_html: false,
            breaks_out: false,
            shadow: None,
            has_form: false,
            xmlns: None,
        }
    }

    /// From where on the bytes of its tag are wanted until it is over, for something may have to be put there: from the first of
    /// these, or where that is too far back, from the second.
    pub(super) fn wants_from(&self) -> [Option<usize>; 2] {
        let url = self.url.as_ref().map(|url| url.name_end);
        match self.slot {
            None | Some(SlotTag::Base) => [None, None],
            Some(SlotTag::Button | SlotTag::Meta | SlotTag::Redirect) => [None, url],
            Some(
                SlotTag::Frame
                | SlotTag::FrameOfSet
                | SlotTag::Object
                | SlotTag::Embed
                | SlotTag::Link
                | SlotTag::SvgLink
                | SlotTag::Form,
            ) => [Some(self.start), url],
        }
    }

    /// Whether an attribute of this name has the URL, and no other has it yet.
    fn is_of_url(&self, name: MarkupName) -> bool {
        let is_named = self.slot.is_some_and(|slot| slot.url().1 == name);
        is_named && self.url.as_ref().is_none_or(|url| url.is_older)
    }

    /// Takes an attribute; of several with one name the first counts. `meaning` is asked for what is looked at, and has none for
    /// what is too long.
    pub(super) fn take(&mut self, attribute: &Attribute, meaning: impl Fn() -> Option<String>) {
        let text = || meaning().unwrap_or_default();
        let lower = || text().to_ascii_lowercase();
        match attribute.name {
            names::XMLNS => {
                self.xmlns.get_or_insert_with(|| match text().as_str() {
                    XHTML => Space::Html,
                    SVG => Space::Svg,
                    _ => Space::Other,
                });
            }
            names::SIGMA_EMBED => {
                self.embed.get_or_insert_with(text);
            }
            names::SRCDOC => self.has_srcdoc = true,
            names::ENCODING if self.element.space == Space::Annotation => {
                self.holds_html = ["text/html", "application/xhtml+xml"].contains(&lower().as_str());
            }
            names::COLOR | names::FACE | names::SIZE if self.element.name == names::FONT => self.breaks_out = true,
            names::METHOD | names::FORMMETHOD => {
                let is_own = (attribute.name == names::METHOD) == (self.slot == Some(SlotTag::Form));
                if is_own {
                    self.method.get_or_insert_with(lower);
                }
            }
            names::FORM => self.has_form = true,
            names::SHADOWROOTMODE if self.element.name == names::TEMPLATE => {
                self.shadow.get_or_insert_with(|| ["open", "closed"].contains(&lower().as_str()));
            }
            names::HTTP_EQUIV => {
                self.http_equiv.get_or_insert_with(lower);
            }
            names::CHARSET => {
                self.charset.get_or_insert_with(lower);
            }
            name if self.is_of_url(name) => self.url = Some(UrlPlace::of(attribute, meaning(), false)),
            names::XLINK_HREF if self.slot == Some(SlotTag::SvgLink) => {
                self.url.get_or_insert_with(|| UrlPlace::of(attribute, meaning(), true));
            }
            _ => {}
        }
    }
}

impl UrlPlace {
    fn of(attribute: &Attribute, text: Option<String>, is_older: bool) -> Self {
        Self { name_end: attribute.name_at.end, value: attribute.value.clone(), text, is_as_written: false, is_older }
    }
}

/// Sets the attribute to an encoded value: it changes where it stands; a new one goes right behind the tag's name, or, in a tag
/// that is too long to be held, behind all others. None where its place has gone out already.
pub(super) fn edit(slot: SlotTag, tag: &Tag, last: usize, written: usize) -> Option<impl Fn(&str) -> Edit> {
    let is_long = last - tag.start > REWRITER_BYTES_MAX;
    let (start, end, is_value) = match &tag.url {
        Some(UrlPlace { value: Some(value), .. }) => (value.start, value.end, true),
        Some(UrlPlace { value: None, name_end, .. }) => (*name_end, *name_end, false),
        None if is_long => (last, last, false),
        None => (tag.name_end, tag.name_end, false),
    };
    let is_there = !is_long || (end - start <= ATTRIBUTE_BYTES_MAX && last - start <= REWRITER_BYTES_MAX);
    let name = if tag.url.is_none() { format!(" {}", slot.url().0) } else { String::new() };
    let quote = if tag.has_single_quotes { '\'' } else { '"' };
    let text = move |value: &str| {
        let markup = || EditText::Markup(format!("{name}={quote}{value}{quote}"));
        if is_value { EditText::Value(value.to_owned()) } else { markup() }
    };
    (is_there && start >= written).then_some(move |value: &str| Edit { start, end, text: text(value) })
}
