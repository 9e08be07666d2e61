//! Methods that stand in another file than their type: what a call of one leads to.
//!
//! A path to a type leads to the file that declares it, and so do the methods beside it. Where a type's own methods are spread
//! over files, only the method's name says which file is meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    tokens::{Placed, Token, behind_closing},
    tree::{ModulePath, SourceFile, Tree},
};

/// The methods of the types whose own `impl` blocks are not all beside the type: by type and name, the module of each.
pub(crate) struct Spread<'a> {
    methods: BTreeMap<(&'a str, &'a str), &'a ModulePath>,
}

/// A call of such a method.
pub(crate) struct Call<'a> {
    /// Where the method is.
    pub(crate) module: &'a ModulePath,
    /// The method, with its type.
    pub(crate) written: String,
    pub(crate) line: usize,
}

impl<'a> Spread<'a> {
    pub(crate) fn of(tree: &'a Tree) -> Self {
        let mut types: BTreeMap<&str, Vec<(&str, &ModulePath)>> = BTreeMap::new();
        let mut places: BTreeMap<&str, BTreeSet<&ModulePath>> = BTreeMap::new();
        for file in &tree.files {
            for (name, methods) in own_methods(&file.shipped) {
                types.entry(name).or_default().extend(methods.into_iter().map(|method| (method, &file.module)));
                places.entry(name).or_default().insert(&file.module);
            }
        }
        for file in &tree.files {
            for name in declared(&file.shipped) {
                places.entry(name).or_default().insert(&file.module);
            }
        }
        types.retain(|name, _| places.get(name).is_some_and(|places| places.len() > 1));
        let named = types
            .into_iter()
            .flat_map(|(name, methods)| methods.into_iter().map(move |(method, module)| ((name, method), module)));
        Self { methods: named.collect() }
    }

    /// The calls of a file that lead to other files: `.method(` and `::method`, where the file names the method's type.
    pub(crate) fn calls(&self, file: &SourceFile) -> Vec<Call<'a>> {
        let words: BTreeSet<&str> = file.shipped.iter().filter_map(Placed::word).collect();
        let methods = self.methods.iter().filter(|((of, _), module)| words.contains(of) && **module != &file.module);
        methods
            .filter_map(|(&(of, name), &module)| {
                let at = (1..file.shipped.len()).find(|at| is_call(&file.shipped, *at, of, name))?;
                Some(Call { module, written: format!("{of}::{name}"), line: file.shipped[at].line })
            })
            .collect()
    }
}

/// `.name(`, `.name::<`, `Of::name`, `Self::name`.
fn is_call(tokens: &[Placed], at: usize, of: &str, name: &str) -> bool {
    if !tokens[at].is_word(name) {
        return false;
    }
    if tokens[at - 1].token == Token::PathSeparator {
        return at > 1 && (tokens[at - 2].is_word(of) || tokens[at - 2].is_word("Self"));
    }
    let next = tokens.get(at + 1);
    let is_method = next.is_some_and(|next| next.is_mark('(') || next.token == Token::PathSeparator);
    tokens[at - 1].is_mark('.') && is_method
}

fn declared(tokens: &[Placed]) -> impl Iterator<Item = &str> {
    let types = tokens.windows(2).filter(|pair| ["struct", "enum", "union"].iter().any(|word| pair[0].is_word(word)));
    types.filter_map(|pair| pair[1].word())
}

/// The types that have an `impl` of their own here, not of a trait, with the functions in it.
fn own_methods(tokens: &[Placed]) -> Vec<(&str, Vec<&str>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some((name, body)) = own_impl(tokens, at) else {
            at += 1;
            continue;
        };
        let end = behind_closing(tokens, body);
        found.push((name, functions(&tokens[body + 1..end - 1])));
        at = end;
    }
    found
}

/// The type and the body of an `impl` block at `at` that is of no trait.
fn own_impl(tokens: &[Placed], at: usize) -> Option<(&str, usize)> {
    let begins_an_item = at == 0 || ['}', ';', ']', '{'].iter().any(|mark| tokens[at - 1].is_mark(*mark));
    if !tokens[at].is_word("impl") || !begins_an_item {
        return None;
    }
    let mut name = None;
    let mut at = behind_generics(tokens, at + 1);
    loop {
        let placed = tokens.get(at)?;
        match &placed.token {
            Token::Word(word) if word == "for" => return None,
            Token::Word(word) if word == "where" => break,
            Token::Word(word) => name = Some(word.as_str()),
            Token::Mark('{') => break,
            Token::Mark('<') => {
                at = behind_generics(tokens, at);
                continue;
            }
            Token::PathSeparator | Token::Mark(_) | Token::Literal(_) => {}
        }
        at += 1;
    }
    let body = (at..tokens.len()).find(|at| tokens[*at].is_mark('{'))?;
    Some((name?, body))
}

/// The index behind the `<…>` at `at`, if there is one; the `>` of an arrow closes nothing.
fn behind_generics(tokens: &[Placed], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(placed) = tokens.get(at) {
        match placed.token {
            Token::Mark('<') => depth += 1,
            Token::Mark('>') if !tokens[at - 1].is_mark('-') => depth = depth.saturating_sub(1),
            Token::Word(_) | Token::PathSeparator | Token::Mark(_) | Token::Literal(_) => {}
        }
        if depth == 0 {
            return if placed.is_mark('>') { at + 1 } else { at };
        }
        at += 1;
    }
    at
}

/// The functions of a block, not those inside their bodies.
fn functions(tokens: &[Placed]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].is_mark('{') {
            at = behind_closing(tokens, at);
            continue;
        }
        if tokens[at].is_word("fn") {
            found.extend(tokens.get(at + 1).and_then(Placed::word));
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    #[test]
    fn the_functions_of_own_impls_are_found_and_those_of_traits_are_not() {
        let text = "impl<F: for<'a> Fn(&'a u8) -> u8> a::One<F> where F: Clone { pub const fn a() {} fn b(f: fn(u8)) { fn c() {} } }
            impl Two for One { fn d() {} } #[doc = \"x\"] impl Three { } fn e(x: impl Four) {} unsafe impl Send for Five {}
            impl<T> Six<T> for Vec<T> { fn f() {} }";
        let all = tokens(text);
        assert_eq!(own_methods(&all), [("One", vec!["a", "b"]), ("Three", vec![])]);
    }

    #[test]
    fn a_type_whose_methods_are_all_beside_it_is_not_spread() {
        let tree = Tree::of(&[
            ("a.rs", "struct A; impl A { fn a() {} } impl A { fn b() {} } struct B; impl C { fn c() {} }"),
            ("b.rs", "impl B { fn d() {} } enum D {} impl D { fn e() {} }"),
            ("c.rs", "impl D { fn f() {} } impl Macro { fn g() {} }"),
        ]);
        let spread = Spread::of(&tree);
        let names: Vec<_> = spread.methods.keys().map(|(of, name)| format!("{of}::{name}")).collect();
        assert_eq!(names, ["B::d", "D::e", "D::f"]);
    }
}
