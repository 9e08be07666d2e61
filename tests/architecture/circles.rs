//! No import circle between the files and folders of any folder, its own `mod.rs` among them.
//!
//! What a parent names with `mod` and `pub use` is there for others and is no edge. What it uses of a child itself is one, and so
//! is what a child uses of the parent's own things: tied both ways, neither can be read alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Findings, paths::Resolver, tree::Tree};

/// What each file or folder of one folder names among its neighbours, with one place where it does.
type Edges = BTreeMap<String, BTreeMap<String, String>>;

/// The folder's own file, among its neighbours.
const PARENT: &str = "mod";

/// Every circle among neighbours.
pub(crate) fn circles(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for (folder, edges) in edges_by_folder(tree) {
        findings.looked_at += edges.len();
        let mut reported = BTreeSet::new();
        for start in edges.keys() {
            let Some(circle) = circle_through(&edges, start) else { continue };
            let members: BTreeSet<String> = circle.iter().cloned().collect();
            if reported.insert(members) {
                findings.problems.push(describe(&folder, &edges, &circle));
            }
        }
    }
    findings
}

fn edges_by_folder(tree: &Tree) -> BTreeMap<String, Edges> {
    let resolver = Resolver::new(tree);
    let mut folders: BTreeMap<String, Edges> = BTreeMap::new();
    for file in &tree.files {
        for path in resolver.own_paths(file) {
            let shared = file.module.iter().zip(&path.module).take_while(|(ours, theirs)| ours == theirs).count();
            let names_a_thing = path.written.len() > path.module.len() && !path.is_re_export;
            let (from, to) = match (file.module.get(shared), path.module.get(shared)) {
                (Some(from), Some(to)) => (from.as_str(), to.as_str()),
                (Some(from), None) if names_a_thing => (from.as_str(), PARENT),
                (None, Some(to)) if names_a_thing => (PARENT, to.as_str()),
                (Some(_), None) | (None, Some(_)) | (None, None) => continue,
            };
            let place = format!("{}:{} names `{}`", file.path, path.line, path.written.join("::"));
            let edges = folders.entry(file.module[..shared].join("/")).or_default();
            edges.entry(from.to_owned()).or_default().entry(to.to_owned()).or_insert(place);
        }
    }
    folders
}

/// A shortest way from `start` back to itself.
fn circle_through(edges: &Edges, start: &str) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = std::collections::VecDeque::from([vec![start.to_owned()]]);
    while let Some(way) = ways.pop_front() {
        let here = way.last().cloned().unwrap_or_default();
        for next in edges.get(&here).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                ways.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

fn describe(folder: &str, edges: &Edges, circle: &[String]) -> String {
    let steps = circle.iter().zip(circle.iter().cycle().skip(1));
    let places: Vec<&str> = steps.map(|(from, to)| edges[from][to].as_str()).collect();
    format!("circle in `/{folder}`: {} ({})", circle.join(" → "), places.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(sources: &[(&str, &str)]) -> Vec<String> {
        circles(&Tree::of(sources)).problems
    }

    #[test]
    fn a_line_of_imports_is_no_circle() {
        let sources = [("a.rs", "use crate::b::X;"), ("b.rs", "use crate::c::X;"), ("c.rs", "")];
        assert_eq!(problems(&sources), Vec::<String>::new());
    }

    #[test]
    fn two_files_that_name_each_other_fail() {
        let sources = [("x/mod.rs", "mod a; mod b;"), ("x/a.rs", "use super::b::B;"), ("x/b.rs", "use super::a::A;")];
        assert_eq!(problems(&sources).len(), 1);
    }

    #[test]
    fn a_circle_behind_re_exports_is_seen() {
        let sources = [
            ("x/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
            ("x/a.rs", "use super::B;"),
            ("x/b.rs", "use crate::x::A;"),
        ];
        assert_eq!(problems(&sources), ["circle in `/x`: a → b (x/a.rs:1 names `x::B`; x/b.rs:1 names `x::A`)"]);
    }

    #[test]
    fn two_folders_that_name_each_other_through_different_files_fail() {
        let sources = [
            ("x/mod.rs", ""),
            ("x/a.rs", "use crate::y::c::C;"),
            ("x/b.rs", ""),
            ("y/mod.rs", ""),
            ("y/c.rs", ""),
            ("y/d.rs", "use crate::x::b::B;"),
        ];
        assert_eq!(problems(&sources).len(), 1);
    }

    #[test]
    fn a_parent_that_only_opens_its_children_to_others_is_no_circle() {
        let sources = [
            ("x/mod.rs", "mod a; pub use a::A; pub(crate) use a::helper; pub struct Own;"),
            ("x/a.rs", "use super::Own; use crate::x::Own as Other;"),
        ];
        assert_eq!(problems(&sources), Vec::<String>::new());
        let sources = [("x/mod.rs", "mod a; pub use a::A; fn f(a: A) { a::help() }"), ("x/a.rs", "use crate::y::Y;")];
        assert_eq!(problems(&sources), Vec::<String>::new());
    }

    #[test]
    fn a_parent_that_uses_a_child_which_uses_the_parents_own_things_fails() {
        for parent in [
            "mod a; use a::A; pub struct Own;",
            "mod a; pub use a::A; pub struct Own; fn f(a: A) {}",
            "mod a; pub struct Own; fn f() { a::help() }",
        ] {
            let sources = [("x/mod.rs", parent), ("x/a.rs", "pub struct A(super::Own);")];
            assert_eq!(problems(&sources).len(), 1, "{parent}");
        }
    }
}
