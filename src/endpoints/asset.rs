//! `GET {sigma}/embed.js` and `GET {sigma}/style.css`

use super::Said;
use crate::{decide::Facts, reply};

/// The script of our pages and frames.
#[must_use]
pub(crate) fn script(facts: &Facts) -> Said {
    Said::new(reply::script(facts.context()), "asset")
}

/// The style of our pages.
#[must_use]
pub(crate) fn style(facts: &Facts) -> Said {
    Said::new(reply::style(facts.context()), "asset")
}
