//! Which headers of clients a `[[site]]` takes: `keep_headers` and `same_person`.

use super::{identity_headers::SiteHeaders, scope::SiteScope};
use crate::{
    config::{
        file::Node,
        reading::{Check, every},
    },
    request::{AssertedHeader, HeaderRuleError, HeaderRules, KeptHeader, SentHeader, folded_name},
};

/// Reads both keys of a site.
pub(super) fn rules(
    table: &Node,
    known: &SiteScope<'_>,
    ours: Option<&SiteHeaders>,
    check: &mut Check<'_>,
) -> Option<HeaderRules> {
    let asserted = table.optional("same_person", |node| same_person(node, known, check));
    let asserted_header = asserted.as_ref().and_then(Option::as_ref);
    let list = table.child("keep_headers")?;
    let sent = ours.map(|ours| ours.sent.as_slice()).unwrap_or_default();
    let kept: Option<Vec<KeptHeader>> =
        every(list.texts().filter_map(|(item, text)| keep(item, text, (asserted_header, sent, known), check)));
    Some(HeaderRules::new(kept?, asserted?).reading(known.client_address).sending(sent.to_vec()))
}

fn same_person(node: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<AssertedHeader> {
    let fix =
        "write the name of the header in which the proxy in front sends the address, such as \"X-Forwarded-Email\"";
    let asserted = check.parsed(node, AssertedHeader::parse, fix)?;
    let folded = folded_name(node.as_text()?);
    let is_of_oauth2_proxy = ["x-forwarded-", "x-auth-request-"].iter().any(|family| folded.starts_with(family));
    if is_of_oauth2_proxy && known.own_paths.is_some_and(|paths| paths.sign_in() == "/oauth2") {
        let message = "oauth2-proxy takes /oauth2/ for itself, and the gateway signs in there too: with it in front, write [paths] sign_in";
        check.warn(node, message);
    }
    Some(asserted)
}

/// The outer `None`: the name does nothing, which is a warning.
fn keep(
    item: &Node,
    text: &str,
    (asserted, sent, known): (Option<&AssertedHeader>, &[SentHeader], &SiteScope<'_>),
    check: &mut Check<'_>,
) -> Option<Option<KeptHeader>> {
    match KeptHeader::parse(text) {
        Ok(kept) if sent.iter().any(|sent| sent.is(&kept)) => {
            Some(check.refuse(item, "a header of headers or assertion, which no client may bring", "remove it"))
        }
        Ok(kept) if asserted.is_some_and(|asserted| asserted.is(&kept)) => {
            Some(check.refuse(item, "the header of same_person, which never reaches the application", "remove it"))
        }
        Ok(kept) if known.client_address.is_some_and(|folded| kept.is_named(folded)) => {
            Some(check.refuse(item, "the header of client_address, which never reaches the application", "remove it"))
        }
        Ok(kept) => Some(Some(kept)),
        Err(HeaderRuleError::NotDropped) => {
            check.warn(item, format!("does nothing: {}", HeaderRuleError::NotDropped));
            None
        }
        Err(error @ HeaderRuleError::Family) => {
            Some(check.refuse(item, error.to_string(), "write one name each: families are not kept"))
        }
        Err(
            error @ (HeaderRuleError::Name
            | HeaderRuleError::HopByHop
            | HeaderRuleError::Gateways
            | HeaderRuleError::Browsers
            | HeaderRuleError::Answers),
        ) => Some(check.refuse(item, error.to_string(), "remove it")),
    }
}
