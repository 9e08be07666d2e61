//! `GET {sigma}/style.css`, `GET {sigma}/links.js`, and `GET /.well-known/sigma-gateway/jwks.json`

use super::{Asked, Said};
use crate::{reason::Reason, reply};

/// The style of our pages.
#[must_use]
pub(crate) fn style(asked: Asked<'_>) -> Said {
    let Asked { facts, .. } = asked;
    Said::new(reply::style(facts.context()))
}

/// The script of pages that write Sigma URLs themselves.
#[must_use]
pub(crate) fn script(asked: Asked<'_>) -> Said {
    Said::new(reply::script(asked.facts.context()))
}

/// The keys of the site's assertions.
#[must_use]
pub(crate) fn assertion_keys(asked: Asked<'_>) -> Said {
    let facts = asked.facts;
    match facts.site().identity_headers.assertion() {
        Some(assertion) => Said::new(reply::key_set(facts.context(), &assertion.key_set())),
        None => Said::refused(facts, Reason::NotFound),
    }
}
