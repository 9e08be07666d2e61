//! A short print of what an embed shows, by which a page's script knows a Sigma URL that it may turn into a stable link.
//!
//! A print keeps the script's tag short, so that a `<meta charset>` behind it still stands in the first 1,024 bytes of its page,
//! and tells the reader of a public page no ids. It is no secret, and nothing rests on it: what a link leads to is found in the
//! catalogue again.

use super::{DocumentKind, DocumentPart, Embed, EmbedTarget, SigmaUrl};

/// FNV-1a, 32 bits, over UTF-16 units: what a script has at hand without waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EmbedPrint(u32);

impl EmbedPrint {
    /// That of an embed's target.
    #[must_use]
    pub(crate) fn of(embed: &Embed) -> Self {
        match &embed.target {
            EmbedTarget::One(url) => Self::of_text(&path(url)),
            EmbedTarget::AnyWorkbook(slug) => Self::of_text(&format!("{slug}/workbook/*")),
        }
    }

    fn of_text(text: &str) -> Self {
        Self(text.encode_utf16().fold(0x811c_9dc5, |hash, unit| (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193)))
    }
}

impl std::fmt::Display for EmbedPrint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// By the id alone, with the tag decoded: one text for all spellings.
fn path(url: &SigmaUrl) -> String {
    let SigmaUrl { slug, document } = url;
    let mut path = match document.kind {
        DocumentKind::Ask => return format!("{slug}/ask"),
        DocumentKind::Workbook => format!("{slug}/workbook/{}", document.id()),
    };
    path.extend(document.tag.iter().flat_map(|tag| ["/tag/", tag]));
    match &document.part {
        DocumentPart::Whole => {}
        DocumentPart::Page(id) => path.extend(["/page/", id]),
        DocumentPart::Element(id) => path.extend(["/element/", id]),
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the script computes them.
    const PRINTS: &[(&str, &str)] = &[
        ("", "811c9dc5"),
        ("a", "e40c292c"),
        ("acme/ask", "354d0f31"),
        ("acme/workbook/*", "a1228365"),
        ("acme/workbook/28xgywpg21TkRWtz3jVRCe/tag/é €/page/p-1", "1ba5b867"),
    ];

    #[test]
    fn a_print_is_that_of_the_script() {
        for (text, print) in PRINTS {
            assert_eq!(EmbedPrint::of_text(text).to_string(), *print, "{text}");
        }
    }

    #[test]
    fn every_spelling_of_a_document_has_one_text() {
        let base = url::Url::parse("https://app.sigmacomputing.com/").unwrap();
        for (url, expected) in [
            ("/acme/ask", "acme/ask"),
            ("/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe", "acme/workbook/28xgywpg21TkRWtz3jVRCe"),
            ("/acme/workbook/Sales/28xgywpg21TkRWtz3jVRCe/", "acme/workbook/28xgywpg21TkRWtz3jVRCe"),
            ("/acme/workbook/a-b/tag/%C3%A9%20%E2%82%AC/page/p-1", "acme/workbook/b/tag/é €/page/p-1"),
            ("/acme/workbook/b?:nodeId=p_1", "acme/workbook/b/page/p_1"),
            ("/acme/workbook/b/element/e", "acme/workbook/b/element/e"),
        ] {
            let url = SigmaUrl::parse(&format!("https://app.sigmacomputing.com{url}"), &base).expect(url);
            assert_eq!(path(&url), expected);
        }
    }
}
