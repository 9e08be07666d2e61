//! `[pages]`: what an operator says about the gateway's own pages.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    config::{
        SecretSource,
        file::{
            Node, Value,
            choices::{LANGUAGE, PageLanguage},
            did_you_mean,
        },
        reading::Check,
    },
    limits::PAGE_TEXT_CHARS_MAX,
    reply::{Language, PageSettings, WordKey, WordTable},
};

const GERMAN: &str = include_str!("words/de.toml");
const FRENCH: &str = include_str!("words/fr.toml");

/// The texts of each language that differ from the code's.
static OURS: LazyLock<[WordTable; 3]> = LazyLock::new(|| {
    let read = |text| table_of(text, WordTable::default()).expect("our own words are right, as a test proves");
    [WordTable::default(), read(GERMAN), read(FRENCH)]
});

/// The texts of a language, as a file that an operator may change.
#[must_use]
pub(crate) fn words_file(language: Language) -> String {
    match language {
        Language::English => english(),
        Language::German => GERMAN.to_owned(),
        Language::French => FRENCH.to_owned(),
    }
}

fn english() -> String {
    let table = WordTable::default();
    let mut text = "# What the gateway's pages say in English. A file of your own replaces single texts: [pages.words] en = \"FILE\".\n".to_owned();
    let mut section = String::new();
    for key in WordKey::all() {
        let path = key.path();
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", &path));
        if parent != section {
            section = parent.to_owned();
            text += &format!("\n[{section}]\n");
        }
        text += &format!("{name} = {}\n", serde_json::Value::from(table.text(key)));
    }
    text
}

/// Reads `[pages]`.
pub(in crate::config) fn pages(root: &Node, check: &mut Check<'_>) -> Option<PageSettings> {
    let table = root.child("pages")?;
    let contact = table.optional("contact", |node| contact(node, check));
    let logo = table.optional("logo", |node| logo(node, check));
    let language = match LANGUAGE.read(table, "language")? {
        PageLanguage::Browser => None,
        PageLanguage::English => Some(Language::English),
        PageLanguage::German => Some(Language::German),
        PageLanguage::French => Some(Language::French),
    };
    let files = table.child("words");
    let words = |language: Language, ours: &WordTable, check: &mut Check<'_>| match files?.child(language.tag()) {
        Some(node) => words(node, ours.clone(), check),
        None => Some(ours.clone()),
    };
    let [english, german, french] = [0, 1, 2].map(|at| words(Language::ALL[at], &OURS[at], check));
    let words = [english?, german?, french?];
    Some(PageSettings { contact: contact?, logo: logo?, language, words })
}

fn contact(node: &Node, check: &mut Check<'_>) -> Option<String> {
    let text = node.as_text()?;
    match fault(text) {
        None => Some(text.to_owned()),
        Some(found) => check.refuse(node, found, "write one plain line: contact = \"Help desk, extension 4711\""),
    }
}

fn fault(text: &str) -> Option<String> {
    if text.chars().count() > PAGE_TEXT_CHARS_MAX {
        return Some(format!("longer than {PAGE_TEXT_CHARS_MAX} characters"));
    }
    if text.trim().is_empty() {
        return Some("empty".to_owned());
    }
    text.chars().any(char::is_control).then(|| "holds a control character".to_owned())
}

/// The picture as a `data:` URL: no page of ours asks for anything.
fn logo(node: &Node, check: &mut Check<'_>) -> Option<String> {
    let source = SecretSource::Picture(node.as_text()?.to_owned());
    let fix = "put a PNG, JPEG, GIF, WebP or SVG there";
    let encoded = check.held(node, &source, fix)?;
    let encoded = encoded.expose();
    let bytes = STANDARD.decode(encoded).unwrap_or_default();
    match media_type(&bytes) {
        Some(media_type) => Some(format!("data:{media_type};base64,{encoded}")),
        None => check.refuse(node, format!("{source} is no picture that is known here"), fix),
    }
}

/// By the first bytes, as browsers tell.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let is_svg = || {
        let text = str::from_utf8(bytes).unwrap_or_default().trim_start_matches('\u{feff}').trim_start();
        text.starts_with("<svg") || text.starts_with("<?xml") && text.contains("<svg")
    };
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ if is_svg() => Some("image/svg+xml"),
        _ => None,
    }
}

fn words(node: &Node, ours: WordTable, check: &mut Check<'_>) -> Option<WordTable> {
    let source = SecretSource::Words(node.as_text()?.to_owned());
    let text = check.held(node, &source, "put a file there as `sigma-gateway words` prints it")?;
    match table_of(text.expose(), ours) {
        Ok(table) => Some(table),
        Err((line, found, fix)) => {
            let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
            check.refuse(node, format!("{source}{line}: {found}"), fix)
        }
    }
}

/// A line, what is wrong there, and what to write instead.
type WordFault = (Option<usize>, String, String);

/// Reads a file of words over a table; the first thing that is wrong.
fn table_of(text: &str, mut table: WordTable) -> Result<WordTable, WordFault> {
    let (root, problems) = Node::parse(text);
    if let Some(problem) = problems.into_iter().next() {
        let key = if problem.key.is_empty() { String::new() } else { format!("{}: ", problem.key) };
        return Err((problem.line, format!("{key}{}", problem.found), problem.fix));
    }
    let mut leaves = Vec::new();
    root.iter().for_each(|root| collect(root, &mut leaves));
    for leaf in leaves {
        let at = |found: String, fix: String| (leaf.line, format!("{}: {found}", leaf.key), fix);
        let Some(key) = WordKey::all().find(|key| key.path() == leaf.key) else {
            let known: Vec<String> = WordKey::all().map(WordKey::path).collect();
            let fix = did_you_mean(&leaf.key, known.iter().map(String::as_str), "remove it");
            return Err(at("no such text".to_owned(), fix));
        };
        let Some(text) = leaf.as_text() else {
            return Err(at(format!("found {}", leaf.value.kind()), "write a text in quotes".to_owned()));
        };
        if let Some(found) = fault(text) {
            return Err(at(found, "write a plain text".to_owned()));
        }
        table.insert(key, text.to_owned());
    }
    Ok(table)
}

fn collect<'n>(node: &'n Node, leaves: &mut Vec<&'n Node>) {
    match &node.value {
        Value::Table(entries) => entries.iter().for_each(|(_, child)| collect(child, leaves)),
        Value::Text(_) | Value::Integer(_) | Value::Boolean(_) | Value::Moment(_) | Value::Number | Value::Array(_) => {
            leaves.push(node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_and_french_have_every_text_and_no_other() {
        for (language, table) in Language::ALL.into_iter().zip(OURS.iter()).skip(1) {
            let missing: Vec<_> = WordKey::all().filter(|key| !table.has(*key)).map(WordKey::path).collect();
            assert_eq!(missing, Vec::<String>::new(), "{language:?}");
        }
    }

    #[test]
    fn what_is_printed_of_a_language_can_be_read_again_and_says_the_same() {
        for (language, ours) in Language::ALL.into_iter().zip(OURS.iter()) {
            let read = table_of(&words_file(language), WordTable::default()).unwrap();
            for key in WordKey::all() {
                assert_eq!(read.text(key), ours.text(key), "{language:?} {}", key.path());
                assert!(read.has(key), "{language:?} {}", key.path());
            }
        }
    }

    #[test]
    fn a_file_that_is_wrong_is_told_by_its_line() {
        let wrong = |text: &str| table_of(text, WordTable::default()).unwrap_err();
        let told = |line, found: &str, fix: &str| (Some(line), found.to_owned(), fix.to_owned());
        assert_eq!(wrong("[page]\nbakc = \"x\""), told(2, "page.bakc: no such text", "did you mean \"page.back\"?"));
        assert_eq!(wrong("[page]\n\nback = 1"), told(3, "page.back: found an integer", "write a text in quotes"));
        assert_eq!(wrong("[page]\nback = \" \""), told(2, "page.back: empty", "write a plain text"));
        let long = format!("[page]\nback = \"{}\"", "é".repeat(PAGE_TEXT_CHARS_MAX + 1));
        assert_eq!(wrong(&long), told(2, "page.back: longer than 1000 characters", "write a plain text"));
        assert!(table_of(&long.replacen('é', "", 1), WordTable::default()).is_ok());
        assert_eq!(wrong("[page\n").0, Some(1));
        assert_eq!(wrong("[page]\nback = \"a\"\nback = \"b\"").2, "keep one");
    }

    #[test]
    fn a_picture_is_known_by_its_first_bytes() {
        let svg = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        let known: [(&[u8], _); 6] = [
            (b"\x89PNG\r\n\x1a\nrest", "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"GIF89a", "image/gif"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (svg.as_bytes(), "image/svg+xml"),
            (b"\xef\xbb\xbf <svg/>", "image/svg+xml"),
        ];
        for (bytes, expected) in known {
            assert_eq!(media_type(bytes), Some(expected));
        }
        for bytes in [&b""[..], b"<html><svg>", b"RIFF\0\0\0\0WAVE", b"\x89PNG", b"<?xml version=\"1.0\"?><html/>"] {
            assert_eq!(media_type(bytes), None, "{bytes:?}");
        }
    }
}
