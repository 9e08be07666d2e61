//! Names of elements and attributes, and what HTML says of them.

/// A name in lower case: its bytes, the last one lowest, as far as they are 16, which is what the longest known name has. Of a
/// longer one it is a number ([`LongNames`](super::long_names::LongNames)) above a byte that is none, which no name ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rewrite) struct MarkupName(u128);

impl MarkupName {
    /// The name before its first byte.
    pub(in crate::rewrite) const START: Self = Self(0);
    /// A name with too many bytes, which is no known one.
    const LONG: Self = Self(1 << 8);
    /// Set for those that are like no other.
    const NOBODY: u128 = 1 << 127;
    const BYTES: usize = 16;
    const SHORT: usize = 8;

    /// The name with one byte more, which is in lower case.
    #[inline]
    const fn with(self, byte: u8) -> Self {
        Self(self.0 << 8 | byte as u128)
    }

    /// The name with some bytes more.
    #[inline]
    pub(super) fn with_all(self, bytes: &[u8], case: NameCase) -> Self {
        if bytes.len() <= Self::SHORT && self.0 >> 64 == 0 && !self.is_long() {
            let more = bytes.iter().fold(0, |name, byte| name << 8 | u64::from(case.0[usize::from(*byte)]));
            return Self(self.0 << (8 * bytes.len()) | u128::from(more));
        }
        if self.is_long() || self.length() + bytes.len() > Self::BYTES {
            return if bytes.is_empty() { self } else { Self::LONG };
        }
        bytes.iter().fold(self, |name, byte| name.with(case.0[usize::from(*byte)]))
    }

    /// The name, if it is no longer than most known ones; else one that is none. To tell these apart half of a name is enough.
    #[inline]
    pub(in crate::rewrite) const fn short(self) -> Self {
        if self.0 >> 64 == 0 { Self(self.0 as u64 as u128) } else { Self::START }
    }

    const fn length(self) -> usize {
        Self::BYTES - self.0.leading_zeros() as usize / 8
    }

    /// Whether it has more bytes than are held.
    #[inline]
    pub(super) const fn is_long(self) -> bool {
        self.0 & 0xFF == 0 && self.0 != 0
    }

    /// The long name of this number.
    pub(super) const fn long(number: u32) -> Self {
        Self((number as u128 + 2) << 8)
    }

    /// A name that could not be kept.
    pub(super) const fn nobody(number: u32) -> Self {
        Self(Self::NOBODY | (number as u128) << 8)
    }

    /// Whether an end tag of this name could not be told from others.
    pub(in crate::rewrite) const fn is_nobody(self) -> bool {
        self.is_long() && self.0 & Self::NOBODY != 0
    }

    /// One byte of it, by which it is looked for.
    #[inline]
    pub(super) const fn print(self) -> u8 {
        let folded = self.0 as u64 ^ (self.0 >> 64) as u64;
        (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
    }

    /// Whether it is one of an element that has no content (HTML 13.1.2).
    pub(in crate::rewrite) const fn is_of_void(self) -> bool {
        ElementFacts::of(self).has(ElementFacts::VOID)
    }

    /// The name that a text in lower case is, which is no longer than what is held.
    pub(super) const fn of(text: &str) -> Self {
        let (bytes, mut name, mut at) = (text.as_bytes(), Self::START, 0);
        assert!(bytes.len() <= Self::BYTES, "a known name is held whole");
        while at < bytes.len() {
            name = name.with(bytes[at]);
            at += 1;
        }
        name
    }
}

/// What each byte of a name is in it. A name with NUL, which browsers replace, is no known one.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameCase(&'static [u8; 256]);

impl NameCase {
    /// Names of HTML.
    pub(super) const LOWER: Self = Self(&bytes_of_names(true));
    /// Names of XML.
    pub(super) const EXACT: Self = Self(&bytes_of_names(false));
}

const fn bytes_of_names(is_lower: bool) -> [u8; 256] {
    let (mut bytes, mut at) = ([0xFF; 256], 1);
    while at < bytes.len() {
        let byte = at as u8;
        bytes[at] = if is_lower { byte.to_ascii_lowercase() } else { byte };
        at += 1;
    }
    bytes
}

/// ElementFacts of HTML elements, as bits of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ElementFacts(u16);

impl ElementFacts {
    const NONE: Self = Self(0);
    /// No content and no end tag (HTML 13.1.2), also those of old pages.
    pub(super) const VOID: Self = Self(1);
    /// "Special" (13.2.4.2): other end tags do not reach past it.
    pub(super) const SPECIAL: Self = Self(1 << 1);
    /// Ends a scope (13.2.4.2).
    pub(super) const SCOPE: Self = Self(1 << 2);
    /// Its start tag ends an open paragraph.
    pub(super) const ENDS_P: Self = Self(1 << 3);
    /// Its end tag counts where it is in scope, and ends all that is in it.
    pub(super) const SCOPED: Self = Self(1 << 4);
    /// `h1` to `h6`.
    pub(super) const HEADING: Self = Self(1 << 5);
    /// "Formatting" (13.2.4.3).
    pub(super) const FORMATTING: Self = Self(1 << 6);
    /// Its content is no markup.
    pub(super) const RAW: Self = Self(1 << 7);
    /// Parts of a table, which end each other.
    pub(super) const TABLE_PART: Self = Self(1 << 8);
    /// Its start tag ends foreign content (13.2.6.5).
    pub(super) const BREAKS_OUT: Self = Self(1 << 9);
    /// Belongs into the head.
    pub(super) const OF_HEAD: Self = Self(1 << 10);
    /// Behind it a page has no frameset any more.
    pub(super) const OF_BODY: Self = Self(1 << 11);
    /// Its content is not shown.
    pub(super) const INERT: Self = Self(1 << 12);
    /// It may still get a shadow root (DOM 4.8, "valid shadow host name").
    pub(super) const HOST: Self = Self(1 << 13);
    /// "Special", but a new item of a list reaches past it.
    pub(super) const LOOSE: Self = Self(1 << 14);
    /// A table's scope ends there.
    pub(super) const ROOT: Self = Self(1 << 15);

    pub(super) const fn has(self, fact: Self) -> bool {
        self.0 & fact.0 != 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is known of an element.
    pub(super) const fn of(name: MarkupName) -> Self {
        facts(name)
    }
}

const fn facts(name: MarkupName) -> ElementFacts {
    use ElementFacts as F;
    use names as n;
    const BLOCK: ElementFacts = F::SPECIAL.and(F::ENDS_P).and(F::SCOPED);
    const RAW: ElementFacts = F::SPECIAL.and(F::RAW);
    const PART: ElementFacts = F::SPECIAL.and(F::TABLE_PART);
    const SCOPE: ElementFacts = F::SPECIAL.and(F::SCOPE).and(F::SCOPED).and(F::OF_BODY);
    const VOID: ElementFacts = F::SPECIAL.and(F::VOID);
    const OUT: ElementFacts = F::BREAKS_OUT;
    if name.0 >> 64 != 0 {
        return match name {
            n::BLOCKQUOTE => BLOCK.and(OUT).and(F::HOST),
            n::FIGCAPTION => BLOCK,
            n::PLAINTEXT => RAW,
            _ => F::NONE,
        };
    }
    match name.short() {
        n::DIV => BLOCK.and(OUT).and(F::HOST).and(F::LOOSE),
        n::CENTER | n::DL | n::MENU | n::OL | n::UL => BLOCK.and(OUT),
        n::ARTICLE | n::ASIDE | n::FOOTER | n::HEADER | n::MAIN | n::NAV | n::SECTION => BLOCK.and(F::HOST),
        n::ADDRESS => BLOCK.and(F::LOOSE),
        n::DETAILS | n::DIR | n::FIELDSET | n::FIGURE | n::HGROUP | n::SEARCH | n::SUMMARY => BLOCK,
        n::DIALOG => F::ENDS_P.and(F::SCOPED),
        n::DD | n::DT | n::LI | n::LISTING | n::PRE => BLOCK.and(OUT).and(F::OF_BODY),
        n::P => F::SPECIAL.and(F::ENDS_P).and(OUT).and(F::HOST).and(F::LOOSE),
        n::H1 | n::H2 | n::H3 | n::H4 | n::H5 | n::H6 => {
            F::SPECIAL.and(F::ENDS_P).and(F::HEADING).and(OUT).and(F::HOST)
        }
        n::FORM => F::SPECIAL.and(F::ENDS_P),
        n::TABLE => F::SPECIAL.and(F::SCOPE).and(OUT).and(F::OF_BODY),
        n::TD | n::TH | n::CAPTION => PART.and(F::SCOPE),
        n::TR | n::TBODY | n::THEAD | n::TFOOT | n::COLGROUP => PART,
        n::COL => VOID.and(F::TABLE_PART),
        n::HTML => F::SPECIAL.and(F::SCOPE).and(F::ROOT),
        n::BODY => F::SPECIAL.and(OUT).and(F::OF_BODY).and(F::HOST),
        n::HEAD => F::SPECIAL.and(OUT),
        n::FRAMESET => F::SPECIAL,
        n::TEMPLATE => F::SPECIAL.and(F::SCOPE).and(F::OF_HEAD).and(F::ROOT),
        n::APPLET | n::MARQUEE | n::OBJECT | n::SELECT => SCOPE,
        n::BUTTON => F::SPECIAL.and(F::SCOPED).and(F::OF_BODY),
        n::A | n::FONT => F::FORMATTING,
        n::B | n::BIG | n::CODE | n::EM | n::I | n::NOBR | n::S | n::SMALL | n::STRIKE | n::STRONG | n::TT | n::U => {
            F::FORMATTING.and(OUT)
        }
        n::RUBY | n::SUB | n::SUP | n::VAR => OUT,
        n::SPAN => OUT.and(F::HOST),
        n::SCRIPT | n::STYLE | n::TITLE | n::NOFRAMES => RAW.and(F::OF_HEAD),
        n::NOSCRIPT | n::NOEMBED => RAW,
        n::XMP => RAW.and(F::ENDS_P).and(F::OF_BODY),
        n::TEXTAREA | n::IFRAME => RAW.and(F::OF_BODY),
        n::BASE | n::BASEFONT | n::BGSOUND | n::LINK => VOID.and(F::OF_HEAD),
        n::META => VOID.and(F::OF_HEAD).and(OUT),
        n::BR | n::EMBED | n::IMG => VOID.and(OUT).and(F::OF_BODY),
        n::IMAGE | n::INPUT | n::AREA | n::KEYGEN | n::WBR => VOID.and(F::OF_BODY),
        n::HR => VOID.and(F::ENDS_P).and(OUT).and(F::OF_BODY),
        n::FRAME | n::PARAM | n::SOURCE | n::TRACK => VOID,
        _ => F::NONE,
    }
}

macro_rules! known {
    ($($constant:ident $text:literal)+) => {
        /// Names that somebody asks for.
        pub(in crate::rewrite) mod names {
            use super::MarkupName;

            $(pub(in crate::rewrite) const $constant: MarkupName = MarkupName::of($text);)+
        }

        #[cfg(test)]
        const KNOWN: &[(&str, MarkupName)] = &[$(($text, names::$constant),)+];
    };
}

known! {
    A "a" ADDRESS "address" ANNOTATION_XML "annotation-xml" APPLET "applet" AREA "area" ARTICLE "article" ASIDE "aside"
    AUDIO "audio"
    B "b" BASE "base" BASEFONT "basefont" BGSOUND "bgsound" BIG "big" BLOCKQUOTE "blockquote" BODY "body" BR "br"
    BUTTON "button" CANVAS "canvas" CAPTION "caption" CENTER "center" CODE "code" COL "col" COLGROUP "colgroup" DATALIST "datalist" DD "dd" DESC "desc"
    DETAILS "details" DIALOG "dialog" DIR "dir" DIV "div" DL "dl" DT "dt" EM "em" EMBED "embed" FIELDSET "fieldset"
    FIGCAPTION "figcaption" FIGURE "figure" FONT "font" FOOTER "footer" FOREIGN_OBJECT "foreignobject" FORM "form"
    FRAME "frame" FRAMESET "frameset" H1 "h1" H2 "h2" H3 "h3" H4 "h4" H5 "h5" H6 "h6" HEAD "head" HEADER "header"
    HGROUP "hgroup" HR "hr" HTML "html" I "i" IFRAME "iframe" IMAGE "image" IMG "img" INPUT "input" KEYGEN "keygen"
    LI "li" LINK "link" LISTING "listing" MAIN "main" MALIGNMARK "malignmark" MARQUEE "marquee" MATH "math" MENU "menu"
    META "meta" METER "meter" MGLYPH "mglyph" MI "mi" MN "mn" MO "mo" MS "ms" MTEXT "mtext" NAV "nav" NOBR "nobr" NOEMBED "noembed"
    NOFRAMES "noframes" NOSCRIPT "noscript" OBJECT "object" OL "ol" OPTGROUP "optgroup" OPTION "option" P "p"
    PARAM "param" PLAINTEXT "plaintext" PRE "pre" PROGRESS "progress" RB "rb" REDIRECT "redirect" RP "rp" RT "rt" RTC "rtc" RUBY "ruby" S "s" SCRIPT "script"
    SEARCH "search" SECTION "section" SELECT "select" SMALL "small" SOURCE "source" SPAN "span" STRIKE "strike"
    STRONG "strong" STYLE "style" SUB "sub" SUMMARY "summary" SUP "sup" SVG "svg" TABLE "table" TBODY "tbody" TD "td"
    TEMPLATE "template" TEXTAREA "textarea" TFOOT "tfoot" TH "th" THEAD "thead" TITLE "title" TR "tr" TRACK "track"
    TT "tt" TURBO_STREAM "turbo-stream" U "u" UL "ul" VAR "var" VIDEO "video" WBR "wbr" XMP "xmp"
    ACTION "action" CHARSET "charset" COLOR "color" CONTENT "content" DATA "data" ENCODING "encoding" FACE "face"
    FORMACTION "formaction" FORMMETHOD "formmethod" HREF "href" HTTP_EQUIV "http-equiv" METHOD "method"
    SHADOWROOTMODE "shadowrootmode"
    SIGMA_EMBED "data-sigma-embed" SIZE "size" SRC "src" SRCDOC "srcdoc" URL "url"
    XLINK_HREF "xlink:href" XMLNS "xmlns"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(bytes: &[u8]) -> MarkupName {
        MarkupName::START.with_all(bytes, NameCase::LOWER)
    }

    #[test]
    fn no_two_known_names_are_one() {
        for (index, (text, name)) in KNOWN.iter().enumerate() {
            assert_eq!(KNOWN.iter().position(|(_, other)| other == name), Some(index), "{text}");
            assert_eq!(named(text.to_ascii_uppercase().as_bytes()), *name);
        }
    }

    #[test]
    fn nothing_is_a_known_name_but_its_bytes() {
        for (text, name) in KNOWN {
            for other in [format!("\0{text}"), format!("{text}\0"), format!("x{text}"), format!("{text}x")] {
                assert_ne!(named(other.as_bytes()), *name, "{other:?}");
            }
            for length in 1..40 {
                assert_ne!(named(format!("{}{text}", "q".repeat(length)).as_bytes()), *name);
                assert_ne!(named(format!("{}{text}", "\0".repeat(length)).as_bytes()), *name);
            }
        }
    }

    #[test]
    fn a_name_in_pieces_is_the_name() {
        let (all, case) = (b"data-sigma-embed-and-more", NameCase::EXACT);
        for length in 0..all.len() {
            for cut in 0..length {
                let pieces = named(&all[..cut]).with_all(&all[cut..length], case);
                assert_eq!(pieces, named(&all[..length]));
            }
        }
        assert!(named(&all[..17]).is_long() && !named(&all[..16]).is_long() && !MarkupName::START.is_long());
        assert_ne!(MarkupName::long(0), MarkupName::long(1));
        assert!(MarkupName::nobody(0).is_nobody() && !MarkupName::long(u32::MAX).is_nobody());
    }
}
