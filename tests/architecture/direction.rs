//! Which stage may name which.

use crate::{
    Findings,
    paths::{Resolver, paths},
    tree::Tree,
};

/// Words that every stage shares; left of all stages.
pub(crate) const VOCABULARY: &[&str] = &["limits", "name", "proxy", "reason", "secret", "seed", "time", "tls"];

/// The stages, in the order of a request and then of the program around it. Each may name those before it.
pub(crate) const STAGES: &[&str] = &[
    "request",
    "identity",
    "policy",
    "embed",
    "forward",
    "rewrite",
    "reply",
    "config",
    "decide",
    "endpoints",
    "system",
    "body",
    "connect",
    "listen",
    "gateway",
    "demo",
    "bench",
    "cli",
    "fuzzing",
];

/// What the stand-ins check, and so must not share; likewise the crates that do the same work in the gateway.
const NOT_FOR_STAND_INS: &[&str] =
    &["identity", "policy", "embed", "forward", "rewrite", "reply", "decide", "endpoints"];
const CRATES_NOT_FOR_STAND_INS: &[&str] = &["jsonwebtoken", "openidconnect"];

/// Each stage names only stages before it.
pub(crate) fn stages(tree: &Tree) -> Findings {
    let resolver = Resolver::new(tree);
    let mut findings = Findings::default();
    findings.problems.extend(missing_stages(tree));
    for file in &tree.files {
        if matches!(file.path.as_str(), "lib.rs" | "main.rs") {
            continue;
        }
        let Some(own_rank) = rank(file.stage()) else {
            findings.problems.push(format!("{}: `{}` is not a listed stage", file.path, file.stage()));
            continue;
        };
        for path in resolver.own_paths(file) {
            let Some(named) = path.written.first() else { continue };
            findings.looked_at += 1;
            if rank(named).is_none_or(|named_rank| named_rank > own_rank) {
                let written = path.written.join("::");
                let stage = file.stage();
                findings.problems.push(format!("{}:{}: `{stage}` names `{written}`", file.path, path.line));
            }
        }
    }
    findings
}

/// The stand-ins never import what they are there to check.
pub(crate) fn stand_ins(tree: &Tree) -> Findings {
    let resolver = Resolver::new(tree);
    let mut findings = Findings::default();
    for file in tree.files.iter().filter(|file| file.stage() == "demo") {
        let own = resolver.own_paths(file).into_iter().map(|path| (path.written, path.line, NOT_FOR_STAND_INS));
        let others = paths(&file.shipped).into_iter().map(|path| (path.segments, path.line, CRATES_NOT_FOR_STAND_INS));
        for (segments, line, forbidden) in own.chain(others) {
            findings.looked_at += 1;
            if segments.first().is_some_and(|first| forbidden.contains(&first.as_str())) {
                findings.problems.push(format!("{}:{line}: a stand-in names `{}`", file.path, segments.join("::")));
            }
        }
    }
    findings
}

/// No `use super::*` and the like outside tests: a glob hides what is used.
pub(crate) fn globs(tree: &Tree) -> Findings {
    let resolver = Resolver::new(tree);
    let mut findings = Findings::default();
    for file in &tree.files {
        for path in resolver.own_paths(file) {
            findings.looked_at += 1;
            if path.written.last().is_some_and(|last| last == "*") {
                findings.problems.push(format!("{}:{}: glob import", file.path, path.line));
            }
        }
    }
    findings
}

fn rank(stage: &str) -> Option<usize> {
    if VOCABULARY.contains(&stage) {
        return Some(0);
    }
    STAGES.iter().position(|listed| *listed == stage).map(|index| index + 1)
}

fn missing_stages(tree: &Tree) -> impl Iterator<Item = String> {
    let listed = VOCABULARY.iter().chain(STAGES);
    let missing = listed.filter(|stage| !tree.files.iter().any(|file| file.stage() == **stage));
    missing.map(|stage| format!("stage `{stage}` is listed, but has no file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every listed stage as an empty file, with some replaced.
    fn tree_with(replaced: &[(&str, &str)]) -> Tree {
        let names: Vec<String> = VOCABULARY.iter().chain(STAGES).map(|stage| format!("{stage}.rs")).collect();
        let mut sources: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        sources.retain(|(name, _)| !replaced.iter().any(|(path, _)| path == name));
        sources.extend(replaced);
        Tree::of(&sources)
    }

    #[test]
    fn naming_an_earlier_stage_passes() {
        let findings = stages(&tree_with(&[("embed.rs", "use crate::{policy::Grant, seed::SeedStream};")]));
        assert_eq!(findings.problems, Vec::<String>::new());
        assert_eq!(findings.looked_at, 2);
    }

    #[test]
    fn naming_a_later_stage_fails() {
        let findings = stages(&tree_with(&[("policy.rs", "fn f() {\n crate::embed::mint() }")]));
        assert_eq!(findings.problems, ["policy.rs:2: `policy` names `embed::mint`"]);
    }

    #[test]
    fn vocabulary_names_no_stage() {
        let findings = stages(&tree_with(&[("reason.rs", "use crate::reply::Page;")]));
        assert_eq!(findings.problems, ["reason.rs:1: `reason` names `reply::Page`"]);
    }

    #[test]
    fn tests_may_name_any_stage() {
        let findings = stages(&tree_with(&[("policy.rs", "#[cfg(test)] mod tests { use crate::embed::mint; }")]));
        assert_eq!(findings.problems, Vec::<String>::new());
    }

    #[test]
    fn a_new_or_a_missing_stage_fails() {
        let findings = stages(&Tree::of(&[("stray.rs", "")]));
        assert!(findings.problems.contains(&"stray.rs: `stray` is not a listed stage".to_owned()));
        assert!(findings.problems.contains(&"stage `cli` is listed, but has no file".to_owned()));
    }

    #[test]
    fn a_stand_in_that_imports_the_mint_fails() {
        let text = "use crate::{embed::mint, gateway::Gateway};\nuse jsonwebtoken::decode;";
        let findings = stand_ins(&Tree::of(&[("demo/sigma.rs", text)]));
        assert_eq!(
            findings.problems,
            [
                "demo/sigma.rs:1: a stand-in names `embed::mint`",
                "demo/sigma.rs:2: a stand-in names `jsonwebtoken::decode`"
            ]
        );
    }

    #[test]
    fn a_stand_in_that_decides_or_answers_as_the_gateway_does_fails() {
        for stage in ["identity", "policy", "embed", "forward", "rewrite", "reply", "decide", "endpoints"] {
            let text = format!("use crate::{{seed::SeedStream, {stage}::Thing}};");
            let problems = stand_ins(&Tree::of(&[("demo/provider.rs", &text)])).problems;
            assert_eq!(problems, [format!("demo/provider.rs:1: a stand-in names `{stage}::Thing`")]);
        }
    }

    #[test]
    fn a_stand_in_with_its_own_jose_passes() {
        let findings = stand_ins(&Tree::of(&[("demo/sigma.rs", "use jwt_compact::Token;")]));
        assert_eq!((findings.looked_at, findings.problems.len()), (1, 0));
    }

    #[test]
    fn a_glob_outside_tests_fails() {
        let sources = [("a/mod.rs", "mod b; pub struct X;"), ("a/b.rs", "use super::*;")];
        assert_eq!(globs(&Tree::of(&sources)).problems, ["a/b.rs:1: glob import"]);
        let sources = [("a/mod.rs", "mod b;"), ("a/b.rs", "use super::X; #[cfg(test)] mod tests { use super::*; }")];
        assert_eq!(globs(&Tree::of(&sources)).problems, Vec::<String>::new());
    }
}
