//! `GET {sigma}/embed.js` and `GET {sigma}/style.css`

use super::{Asked, Said};
use crate::reply;

/// The script of our pages and frames.
#[must_use]
pub(crate) fn script(asked: Asked<'_>) -> Said {
    Said::new(reply::script(asked.facts.context()), "asset")
}

/// The style of our pages.
#[must_use]
pub(crate) fn style(asked: Asked<'_>) -> Said {
    Said::new(reply::style(asked.facts.context()), "asset")
}
