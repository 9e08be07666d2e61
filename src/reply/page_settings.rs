//! What an operator says about our pages: a line of their own, a picture, a language, texts.

use super::words::{Language, WordTable};

/// A checked `[pages]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageSettings {
    /// A line on every page: whom to ask.
    pub(crate) contact: Option<String>,
    /// A picture on every page, as a `data:` URL.
    pub(crate) logo: Option<String>,
    /// The language of every page; none: the browser's.
    pub(crate) language: Option<Language>,
    /// The texts of English, German and French, where they are not those of the code.
    pub(crate) words: [WordTable; 3],
}

impl PageSettings {
    /// The language of a page, and its texts, for a browser that accepts these.
    #[must_use]
    pub(crate) fn speaking(&self, accepted: Option<&str>) -> (Language, &WordTable) {
        let of_browser = || accepted.map_or(Language::English, Language::of_browser);
        let language = self.language.unwrap_or_else(of_browser);
        let [english, german, french] = &self.words;
        let words = match language {
            Language::English => english,
            Language::German => german,
            Language::French => french,
        };
        (language, words)
    }
}
