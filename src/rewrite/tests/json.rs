//! JSON is patched in place.

use proptest::prelude::*;

use super::Double;
use crate::rewrite::{Change, JsonPath, Note, SlotFiller, rewrite_json};

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
    for text in [
        "",
        "{",
        "[1,]",
        "{\"a\":1} x",
        "1\u{feff}",
        "'a'",
        "{'a':1}",
        "NaN",
        "[NaN]",
        "[1,]",
        "{\"a\":1,}",
        "cb({\"a\":1})",
        "{a:1}",
        "[1 2]",
        "01",
        "1.",
        "+1",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "[1]\n[2",
        "// a\n1",
        "undefined",
        ")]}',",
        "\"a",
        "{\"a\"}",
        "1e",
        ".5",
        "[\"a\"",
        "tru",
        &"[".repeat(100_000),
    ] {
        assert!(rewrite_json(text.as_bytes(), &[&path], &mut Double::linking()).is_err());
    }
}

/// What `JSON.parse` takes, and what scripts take off before.
#[test]
fn json_is_patched_where_a_browser_reads_it_whatever_stands_around_it() {
    for json in [
        "\u{feff}{\"a\":U}",
        ")]}',\n{\"a\":U}",
        ")]}'\n\n{\"a\":U}",
        "\u{feff})]}',\n{\"a\":U}",
        "while(1);{\"a\":U}",
        "for (;;);\n{\"a\":U}",
        "{}&&{\"a\":U}",
        "throw 1; {\"a\":U}",
        "/*{\"a\":U}*/",
        "/*-secure-\n{\"a\":U}\n*/\n",
        "{\"a\":U}\n{\"a\":U}\n",
        "{\"a\":U}\r\n\r\n{\"b\":U0}\r\n[1]",
        "\x1e{\"a\":U}\n\x1e{\"a\":U}\n",
        "{\"n\":[1e400,-0,12345678901234567890123,0.1E-5,true,false,null],\"a\":U}",
        "{\"\\ud800\":1,\"x\":\"\\ud800\\u0000\",\"a\":U}",
        "{\"d\":\"\\\"no text\",\"a\":U}",
    ] {
        let source = json.replace("U0", "U").replace('U', URL);
        let expected = json.replace("U0", "\u{1}").replace('U', LINK).replace('\u{1}', URL);
        assert_eq!(patched(&source, &["$.a"]), Some(expected), "{json:?}");
    }
    let deep = format!("{{\"b\":{}{},\"a\":{URL}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(patched(&deep, &["$.a", "$.b"]), Some(deep.replace(URL, LINK)));
}

#[test]
fn bytes_that_are_no_utf_8_stay_and_a_value_with_some_is_read_as_latin_1() {
    let path = JsonPath::parse("$.a").unwrap();
    let source = [&b"{\"name\":\"Gr\xf6\xdfe\",\"\xff\":1,\"a\":"[..], URL.as_bytes(), b"}"].concat();
    let expected = [&b"{\"name\":\"Gr\xf6\xdfe\",\"\xff\":1,\"a\":"[..], LINK.as_bytes(), b"}"].concat();
    let found = rewrite_json(&source, &[&path], &mut Double::linking()).unwrap();
    assert_eq!(found, Some((expected, Change::Links)));
    let source = b"{\"a\":\"https://sigma.test/acme/workbook/R-1?Region=\xe9\"}";
    assert!(rewrite_json(source, &[&path], &mut Double::linking()).unwrap().is_some());
}

/// As ASP.NET writes its results, and others the state of a page: each place is patched in the string as it is written.
#[test]
fn a_json_text_in_a_string_is_patched_where_a_path_leads_to_it_or_through_it() {
    let url = "\\\"https:\\\\/\\\\/sigma.test\\\\/acme\\\\/workbook\\\\/R-1\\\"";
    let link = LINK.replace('"', "\\\"");
    let plain = URL.replace('"', "\\\"");
    for (paths, json) in [
        (&["$.url"][..], "{\"url\": \"{\\\"url\\\": U}\"}"),
        (&["$.d.url"], "{\"d\":\"{\\\"url\\\":U,\\u0022n\\u0022:\\u003cU0}\"}"),
        (&["$.url"], "{\"d\":\"{\\\"url\\\":U}\"}"),
        (
            &["$.a[*].b.url"],
            "{\"a\":[{\"b\":\" {\\\"x\\\":\\\"\\u00e9\u{e9}\\\",\\\"url\\\":U,\\n\\\"y\\\":1}\"},{\"b\":\"{\"}]}",
        ),
    ] {
        let json = json.replace(":\\u003cU0", ":1");
        for spelled in [url, plain.as_str()] {
            let found = patched(&json.replace('U', spelled), paths);
            assert_eq!(found, Some(json.replace('U', &link)), "{json}");
        }
    }
    // What no path leads to stays.
    assert_eq!(patched("{\"e\":\"{\\\"url\\\":1}\"}", &["$.url"]), None);
    let deep =
        (0..6).fold(format!("{{\"a\":{URL}}}"), |text, _| format!("{{\"a\":{}}}", serde_json::Value::from(text)));
    assert_eq!(patched(&deep, &["$.a"]), None);
}

/// A comment that a user wrote, say.
#[test]
fn a_wildcard_leads_into_no_json_text() {
    let text = serde_json::Value::from(format!("{{\"url\":{URL},\"0\":[{URL}]}}")).to_string();
    for (paths, json) in [
        (&["$.*"][..], "{\"comment\":T}"),
        (&["$.*.url"], "{\"comment\":T}"),
        (&["$[*]", "$[*].url"], "[T]"),
        (&["$.a[*].url"], "{\"a\":[T]}"),
        (&["$.a.*"], "{\"a\":{\"b\":T}}"),
    ] {
        assert_eq!(patched(&json.replace('T', &text), paths), None, "{json}");
    }
    for (paths, json) in [
        (&["$.*.comment.url"][..], "{\"a\":{\"comment\":T}}"),
        (&["$.a.*"], "{\"a\":T}"),
        (&["$.a[0].url", "$.a[*].url"], "{\"a\":[T]}"),
        (&["$.*"], "{\"d\":T}"),
    ] {
        let source = json.replace('T', &text);
        let found = patched(&source, paths).unwrap_or_default();
        let url = format!("\\\"url\\\":{}", LINK.replace('"', "\\\""));
        assert!(found.contains(&url), "{json}: {found}");
    }
}

#[test]
fn a_chosen_value_that_names_sigma_and_is_left_is_noted() {
    let notes = |json: &str| {
        let (path, mut filler) = (JsonPath::parse("$.a").unwrap(), Double::linking());
        let found = rewrite_json(json.as_bytes(), &[&path], &mut filler).unwrap();
        (found.is_some(), filler.take_heard().notes)
    };
    let html = "{\"a\":\"<iframe src='https://sigma.test/acme/workbook/R-1'>\"}";
    assert_eq!(notes(html), (false, vec![Note::JsonValue]));
    assert_eq!(notes("{\"a\":\"https://sigma.test/acme/workbook/Other-2\",\"b\":1}"), (false, vec![Note::JsonValue]));
    assert_eq!(notes(&format!("{{\"a\":{URL}}}")), (true, vec![]));
    assert_eq!(notes("{\"a\":\"/x\",\"b\":\"https://sigma.test/\"}"), (false, vec![]));
}

/// HTML in JSON is no value either.
#[test]
fn json_that_names_sigma_where_no_path_leads_is_noted() {
    let notes = |json: &str| {
        let (path, mut filler) = (JsonPath::parse("$.a").unwrap(), Double::linking());
        assert!(rewrite_json(json.as_bytes(), &[&path], &mut filler).unwrap().is_none());
        filler.take_heard().notes
    };
    for json in [
        "[{\"a\":U}]",
        "{\"a\":[U]}",
        "{\"d\":{\"a\":U}}",
        "{\"html\":\"<iframe src='//SIGMA.test/x'>\"}",
        "{\"a\":1,\"b\":U}",
    ] {
        assert_eq!(notes(&json.replace('U', URL)), [Note::JsonUnmatched], "{json}");
    }
    for json in ["{\"b\":\"/x\"}", "{\"b\":\"data-sigma-embed\"}", "{\"a\":\"\",\"b\":U}"] {
        assert_eq!(notes(&json.replace('U', URL)), [], "{json}");
    }
}

proptest! {
    /// Held against serde_json, which knows nothing of lone surrogates in names, nor of great depth.
    #[test]
    fn what_is_json_to_another_reader_is_json_here_and_the_reverse(text in "[\\[\\]{}\",:0-9a-z\\\\ .eE+tfnu-]{0,40}") {
        let path = JsonPath::parse("$").unwrap();
        let found = rewrite_json(text.as_bytes(), &[&path], &mut Double::linking()).is_ok();
        let expected = serde_json::from_slice::<serde::de::IgnoredAny>(text.as_bytes()).is_ok();
        // A guard may stand before JSON.
        let is_guarded = text.trim_start().starts_with([')', '{']);
        prop_assert!(found == expected || (found && is_guarded));
    }

    #[test]
    fn any_text_is_patched_or_passed(text in "[\\[\\]{}\",:0-9a-z\\\\ ]{0,80}") {
        let paths = ["$", "$.*", "$[*].a", "$[0][0]"].map(|path| JsonPath::parse(path).unwrap());
        let found = rewrite_json(text.as_bytes(), &paths.each_ref(), &mut Double::linking());
        prop_assert!(!matches!(found, Ok(Some(_))));
    }
}
