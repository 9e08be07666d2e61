//! The source files, each with its module path, its tokens, and its tokens without test-only items.

use std::{collections::BTreeSet, path::Path};

use crate::{
    attributed::behind_attributed,
    tokens::{Placed, behind_closing, tokens},
};

/// Where a module is: `embed/mint.rs` is `["embed", "mint"]`, `embed/mod.rs` is `["embed"]`, `lib.rs` is empty.
pub(crate) type ModulePath = Vec<String>;

/// One file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Its path below the tree's root, with `/`.
    pub(crate) path: String,
    /// The module it holds.
    pub(crate) module: ModulePath,
    /// Its text.
    pub(crate) text: String,
    /// Every token.
    pub(crate) tokens: Vec<Placed>,
    /// Tokens outside `#[cfg(test)]` items; none for a file that only tests use.
    pub(crate) shipped: Vec<Placed>,
}

impl SourceFile {
    /// The first name of the module path; `lib` and `main` for the two roots.
    pub(crate) fn stage(&self) -> &str {
        self.module.first().map_or_else(|| self.path.trim_end_matches(".rs"), String::as_str)
    }
}

/// All files below one folder.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) files: Vec<SourceFile>,
    modules: BTreeSet<ModulePath>,
}

impl Tree {
    /// Reads every `.rs` file below a folder.
    pub(crate) fn read(root: &Path) -> Self {
        let mut found = Vec::new();
        collect(root, root, &mut found);
        found.sort();
        let borrowed: Vec<(&str, &str)> = found.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        Self::of(&borrowed)
    }

    /// A tree of samples: path and text.
    pub(crate) fn of(sources: &[(&str, &str)]) -> Self {
        let mut test_modules = BTreeSet::new();
        let mut files: Vec<SourceFile> = sources
            .iter()
            .map(|(path, text)| {
                let module = module_path(path);
                let all = tokens(text);
                let (shipped, test_children) = without_tests(&all);
                test_modules.extend(test_children.into_iter().map(|name| [module.clone(), vec![name]].concat()));
                SourceFile { path: (*path).to_owned(), module, text: (*text).to_owned(), tokens: all, shipped }
            })
            .collect();
        for file in &mut files {
            if (1..=file.module.len()).any(|length| test_modules.contains(&file.module[..length])) {
                file.shipped.clear();
            }
        }
        let modules = files.iter().map(|file| file.module.clone()).collect();
        Self { files, modules }
    }

    /// Whether there is a file for this module.
    pub(crate) fn has_module(&self, module: &[String]) -> bool {
        self.modules.contains(module)
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    let entries = std::fs::read_dir(folder).expect("the folder is part of the repository");
    for entry in entries {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "node_modules") {
                collect(root, &path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).expect("the walk starts at the root");
            let text = std::fs::read_to_string(&path).expect("source files are UTF-8");
            found.push((name.to_string_lossy().replace('\\', "/"), text));
        }
    }
}

fn module_path(path: &str) -> ModulePath {
    let mut module: ModulePath = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || matches!(path, "lib.rs" | "main.rs") {
        module.pop();
    }
    module
}

/// The tokens without test-only items, and the names of test-only `mod name;` lines.
fn without_tests(tokens: &[Placed]) -> (Vec<Placed>, Vec<String>) {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut test_children = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some(behind_attribute) = test_attribute(tokens, at) else {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        };
        let end = behind_attributed(tokens, behind_attribute);
        test_children.extend(declared_module(&tokens[behind_attribute..end]));
        at = end;
    }
    (kept, test_children)
}

/// The index behind a `#[cfg(test)]` that starts at `at`, or behind another `cfg` that only tests fulfil.
fn test_attribute(tokens: &[Placed], at: usize) -> Option<usize> {
    let is_cfg = tokens[at].is_mark('#') && tokens.get(at + 1)?.is_mark('[') && tokens.get(at + 2)?.is_word("cfg");
    let end = behind_closing(tokens, at + 1);
    (is_cfg && of_tests_only(tokens.get(at + 4..end.checked_sub(2)?)?)).then_some(end)
}

/// Whether the condition of a `cfg` holds in tests only: `test`, one part of `all(…)`, every part of `any(…)`.
fn of_tests_only(condition: &[Placed]) -> bool {
    let Some((first, rest)) = condition.split_first() else { return false };
    let inner = rest.get(1..rest.len().saturating_sub(1)).unwrap_or_default();
    match first.word() {
        Some("test") => rest.is_empty(),
        Some("all") => parts(inner).iter().any(|part| of_tests_only(part)),
        Some("any") => !inner.is_empty() && parts(inner).iter().all(|part| of_tests_only(part)),
        _ => false,
    }
}

/// What stands between the outer commas.
fn parts(tokens: &[Placed]) -> Vec<&[Placed]> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < tokens.len() {
        if tokens[at].is_mark(',') {
            parts.push(&tokens[start..at]);
            start = at + 1;
        }
        at = if tokens[at].is_mark('(') { behind_closing(tokens, at) } else { at + 1 };
    }
    if start < tokens.len() {
        parts.push(&tokens[start..]);
    }
    parts
}

fn declared_module(item: &[Placed]) -> Option<String> {
    let at = item.iter().position(|t| t.is_word("mod"))?;
    let name = item.get(at + 1)?.word()?;
    item.get(at + 2)?.is_mark(';').then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped_words(tree: &Tree, index: usize) -> Vec<&str> {
        tree.files[index].shipped.iter().filter_map(Placed::word).collect()
    }

    #[test]
    fn test_items_are_not_shipped() {
        let text = "#[cfg(test)] use x::{y}; fn a() {} #[cfg(test)] #[allow(z)] mod tests { fn b() {} } fn c() {}";
        let tree = Tree::of(&[("a.rs", text)]);
        assert_eq!(shipped_words(&tree, 0), ["fn", "a", "fn", "c"]);
    }

    #[test]
    fn a_file_that_only_tests_declare_is_not_shipped() {
        let tree = Tree::of(&[
            ("a/mod.rs", "#[cfg(test)] mod tests; mod b;"),
            ("a/tests/mod.rs", "mod table; fn t() {}"),
            ("a/tests/table.rs", "fn t() {}"),
            ("a/b.rs", "fn b() {}"),
        ]);
        assert!(shipped_words(&tree, 1).is_empty());
        assert!(shipped_words(&tree, 2).is_empty());
        assert_eq!(shipped_words(&tree, 3), ["fn", "b"]);
    }

    #[test]
    fn code_for_everything_but_tests_is_shipped() {
        let tree = Tree::of(&[("a.rs", "#[cfg(not(test))] fn a() {}")]);
        assert!(shipped_words(&tree, 0).contains(&"a"));
    }

    #[test]
    fn code_of_another_feature_beside_tests_is_shipped_and_what_only_tests_fulfil_is_not() {
        for (condition, is_shipped) in [
            ("test", false),
            ("all(test, unix)", false),
            ("all(unix, any(test, all(test, windows)))", false),
            ("any(test)", false),
            ("any(test, feature = \"fuzzing\")", true),
            ("any(feature = \"test\", unix)", true),
            ("not(test)", true),
            ("all(unix, not(test))", true),
            ("any()", true),
            ("feature = \"test\"", true),
        ] {
            let tree = Tree::of(&[("a.rs", &format!("#[cfg({condition})] fn a() {{}} fn b() {{}}"))]);
            assert_eq!(shipped_words(&tree, 0).contains(&"a"), is_shipped, "{condition}");
        }
    }

    #[test]
    fn a_file_that_a_feature_declares_too_is_shipped() {
        let tree = Tree::of(&[
            ("lib.rs", "#[cfg(any(test, feature = \"fuzzing\"))] mod fuzzing;"),
            ("fuzzing.rs", "fn a() {}"),
        ]);
        assert_eq!(shipped_words(&tree, 1), ["fn", "a"]);
    }

    #[test]
    fn modules_follow_the_folders() {
        assert_eq!(module_path("embed/mint.rs"), ["embed", "mint"]);
        assert_eq!(module_path("embed/mod.rs"), ["embed"]);
        assert!(module_path("lib.rs").is_empty());
    }
}
