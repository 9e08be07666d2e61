//! `GET {sign_in}/signed_out`: where forward-auth leads a browser that comes back from a sign-out.

use super::{Asked, Said, sign_in::came_back};
use crate::reason::Done;

/// The page that says so, to whoever has signed out; anybody else goes on to the site.
#[must_use]
pub(crate) fn signed_out(asked: Asked<'_>) -> Said {
    let facts = asked.facts;
    // Whoever is signed in reads no such thing, nor does whoever has not signed out.
    if facts.asker.has_signed_out && facts.asker.visitor.is_none() {
        return came_back(facts);
    }
    Said::redirect(facts, "/", false, Done::SignedOut)
}
