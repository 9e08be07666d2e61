//! A type's name means one thing: it stands for one type in the whole tree.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Findings,
    tokens::{Placed, behind_closing},
    tree::Tree,
};

const DECLARES: &[&str] = &["struct", "enum", "trait", "type"];

/// No two types have one name, but for the exceptions. Associated types are no names of their own.
pub(crate) fn types(tree: &Tree, exceptions: &[&str]) -> Findings {
    let mut findings = Findings::default();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let makers: BTreeSet<&str> = tree.files.iter().flat_map(|file| makers(&file.shipped)).collect();
    for file in &tree.files {
        let declared = declared_types(&file.shipped).into_iter();
        for (name, line) in declared.chain(made_types(&file.shipped, &makers)) {
            findings.looked_at += 1;
            let (name, place) = (name.to_owned(), format!("{}:{line}", file.path));
            let Some(first) = seen.get(&name) else {
                seen.insert(name, place);
                continue;
            };
            if !exceptions.contains(&name.as_str()) {
                findings.problems.push(format!("{place}: `{name}` is the name of a type in {first}"));
            }
        }
    }
    findings
}

/// The names that are declared outside the bodies of `impl` and `trait`, with their lines.
fn declared_types(tokens: &[Placed]) -> Vec<(&str, usize)> {
    let mut declared = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_impl = tokens[at].is_word("impl") && begins_an_item(tokens, at);
        if DECLARES.iter().any(|word| tokens[at].is_word(word))
            && let Some(name) = tokens.get(at + 1).and_then(Placed::word)
        {
            declared.push((name, tokens[at].line));
        }
        at = if is_impl || tokens[at].is_word("trait") { behind_body(tokens, at) } else { at + 1 };
    }
    declared
}

/// The macros that make a type of a name that they are given.
fn makers(tokens: &[Placed]) -> Vec<&str> {
    let defined = (0..tokens.len()).filter(|at| tokens[*at].is_word("macro_rules"));
    let maker = |at: usize| {
        let name = tokens.get(at + 2)?.word()?;
        let body = &tokens[at + 3..behind_closing(tokens, at + 3)];
        let makes = |pair: &[Placed]| DECLARES.iter().any(|word| pair[0].is_word(word)) && pair[1].is_mark('$');
        body.windows(2).any(makes).then_some(name)
    };
    defined.filter_map(maker).collect()
}

/// The types that calls of such macros make, with their lines: every name that begins with a capital, outside attributes.
fn made_types<'a>(tokens: &'a [Placed], makers: &BTreeSet<&str>) -> Vec<(&'a str, usize)> {
    let is_call = |three: &[Placed]| {
        let is_maker = three[0].word().is_some_and(|name| makers.contains(name));
        is_maker && three[1].is_mark('!') && ['{', '(', '['].iter().any(|mark| three[2].is_mark(*mark))
    };
    let calls = tokens.windows(3).enumerate().filter(|(_, three)| is_call(three));
    calls.flat_map(|(at, _)| names_in(&tokens[at + 2..behind_closing(tokens, at + 2)])).collect()
}

fn names_in(tokens: &[Placed]) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].is_mark('#') {
            at = behind_closing(tokens, at + 1);
            continue;
        }
        let name = tokens[at].word().filter(|word| word.starts_with(char::is_uppercase));
        found.extend(name.map(|name| (name, tokens[at].line)));
        at += 1;
    }
    found
}

/// `impl` also stands in types: there it follows something else.
fn begins_an_item(tokens: &[Placed], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| &tokens[before]) else { return true };
    before.is_word("unsafe") || ['}', ';', ']', '{'].iter().any(|mark| before.is_mark(*mark))
}

fn behind_body(tokens: &[Placed], at: usize) -> usize {
    let body = (at..tokens.len()).find(|index| tokens[*index].is_mark('{'));
    body.map_or(tokens.len(), |body| behind_closing(tokens, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(sources: &[(&str, &str)]) -> Vec<String> {
        types(&Tree::of(sources), &["Allowed"]).problems
    }

    #[test]
    fn one_name_for_two_types_fails() {
        let sources = [("a.rs", "pub struct Answer;"), ("b.rs", "fn f() {}\nenum Answer { Yes }")];
        assert_eq!(problems(&sources), ["b.rs:2: `Answer` is the name of a type in a.rs:1"]);
        let sources =
            [("a.rs", "trait Look { type Found; }\ntype Body = u8;"), ("b.rs", "pub(crate) struct Body<T>(T);")];
        assert_eq!(problems(&sources), ["b.rs:1: `Body` is the name of a type in a.rs:2"]);
    }

    const KIND: &str =
        "macro_rules! kind { ($(#[$doc:meta])* $kind:ident) => { #[derive(Debug)] pub struct $kind(Name);
        impl $kind { fn f() -> Other {} } }; }";

    #[test]
    fn a_type_that_a_macro_makes_has_a_name_too() {
        let made = "/// Of a.\ncrate::a::kind! {\n /// Doc.\n #[doc = \"x\"] #[derive(Clone)] Answer\n}";
        let sources = [("a.rs", KIND), ("b.rs", made), ("c.rs", "struct Answer; struct Clone;")];
        assert_eq!(problems(&sources), ["c.rs:1: `Answer` is the name of a type in b.rs:4"]);
        let sources = [("a.rs", KIND), ("b.rs", made), ("c.rs", "kind!(Answer);")];
        assert_eq!(problems(&sources), ["c.rs:1: `Answer` is the name of a type in b.rs:4"]);
        for made in [
            "macro_rules! kind { ($x:ident) => { enum $x { A } } }",
            "macro_rules! kind { ($($x:ident),+) => { $(type $x = u8;)+ } }",
        ] {
            let sources = [("a.rs", made), ("b.rs", "kind![First, Second];"), ("c.rs", "struct Second;")];
            assert_eq!(problems(&sources), ["c.rs:1: `Second` is the name of a type in b.rs:1"], "{made}");
        }
    }

    #[test]
    fn a_type_that_is_written_in_a_macro_has_its_name_once() {
        let table = "macro_rules! table { ($($row:ident)+) => { pub enum Answer { $($row,)+ } } }\ntable! { Yes No }";
        assert_eq!(problems(&[("a.rs", table), ("b.rs", "struct Yes;")]), Vec::<String>::new());
        let sources = [("a.rs", table), ("b.rs", "struct Answer;")];
        assert_eq!(problems(&sources), ["b.rs:1: `Answer` is the name of a type in a.rs:1"]);
    }

    #[test]
    fn macros_of_tests_and_calls_of_other_macros_make_no_types() {
        let sources = [
            ("a.rs", "#[cfg(test)] mod tests { macro_rules! kind { ($x:ident) => { struct $x; } } kind!(Answer); }"),
            ("b.rs", "struct Answer; macro_rules! call { ($x:ident) => { fn f(x: $x) {} } } call!(Answer);"),
            ("c.rs", "fn f() { assert!(x == Answer::Yes); }"),
        ];
        assert_eq!(problems(&sources), Vec::<String>::new());
    }

    #[test]
    fn associated_types_test_types_and_exceptions_pass() {
        let sources = [
            ("a.rs", "impl Body for A { type Data = u8; }\nimpl Body for B { type Data = u8; }"),
            ("b.rs", "trait Look { type Data; }\nfn f(x: impl Into<u8>) -> impl Sized { x }\nstruct Kept;"),
            ("c.rs", "struct Allowed;\n#[cfg(test)] mod tests { struct Kept; }"),
            ("d.rs", "struct Allowed;"),
        ];
        assert_eq!(problems(&sources), Vec::<String>::new());
    }
}
