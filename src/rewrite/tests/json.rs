//! JSON is patched in place.

use proptest::prelude::*;

use super::Double;
use crate::rewrite::{Change, JsonPath, rewrite_json};

const URL: &str = "\"https://sigma.test/acme/workbook/R-1\"";
const LINK: &str = "\"https://crm.test/sigma/embed/revenue\"";

fn patched(json: &str, paths: &[&str]) -> Option<String> {
    let paths: Vec<JsonPath> = paths.iter().map(|path| JsonPath::parse(path).unwrap()).collect();
    let paths: Vec<&JsonPath> = paths.iter().collect();
    let found = rewrite_json(json.as_bytes(), &paths, &mut Double::linking()).unwrap();
    found.map(|(bytes, _)| String::from_utf8(bytes).unwrap())
}

#[test]
fn only_the_chosen_values_change_and_everything_else_keeps_its_spelling() {
    for (path, json) in [
        ("$", "  U\n"),
        ("$.a", r#"{ "a" : U, "b": U0, "n": 1.00, "e": "\u00e9\/" }"#),
        ("$.a", r#"{"a": U, "a": 1, "a": U}"#),
        ("$[1]", "[U0, U, U0]"),
        ("$[*].u", r#"[{"u": U}, {"v": U0}, {"u":[U0]}, 3, null, {"u":U}]"#),
        ("$.*[0]", r#"{"a":[U],"b":[U,U0],"c":{"d":U0}}"#),
        ("$['it\\'s']", r#"{"it's": U}"#),
        ("$.a", r#"{"\u0061": U}"#),
    ] {
        // U is a URL that is chosen, U0 one that is not.
        let source = json.replace("U0", "U").replace('U', URL);
        let expected = json.replace("U0", "\u{1}").replace('U', LINK).replace('\u{1}', URL);
        assert_eq!(patched(&source, &[path]), Some(expected), "{path} in {json}");
    }
}

#[test]
fn nothing_is_patched_where_no_chosen_value_is_a_sigma_url() {
    for (path, json) in
        [("$.a", r#"{"a": "/x"}"#), ("$.a", r#"["a"]"#), ("$[5]", "[1]"), ("$.a.b", r#"{"a": "b"}"#), ("$.a", "3")]
    {
        assert_eq!(patched(json, &[path]), None, "{path} in {json}");
    }
}

#[test]
fn a_url_with_escapes_is_read_as_the_text_that_it_is() {
    let json = r#"{"a": "https:\/\/sigma.test\/acme\u002fworkbook\/R-1"}"#;
    assert_eq!(patched(json, &["$.a"]), Some(format!("{{\"a\": {LINK}}}")));
}

#[test]
fn a_value_that_two_paths_choose_is_minted_for_once() {
    let json = format!("{{\"a\":{URL}}}");
    let paths = [JsonPath::parse("$.a").unwrap(), JsonPath::parse("$.*").unwrap()];
    let found = rewrite_json(json.as_bytes(), &[&paths[0], &paths[1]], &mut Double::signing()).unwrap();
    let expected = r#"{"a":"https://sigma.test/acme/workbook/R-1?:jwt=1&:embed=true"}"#;
    assert_eq!(found, Some((expected.as_bytes().to_vec(), Change::Signed)));
}

#[test]
fn what_is_not_json_is_an_error() {
    let path = JsonPath::parse("$").unwrap();
    for text in ["", "{", "[1,]", "{\"a\":1} x", "\u{feff}1", &"[".repeat(100_000)] {
        assert!(rewrite_json(text.as_bytes(), &[&path], &mut Double::linking()).is_err());
    }
}

proptest! {
    #[test]
    fn any_text_is_patched_or_passed(text in "[\\[\\]{}\",:0-9a-z\\\\ ]{0,80}") {
        let paths = ["$", "$.*", "$[*].a", "$[0][0]"].map(|path| JsonPath::parse(path).unwrap());
        let found = rewrite_json(text.as_bytes(), &paths.each_ref(), &mut Double::linking());
        prop_assert!(!matches!(found, Ok(Some(_))));
    }
}
