//! `GET {sigma}/style.css`

use super::{Asked, Said};
use crate::reply;

/// The style of our pages.
#[must_use]
pub(crate) fn style(asked: Asked<'_>) -> Said {
    Said::new(reply::style(asked.facts.context()), "asset")
}
