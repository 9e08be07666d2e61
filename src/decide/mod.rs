//! What becomes of a request: where its target leads, who asks, what follows from the two, and whether that still stands
//! later.
//!
//! In: an admitted request, the configuration, cookies, `now`. Out: a [`Place`], the [`Asker`] there, and a [`Decision`];
//! together the [`Facts`] that an own endpoint answers from and a forwarded request is judged by. Never: IO. Each is asked of
//! any target: of the request's own, of one that a proxy names, of yesterday's request under today's configuration.

mod arriving;
mod asker;
mod decision;
mod entry;
mod event;
mod facts;
mod forward_auth;
mod front;
mod front_check;
mod looked_at;
mod place;
mod seeing_off;
mod standing;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use arriving::{Arriving, AttachedOne};
pub(crate) use asker::{Asker, identify};
pub(crate) use decision::{AsWhom, Decision, allowed_methods, decide};
pub(crate) use entry::{Door, Entry, Own, SignIn, WayBack};
pub(crate) use event::{Event, on_arrival};
pub(crate) use facts::Facts;
pub(crate) use forward_auth::{Ruling, ruling};
pub(crate) use front::{Attestation, Attested, attest};
pub(crate) use front_check::{BadAttestation, FrontCheck};
pub(crate) use place::{Part, Place, locate, of_alias, of_plain_http};
pub(crate) use seeing_off::see_off;
pub(crate) use standing::{Given, Lapse, stands};
