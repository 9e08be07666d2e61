//! What a condition may say and never finds: a star that is only a star, a text that no address is.

use super::check::Check;
use crate::{
    config::file::Node,
    identity::{ClaimPath, EmailAddress},
};

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
