//! No import circle between the files and folders of any folder, its own `mod.rs` among them.
//!
//! A call of a method leads to the file that has it, also where a type's methods stand in several files.
//!
//! What a parent names with `mod` and `pub use` is there for others and is no edge. What it uses of a child itself is one, and so
//! is what a child uses of the parent's own things: tied both ways, neither can be read alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Findings, methods::Spread, paths::Resolver, tree::Tree};

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
    let spread = Spread::of(tree);
    let mut folders: BTreeMap<String, Edges> = BTreeMap::new();
    for file in &tree.files {
        for path in resolver.own_paths(file) {
            let names_a_thing = path.written.len() > path.module.len() && !path.is_re_export;
            let place = format!("{}:{} names `{}`", file.path, path.line, path.written.join("::"));
            add_edge(&mut folders, &file.module, &path.module, names_a_thing, place);
        }
        for call in spread.calls(file) {
            let place = format!("{}:{} calls `{}`", file.path, call.line, call.written);
            add_edge(&mut folders, &file.module, call.module, true, place);
        }
    }
    folders
}

/// An edge between the neighbours, in the folder of both, that two modules are in.
fn add_edge(
    folders: &mut BTreeMap<String, Edges>,
    ours: &[String],
    theirs: &[String],
    names_a_thing: bool,
    place: String,
) {
    let shared = ours.iter().zip(theirs).take_while(|(ours, theirs)| ours == theirs).count();
    let (from, to) = match (ours.get(shared), theirs.get(shared)) {
        (Some(from), Some(to)) => (from.as_str(), to.as_str()),
        (Some(from), None) if names_a_thing => (from.as_str(), PARENT),
        (None, Some(to)) if names_a_thing => (PARENT, to.as_str()),
        (Some(_), None) | (None, Some(_)) | (None, None) => return,
    };
    let edges = folders.entry(ours[..shared].join("/")).or_default();
    edges.entry(from.to_owned()).or_default().entry(to.to_owned()).or_insert(place);
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

    #[test]
    fn methods_of_one_type_that_call_each_other_from_two_files_fail() {
        let mod_file = ("x/mod.rs", "mod a; mod b; pub use a::T;");
        for (a, b) in [
            ("pub struct T; impl T { fn one(&self) { self.two() } }", "use super::T; impl T { fn two(&self) {} }"),
            (
                "pub struct T<A>(A); impl<A: Into<B>> T<A> { fn one() { Self::two() } }",
                "use super::T; impl<A> T<A> where A: C { fn two() {} }",
            ),
            (
                "pub struct T; fn f(t: T) { t.deep\n .two(1) }",
                "use super::T; impl T { pub(super) async fn two(self) {} }",
            ),
            ("pub struct T; fn f() { T::two() }", "use crate::x::T; impl crate::x::T { fn two() {} }"),
            ("pub struct T; fn f(t: Vec<T>) { t.iter().map(T::two) }", "use super::T; impl T { fn two(&self) {} }"),
        ] {
            let problems = problems(&[mod_file, ("x/a.rs", a), ("x/b.rs", b)]);
            assert_eq!(problems.len(), 1, "{a} {b}");
            assert!(problems[0].starts_with("circle in `/x`: a → b") && problems[0].contains("two"), "{problems:?}");
        }
    }

    #[test]
    fn a_circle_through_a_method_and_an_import_fails() {
        let sources = [
            ("x/mod.rs", "mod a; mod b; mod c; pub use a::T;"),
            ("x/a.rs", "pub struct T;"),
            ("x/b.rs", "use super::{T, c::C}; impl T { fn two(&self, c: C) {} }"),
            ("x/c.rs", "use super::T; pub struct C; fn f(t: &T) { t.two(C) }"),
        ];
        assert_eq!(problems(&sources), ["circle in `/x`: b → c (x/b.rs:1 names `x::c::C`; x/c.rs:1 calls `T::two`)"]);
    }

    #[test]
    fn a_type_whose_methods_are_in_other_files_is_fine_while_they_lead_one_way() {
        for (a, b) in [
            ("pub struct T; impl T { fn one(&self) {} }", "use super::T; impl T { fn two(&self) { self.one() } }"),
            // Another type's method, a field, a trait's method, a test.
            ("pub struct T; fn f(v: &V) { v.two() }", "use super::T; impl U { fn two(&self) {} } fn g(t: T) {}"),
            ("pub struct T; fn f(t: &T) { t.two; two() }", "use super::T; impl T { fn two(&self) {} }"),
            ("pub struct T; fn f(t: &T) { t.two() }", "use super::T; impl Two for T { fn two(&self) {} }"),
            ("pub struct T; fn f(t: &T) { t.two() }", "use super::T; #[cfg(test)] impl T { fn two(&self) {} }"),
            (
                "pub struct T; #[cfg(test)] mod tests { fn f(t: &T) { t.two() } }",
                "use super::T; impl T { fn two(&self) {} }",
            ),
            ("pub struct T; fn f(t: &T) { t.inner() }", "use super::T; impl T { fn two(&self) { fn inner() {} } }"),
        ] {
            let sources = [("x/mod.rs", "mod a; mod b; pub use a::T;"), ("x/a.rs", a), ("x/b.rs", b)];
            assert_eq!(problems(&sources), Vec::<String>::new(), "{a} {b}");
        }
    }
}
