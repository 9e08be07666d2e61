//! One spelling for all spellings of a name, for telling what is only *like* it. Never for deciding that two are the same.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// What stays of a text: its letters without case and compatibility forms (NFKC), without white space around it and
/// without characters that nobody sees.
pub(super) fn fold(text: &str) -> String {
    let text: Cow<'_, str> = if text.contains(char::is_control) {
        Cow::Owned(text.replace(char::is_control, " "))
    } else {
        Cow::Borrowed(text)
    };
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    let normalizer = ComposingNormalizerBorrowed::new_nfkc();
    // Upper case first: `ı` and `ſ` have the upper case of `i` and `s`.
    let cased = normalizer.normalize(&text).to_uppercase().to_lowercase();
    let seen: String = normalizer.normalize(&cased).chars().filter(|c| !is_unseen(*c)).collect();
    seen.trim().to_owned()
}

/// Format characters, variation selectors, and the dot that lower case leaves of `İ`.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{307}')
}
