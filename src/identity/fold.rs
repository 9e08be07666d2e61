//! One spelling for all spellings of a name, for telling what is only *like* it. Never for deciding that two are the same.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup},
};

/// What stays of a text: its letters without case and compatibility forms (NFKC), without white space around it and
/// without characters that nobody sees.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        let text = if text.contains(char::is_control) { &*text.replace(char::is_control, " ") } else { text };
        return text.trim().to_ascii_lowercase();
    }
    let normalizer = ComposingNormalizerBorrowed::new_nfkc();
    // Before the rest: what nobody sees would keep a letter from its accent.
    let seen: String = text.chars().map(plain).filter(|c| !is_unseen(*c)).collect();
    // Upper case first: `ı` and `ſ` have the upper case of `i` and `s`.
    let cased = normalizer.normalize(&seen).to_uppercase().to_lowercase();
    let folded: String = normalizer.normalize(&cased).chars().filter(|c| !is_unseen(*c) && *c != DOT_OF_I).collect();
    folded.trim().to_owned()
}

/// Where one word of a value ends: at white space, punctuation and symbols, so also at the parts of a path, of a URN, of a
/// distinguished name and of a list in brackets and quotes.
///
/// Not at `-`, `_`, `.` and `@`, which belong to names: `ex-admin` is not `admin`.
pub(super) fn is_border(c: char) -> bool {
    if c.is_ascii() {
        return c.is_whitespace() || c.is_ascii_control() || BORDERS.contains(c);
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    c.is_whitespace()
        || GeneralCategoryGroup::Symbol.contains(category)
        || GeneralCategoryGroup::Punctuation.contains(category)
            && !matches!(category, GeneralCategory::DashPunctuation | GeneralCategory::ConnectorPunctuation)
}

/// The borders among the visible ASCII characters, in the order in which a glob's class can hold them.
pub(super) const BORDERS: &str = "]!\"#$%&'()*+,/:;<=>?[\\^`{|}~";

/// A control character or a letter that shows as a blank is a space, and every hyphen and dash is `-`.
pub(super) fn plain(c: char) -> char {
    match c {
        _ if c.is_control() => ' ',
        // Braille without dots, and the fillers of Hangul that are as wide as a letter.
        '\u{2800}' | '\u{3164}' | '\u{ffa0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ => c,
    }
}

/// `Default_Ignorable_Code_Point` (Unicode, UAX 44), and what else has no glyph: the anchors of annotations, the null
/// notehead and the filler of the Khitan script.
pub(super) fn is_unseen(c: char) -> bool {
    !c.is_ascii()
        && (matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{1d159}' | '\u{16fe4}')
            || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c))
}

/// What lower case leaves of `İ`.
const DOT_OF_I: char = '\u{307}';
