//! `GET {sigma}/style.css`

use super::{Asked, Said};
use crate::reply;

/// The style of our pages.
#[must_use]
pub(crate) fn style(asked: Asked<'_>) -> Said {
    let Asked { facts, .. } = asked;
    Said::new(reply::style(facts.context()), "asset")
}
