//! Whole pages of `tests/fixtures/rewrite`: `NAME.html` becomes `NAME.link.html` and `NAME.signed.html`, in any split.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::{Double, properties::in_chunks};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rewrite")
}

/// The names of the pages, without what they become.
fn names() -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries
        .filter_map(|file| file.strip_suffix(".html").filter(|name| !name.contains('.')).map(str::to_owned))
        .collect()
}

#[test]
fn every_page_becomes_what_is_written_beside_it_in_any_split() {
    let names = names();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let page = fs::read(folder().join(format!("{name}.html"))).unwrap();
        for (delivery, filler) in [("link", Double::linking as fn() -> Double), ("signed", Double::signing)] {
            let expected = fs::read(folder().join(format!("{name}.{delivery}.html"))).unwrap();
            for lengths in [&[usize::MAX][..], &[1], &[7, 1, 64], &[3, 500], &[13], &[1460]] {
                let found = in_chunks(&page, lengths, filler());
                assert_eq!(
                    String::from_utf8_lossy(&found),
                    String::from_utf8_lossy(&expected),
                    "{name}.{delivery} in chunks of {lengths:?}"
                );
            }
        }
    }
}
