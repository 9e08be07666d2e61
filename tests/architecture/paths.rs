//! Every `a::b::C` path of a file, use trees unfolded, and which of our files a path leads to.

use std::collections::BTreeMap;

use crate::{
    tokens::{Placed, Token},
    tree::{ModulePath, SourceFile, Tree},
};

/// Re-exports that lead to re-exports, at most.
const HOPS_MAX: usize = 8;

/// One path as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPath {
    /// Its segments; a glob ends in `*`.
    pub(crate) segments: Vec<String>,
    /// What a `use` calls it; the last segment unless renamed. `None` outside `use`.
    pub(crate) imported_as: Option<String>,
    /// Whether it is there only for others: a `pub use`.
    pub(crate) is_re_export: bool,
    /// Where it is.
    pub(crate) line: usize,
}

/// The paths of some tokens: of two or more segments, or imported.
pub(crate) fn paths(tokens: &[Placed]) -> Vec<NamedPath> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].word().is_none_or(|word| word == "use") || continues_a_path(tokens, at) {
            at += 1;
            continue;
        }
        let is_use = at > 0 && (tokens[at - 1].is_word("use") || starts_at_root(tokens, at));
        let is_re_export = is_use && is_public(tokens, at);
        let mut walk = Walk { tokens, found: Vec::new(), is_use, is_re_export };
        at = walk.tree(at, &[]).max(at + 1);
        found.extend(walk.found.into_iter().filter(|path| is_use || path.segments.len() > 1));
    }
    found
}

/// Whether the word at `at` belongs to a path before it, or is a field or method.
fn continues_a_path(tokens: &[Placed], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|index| &tokens[index]) else { return false };
    let before_that = at.checked_sub(2).map(|index| &tokens[index].token);
    let is_leading = matches!(before_that, Some(Token::Word(word)) if word == "use");
    match before.token {
        Token::Mark('.') => true,
        Token::PathSeparator => matches!(before_that, Some(Token::Word(_) | Token::Mark('>'))) && !is_leading,
        Token::Word(_) | Token::Mark(_) | Token::Literal(_) => false,
    }
}

/// `use ::name`
fn starts_at_root(tokens: &[Placed], at: usize) -> bool {
    at > 1 && tokens[at - 1].token == Token::PathSeparator && tokens[at - 2].is_word("use")
}

/// Whether the `use` before `at` says `pub`, or `pub(…)`.
fn is_public(tokens: &[Placed], at: usize) -> bool {
    let before = tokens[..at].iter().rposition(|token| token.is_word("use")).and_then(|index| index.checked_sub(1));
    before.is_some_and(|index| tokens[index].is_word("pub") || tokens[index].token == Token::Mark(')'))
}

struct Walk<'a> {
    tokens: &'a [Placed],
    found: Vec<NamedPath>,
    is_use: bool,
    is_re_export: bool,
}

impl Walk<'_> {
    /// Reads one use tree or plain path at `at`; gives the index behind it.
    fn tree(&mut self, mut at: usize, prefix: &[String]) -> usize {
        let mut segments = prefix.to_vec();
        let line = self.tokens.get(at).map_or(0, |placed| placed.line);
        while let Some(placed) = self.tokens.get(at) {
            match &placed.token {
                Token::Word(word) => segments.push(word.clone()),
                Token::Mark('*') if self.is_use => segments.push("*".to_owned()),
                Token::Mark('{') => return self.group(at + 1, &segments),
                Token::Mark(_) | Token::PathSeparator | Token::Literal(_) => break,
            }
            at += 1;
            if self.tokens.get(at).is_none_or(|next| next.token != Token::PathSeparator) {
                break;
            }
            at += 1;
        }
        self.leaf(at, segments, line)
    }

    fn leaf(&mut self, at: usize, mut segments: Vec<String>, line: usize) -> usize {
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        let is_renamed = self.is_use && self.tokens.get(at).is_some_and(|next| next.is_word("as"));
        let alias = self.tokens.get(at + 1).and_then(Placed::word).filter(|_| is_renamed);
        let imported_as = alias.map(str::to_owned).or_else(|| segments.last().cloned()).filter(|_| self.is_use);
        self.found.push(NamedPath { segments, imported_as, is_re_export: self.is_re_export, line });
        if is_renamed { at + 2 } else { at }
    }

    fn group(&mut self, mut at: usize, prefix: &[String]) -> usize {
        while let Some(placed) = self.tokens.get(at) {
            match placed.token {
                Token::Mark('}') => return at + 1,
                Token::Word(_) | Token::Mark('{' | '*') => at = self.tree(at, prefix).max(at + 1),
                Token::Mark(_) | Token::PathSeparator | Token::Literal(_) => at += 1,
            }
        }
        at
    }
}

/// A path of ours, from the crate's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnPath {
    /// The path as written, from the crate's root.
    pub(crate) written: Vec<String>,
    /// The module whose file holds what it names, behind re-exports.
    pub(crate) module: ModulePath,
    /// Whether it is there only for others: a `pub use` of a name that the file itself has no use for.
    pub(crate) is_re_export: bool,
    /// Where it is written.
    pub(crate) line: usize,
}

/// Where paths lead in one tree.
pub(crate) struct Resolver<'a> {
    tree: &'a Tree,
    /// What each module imports under which name.
    imports: BTreeMap<ModulePath, BTreeMap<String, Vec<String>>>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(tree: &'a Tree) -> Self {
        let mut imports: BTreeMap<ModulePath, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for file in &tree.files {
            for path in paths(&file.shipped) {
                let Some(name) = path.imported_as.clone() else { continue };
                let Some(written) = from_root(tree, &file.module, &path.segments) else { continue };
                imports.entry(file.module.clone()).or_default().insert(name, written);
            }
        }
        Self { tree, imports }
    }

    /// The paths of a file's shipped code that lead to files of ours.
    pub(crate) fn own_paths(&self, file: &SourceFile) -> Vec<OwnPath> {
        let named = paths(&file.shipped).into_iter();
        named
            .filter_map(|path| {
                let written = from_root(self.tree, &file.module, &path.segments)
                    .or_else(|| self.behind_import(&file.module, &path.segments))?;
                let module = self.module_of(&written, HOPS_MAX);
                let is_used = || path.imported_as.as_ref().is_some_and(|name| occurrences(file, name) > 1);
                let is_re_export = path.is_re_export && !is_used();
                Some(OwnPath { written, module, is_re_export, line: path.line })
            })
            .collect()
    }

    /// A path that begins with what its file imports.
    fn behind_import(&self, module: &[String], segments: &[String]) -> Option<Vec<String>> {
        let (first, rest) = segments.split_first()?;
        let import = self.imports.get(module)?.get(first)?;
        Some([import, rest].concat())
    }

    fn module_of(&self, path: &[String], hops: usize) -> ModulePath {
        let mut module: ModulePath = Vec::new();
        for (index, segment) in path.iter().enumerate() {
            let child = [module.clone(), vec![segment.clone()]].concat();
            if self.tree.has_module(&child) {
                module = child;
                continue;
            }
            let behind = self.imports.get(&module).and_then(|names| names.get(segment));
            if let Some(target) = behind.filter(|target| hops > 0 && target.as_slice() != path) {
                let followed = [target.as_slice(), &path[index + 1..]].concat();
                return self.module_of(&followed, hops - 1);
            }
            break;
        }
        module
    }
}

fn occurrences(file: &SourceFile, name: &str) -> usize {
    file.shipped.iter().filter(|token| token.is_word(name)).count()
}

/// A path as seen from the crate's root; `None` for somebody else's crate.
fn from_root(tree: &Tree, module: &[String], segments: &[String]) -> Option<Vec<String>> {
    let first = segments.first()?;
    let rest = || segments[1..].to_vec();
    match first.as_str() {
        "crate" | "sigma_gateway" => Some(rest()),
        "self" => Some([module, &segments[1..]].concat()),
        "super" => {
            let up = segments.iter().take_while(|segment| *segment == "super").count();
            let kept = module.len().checked_sub(up)?;
            Some([&module[..kept], &segments[up..]].concat())
        }
        _ => {
            let child = [module, segments].concat();
            tree.has_module(&child[..=module.len()]).then_some(child)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    fn written(text: &str) -> Vec<String> {
        paths(&tokens(text)).iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn use_trees_unfold_over_lines_and_braces() {
        let text = "use crate::{\n a::B,\n c::{self, d::{E as F, G}},\n};\nuse ::std::fs;\nuse tokio;";
        assert_eq!(written(text), ["crate::a::B", "crate::c", "crate::c::d::E", "crate::c::d::G", "std::fs", "tokio"]);
    }

    #[test]
    fn inline_paths_are_seen_inside_generics_and_calls() {
        let text = "fn f(x: Vec<crate::a::B>) -> Option<super::C> { x.iter::<std::fs::File>(crate::d::e()) }";
        assert_eq!(written(text), ["crate::a::B", "super::C", "std::fs::File", "crate::d::e"]);
    }

    #[test]
    fn a_renamed_import_keeps_its_name() {
        let found = paths(&tokens("use a::B as C;"));
        assert_eq!(found[0].imported_as.as_deref(), Some("C"));
    }

    #[test]
    fn a_path_behind_an_imported_module_leads_where_the_whole_path_does() {
        let tree = Tree::of(&[
            ("a.rs", "use crate::embed as e; fn f() { e::mint::Minted::new(std::mem::take(x)) }"),
            ("embed/mod.rs", ""),
            ("embed/mint.rs", ""),
        ]);
        let own = Resolver::new(&tree).own_paths(&tree.files[0]);
        let found: Vec<_> = own.iter().map(|path| (path.written.join("::"), path.module.join("::"))).collect();
        let expected = [("embed", "embed"), ("embed::mint::Minted::new", "embed::mint")];
        assert_eq!(found, expected.map(|(written, module)| (written.to_owned(), module.to_owned())));
    }

    #[test]
    fn a_re_export_leads_to_the_file_that_has_the_thing() {
        let tree = Tree::of(&[
            ("embed/mod.rs", "mod mint; mod catalogue; pub use mint::{Minted}; pub struct Own;"),
            ("embed/mint.rs", "pub struct Minted;"),
            ("embed/catalogue.rs", "use super::{Minted, Own};"),
        ]);
        let resolver = Resolver::new(&tree);
        let own = resolver.own_paths(&tree.files[2]);
        assert_eq!(own[0].module, ["embed", "mint"]);
        assert_eq!(own[1].module, ["embed"]);
    }
}
