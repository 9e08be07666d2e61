//! `GET {sigma}/style.css` and `GET {sigma}/links.js`

use super::{Asked, Said};
use crate::reply;

/// The style of our pages.
#[must_use]
pub(crate) fn style(asked: Asked<'_>) -> Said {
    let Asked { facts, .. } = asked;
    Said::new(reply::style(facts.context()), "asset")
}

/// The script of pages that write Sigma URLs themselves.
#[must_use]
pub(crate) fn script(asked: Asked<'_>) -> Said {
    Said::new(reply::script(asked.facts.context()), "asset")
}
