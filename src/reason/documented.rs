//! Lists in documents that the code has as well: such a list stands between two marks, and a test holds it to the code.

/// Holds that just this list stands between the marks of a document; says what to write there otherwise.
#[track_caller]
pub(crate) fn assert_lists(document: &str, mark: &str, list: &str) {
    let (begin, end) = (format!("<!-- {mark} -->\n\n"), format!("\n<!-- end of {mark} -->"));
    let found = document.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).map(|(found, _)| found);
    assert!(found == Some(list), "write between the marks of `{mark}`:\n{list}");
}

#[test]
fn a_list_that_differs_or_has_no_marks_is_found_out() {
    let document = "text\n<!-- words -->\n\n| a |\n\n<!-- end of words -->\n";
    assert_lists(document, "words", "| a |\n");
    for (mark, list) in [("words", "| b |\n"), ("words", ""), ("notes", "| a |\n")] {
        assert!(std::panic::catch_unwind(|| assert_lists(document, mark, list)).is_err(), "{mark} {list:?}");
    }
}
