//! What can be written and never bites: a star that is only a star, a text that no address is, a type that Sigma has not.

use strsim::osa_distance;

use super::check::Check;
use crate::{
    config::file::Node,
    identity::{ClaimPath, EmailAddress},
};

/// A path is a prefix on segment borders, and its characters are themselves.
pub(in crate::config) fn warn_of_literal_path(node: &Node, check: &mut Check<'_>) {
    let Some(path) = node.as_text().filter(|path| path.contains(['*', '{', '}', '^', '$'])) else { return };
    let found = path.find(['*', '{', '}', '^', '$']).and_then(|at| path[at..].chars().next()).unwrap_or('*');
    let before = path.split(['*', '{', '}', '^', '$']).next().unwrap_or("/");
    let prefix = &before[..before.rfind('/').map_or(0, |at| at + 1)];
    let prefix = if prefix.is_empty() { "/" } else { prefix };
    let message = format!(
        "a literal {found}: a path is a prefix and takes all that is below it, so this one takes next to nothing; write {prefix:?}"
    );
    check.warn_toothless(node, message);
}

/// A text is compared whole.
pub(super) fn warn_of_literal(node: &Node, text: &str, check: &mut Check<'_>) {
    if text.contains('*') {
        let message = format!(
            "a literal star: only the value {text:?} itself matches; write {{ glob = {text:?} }}, or {{ exact = {text:?} }} where the star is meant"
        );
        check.warn_toothless(node, message);
    } else if text.trim() != text {
        let message = format!(
            "begins or ends with white space: only {text:?} itself matches; {{ exact = {text:?} }} where that is meant"
        );
        check.warn_toothless(node, message);
    }
}

/// The claim `email` is the verified address: what is no address never is.
pub(super) fn warn_of_no_address(path: &ClaimPath, node: &Node, check: &mut Check<'_>) {
    if !path.is_email() {
        return;
    }
    let items = node.one_or_more();
    for item in items {
        let is_plain = |text: &&str| !text.contains('*') && text.trim() == *text;
        if let Some(text) = item.as_text().filter(is_plain).filter(|text| !EmailAddress::is_well_formed(text)) {
            let message = format!("no address is {text:?}; for a whole domain write {{ glob = \"*@example.com\" }}");
            check.warn_toothless(item, message);
        }
    }
}

/// One letter off a type that every organization has: Sigma knows types by their very names.
pub(in crate::config) fn warn_of_account_type(node: &Node, check: &mut Check<'_>) {
    let Some(text) = node.as_text().filter(|text| !OWN_ACCOUNT_TYPES.contains(text)) else { return };
    let slip = |own: &&&str| osa_distance(&text.trim().to_lowercase(), &own.to_lowercase()) <= 1;
    if let Some(own) = OWN_ACCOUNT_TYPES.iter().find(slip) {
        let message = format!("one letter off {own:?}, a type of Sigma's own: Sigma knows a type by its very name");
        check.warn_toothless(node, message);
    }
}

/// The types of Sigma's own that its help pages name where they speak of embeds and of their credentials.
const OWN_ACCOUNT_TYPES: [&str; 3] = ["View", "Build", "Admin"];
