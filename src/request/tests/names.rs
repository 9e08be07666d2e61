//! Everyday names in the charsets of older applications, whose bytes look like overlong UTF-8, separators or escapes.
//!
//! CLDR's, as `tests/upstreams/fixture.mjs` writes them; `scripts/upstreams` sends all of them through the program.

use crate::{
    limits::PATH_READINGS_MAX,
    request::{NormalPath, PathTable, Prefix, RouteIndex, UpstreamPaths},
};

const NAMES: &str = include_str!("../../../tests/fixtures/names/legacy.txt");

fn names() -> impl Iterator<Item = &'static str> {
    NAMES.lines().filter(|line| !line.starts_with('#'))
}

fn table(upstream: UpstreamPaths) -> PathTable {
    let prefixes = ["/pub/", "/pub/docs/", "/admin/"].map(|text| Prefix::parse(text).unwrap());
    PathTable::new(prefixes.to_vec()).read_by(upstream, None)
}

#[test]
fn every_name_is_served_wherever_it_stands() {
    assert!(names().count() > 700 && NAMES.len() < 60_000);
    for upstream in [UpstreamPaths::Plain, UpstreamPaths::Windows] {
        let table = table(upstream);
        for name in names() {
            for (path, route) in [
                (format!("/{name}"), None),
                (format!("/{name}/x"), None),
                (format!("/pub/{name}"), Some(0)),
                (format!("/pub/{name}/{name}%20{name}.pdf"), Some(0)),
                (format!("/pub/docs/{name}"), Some(1)),
                (format!("/pub/{name}/docs/x"), Some(0)),
                (format!("/admin/{name};v=1"), Some(2)),
            ] {
                let found = NormalPath::parse(&path).and_then(|path| table.find(&path));
                assert_eq!(found, Ok(route.map(RouteIndex)), "{path}");
            }
        }
    }
}

/// The bound on readings is for what nobody means.
#[test]
fn paths_of_many_names_stay_far_below_the_bound() {
    let all: Vec<&str> = names().collect();
    let mut most = 0;
    for count in [1, 5, 20, 60] {
        for some in all.chunks(count) {
            let path = NormalPath::parse(&format!("/pub/{}", some.join("/"))).unwrap();
            most = most.max(path.readings().count());
        }
    }
    // Every pair of two rows of Korean between two more characters: what decodes as `#`, `%`, `.`, `/`, `;`, `?`, `\\` among them.
    for count in [1, 4, 20, 200] {
        for some in (0..188_u8).collect::<Vec<_>>().chunks(count) {
            let word = |pair: &u8| format!("%B0%A1%{:X}%{:X}%B0%A1", 0xC0 + pair / 94, 0xA1 + pair % 94);
            let path = NormalPath::parse(&format!("/pub/{}", some.iter().map(word).collect::<Vec<_>>().join("/")));
            most = most.max(path.unwrap().readings().count());
        }
    }
    assert!(most > 2 && most <= PATH_READINGS_MAX / 4, "{most} readings");
}
