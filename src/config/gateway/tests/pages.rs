//! `[pages]`.

use crate::{
    config::{
        Config,
        testing::{self, and, config},
        words_file,
    },
    reply::{Language, WordKey},
};

fn pages(lines: &str) -> String {
    and(&format!("\n[pages]\n{lines}\n"))
}

/// `LINE` stands for the line of the first of these.
fn refused(lines: &str, expected: &str) {
    let text = pages(lines);
    let first = lines.lines().next().expect("a line");
    let line = text.lines().position(|line| line == first).expect("the line") + 1;
    testing::refused(&text, &expected.replace("LINE", &line.to_string()));
}

fn text(config: &Config, accepted: &str, path: &str) -> String {
    let key = WordKey::all().find(|key| key.path() == path).expect("a key");
    config.pages.speaking(Some(accepted)).1.text(key).to_owned()
}

#[test]
fn pages_speak_the_browsers_language_or_the_one_that_is_set() {
    let language = |lines: &str, accepted| config(&pages(lines)).pages.speaking(accepted).0;
    assert_eq!(language("", Some("fr, de;q=0.5")), Language::French);
    assert_eq!(language("", None), Language::English);
    assert_eq!(language("language = \"de\"", Some("fr")), Language::German);
    assert_eq!(language("language = \"en\"", Some("fr")), Language::English);
}

#[test]
fn a_file_replaces_single_texts_of_its_language_and_leaves_the_others() {
    let own = config(&pages("words = { en = \"words-en.toml\", de = \"words-de.toml\" }"));
    let ours = config(&pages(""));
    assert_eq!(text(&own, "en", "page.back"), "To the CRM");
    assert_eq!(text(&own, "en", "page.sign_in"), "Sign in");
    assert_eq!(text(&own, "de", "reason.outsider.title"), "Falsches Konto");
    for (accepted, path) in [("de", "page.back"), ("de", "reason.outsider.sentence"), ("fr", "page.back")] {
        assert_eq!(text(&own, accepted, path), text(&ours, accepted, path));
        assert!(words_file(Language::of_browser(accepted)).contains(&text(&ours, accepted, path)));
    }
}

#[test]
fn a_file_that_is_wrong_or_not_there_is_told_with_its_line() {
    refused(
        "words = { de = \"wrong.toml\" }",
        "gateway.toml:LINE: pages.words.de: file \"wrong.toml\", line 3: page.bakc: no such text; did you mean \"page.back\"?",
    );
    refused(
        "words = { fr = \"gone.toml\" }",
        "gateway.toml:LINE: pages.words.fr: file \"gone.toml\" does not exist; put a file there as `sigma-gateway words` prints it",
    );
    refused(
        "words = { nl = \"gone.toml\" }",
        "gateway.toml:LINE: pages.words.nl: unknown key; remove it; known here: en, de, fr",
    );
}

#[test]
fn a_contact_is_one_plain_line_and_a_logo_a_picture() {
    let fine = config(&pages("contact = \"Call <4711>\"\nlogo = \"logo.png\"")).pages;
    assert_eq!(fine.contact.as_deref(), Some("Call <4711>"));
    assert_eq!(fine.logo.as_deref(), Some("data:image/png;base64,iVBORw0KGgo="));
    let fix = "write one plain line: contact = \"Help desk, extension 4711\"";
    refused("contact = \"a\\nb\"", &format!("gateway.toml:LINE: pages.contact: holds a control character; {fix}"));
    refused(
        &format!("contact = \"{}\"", "x".repeat(1_001)),
        &format!("gateway.toml:LINE: pages.contact: longer than 1000 characters; {fix}"),
    );
    let fix = "put a PNG, JPEG, GIF, WebP or SVG there";
    for (file, found) in [("logo.txt", "is no picture that is known here"), ("gone.png", "is larger than 32768 bytes")]
    {
        refused(
            &format!("logo = \"{file}\""),
            &format!("gateway.toml:LINE: pages.logo: file \"{file}\" {found}; {fix}"),
        );
    }
}
