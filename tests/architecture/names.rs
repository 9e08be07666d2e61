//! A type's name means one thing: it stands for one type in the whole tree.

use std::collections::BTreeMap;

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
    for file in &tree.files {
        for declared in declared_types(&file.shipped) {
            findings.looked_at += 1;
            let (name, place) = (declared.0.to_owned(), format!("{}:{}", file.path, declared.1));
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
