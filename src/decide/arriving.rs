//! A request of which all is known but who asks: what is attached to it and matters, and whom that names.
//!
//! In: the request at its place. Out: each thing that is attached, to be read and, by whoever has the keys, verified; then what all of
//! it comes to. Never: a key, or a wait for one.

use std::sync::Arc;

use super::{Attestation, Attested, BadAttestation, Place};
use crate::{
    config::Config,
    identity::{AssertionError, AssertionSettings, Cookies, KeyPlace, ReadAssertion, VerifiedAssertion},
    reason::Reason,
    request::{Presented, Screened},
    time::UnixSeconds,
};

/// A request of which all is known but who asks.
#[derive(Debug)]
pub(crate) struct Arriving {
    /// The configuration that the whole request is decided by.
    pub(crate) config: Arc<Config>,
    /// Where it leads.
    pub(crate) place: Place,
    /// The request, and what was found in its head.
    pub(crate) screened: Screened,
    /// When it came.
    pub(crate) now: UnixSeconds,
}

/// One thing that is attached, and the settings of its source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttachedOne<'a> {
    arriving: &'a Arriving,
    /// Whose it would be.
    pub(crate) settings: &'a AssertionSettings,
    presented: &'a Presented,
}

impl Arriving {
    /// What is there and matters at the place. Where nobody matters, a program's token does all the same: one that does not verify is
    /// refused wherever it is brought.
    pub(crate) fn attached(&self) -> impl Iterator<Item = AttachedOne<'_>> {
        let there = self.each().filter(|(_, presented)| **presented != Presented::Missing);
        let matters = there.filter(|(source, _)| self.place.compares_persons() || source.is_of_programs());
        matters.map(|(settings, presented)| AttachedOne { arriving: self, settings, presented })
    }

    /// What all of it comes to.
    #[must_use]
    pub(crate) fn attested(&self, each: Vec<Result<Attestation, BadAttestation>>) -> Attested {
        let is_asked = !self.place.site.accepts.is_empty() && self.place.compares_persons();
        if each.is_empty() && !is_asked { Attested::Unasked } else { Attested::of(each) }
    }

    /// Keeps what is attached from the host application where it is in a cookie as well, verified or not.
    pub(crate) fn withhold(&self, cookies: &mut Cookies) {
        for (source, presented) in self.each() {
            match presented {
                Presented::Said(value) if !source.is_forwarded => cookies.withhold(value.assertion()),
                Presented::Said(_) | Presented::Missing | Presented::Unclear(_) => {}
            }
        }
    }

    /// Gives the host application back what it verifies itself (`forward = true`), now that it is verified.
    pub(crate) fn put_back(&mut self) {
        let Self { place, screened, .. } = self;
        for (at, source) in place.site.accepts.iter().enumerate().filter(|(_, source)| source.is_forwarded) {
            screened.attached.put_back(at, &source.header, &mut screened.request.headers);
        }
    }

    /// What is there for each source that the site accepts.
    fn each(&self) -> impl Iterator<Item = (&AssertionSettings, &Presented)> {
        self.place.site.accepts.iter().map(Arc::as_ref).zip(self.screened.attached.iter())
    }
}

impl<'a> AttachedOne<'a> {
    /// Every check that needs no key: for what is refused in any case none is asked for.
    ///
    /// # Errors
    /// Where it is refused in any case.
    pub(crate) fn read(self) -> Result<ReadAssertion<'a>, BadAttestation> {
        let (host, now) = (&self.arriving.place.site.name, self.arriving.now);
        let read = self.settings.read(self.presented, host, now).map_err(|error| self.bad(&error))?;
        read.ok_or_else(|| self.refused(Reason::AssertionMalformed, "nothing is there".to_owned()))
    }

    /// Whether an unknown name of a key may cost a fetch. Where proxies are named, nobody else brings what they attach, and so nobody
    /// else uses up what they may need.
    #[must_use]
    pub(crate) fn may_ask_by_name(self) -> bool {
        let trusted = &self.arriving.config.listen.trusted_proxies;
        let is_by_name = matches!(self.settings.keys, KeyPlace::Pem { .. });
        !is_by_name || trusted.is_empty() || self.arriving.screened.request.peer.is_trusted
    }

    /// Whom it names, now that a key has verified it.
    ///
    /// # Errors
    /// Where that is nobody here.
    pub(crate) fn good(self, verified: &VerifiedAssertion) -> Result<Attestation, BadAttestation> {
        let projection = self.arriving.config.session.projection_of(&self.settings.source.name);
        let identity = self.settings.identity(verified, projection);
        // The token is good, and its person is nobody's here: no program's mistake.
        let outsider = |reason, detail| BadAttestation { is_bearer: false, ..self.refused(reason, detail) };
        let identity = identity.map_err(|error| outsider(error.reason(), error.to_string()))?;
        Ok(Attestation { identity, issuer: self.settings.issuer.clone(), ends_at: verified.ends_at() })
    }

    /// It does not pass a check.
    #[must_use]
    pub(crate) fn bad(self, error: &AssertionError) -> BadAttestation {
        self.refused(error.reason(), error.to_string())
    }

    /// It is refused, whatever it says.
    #[must_use]
    pub(crate) fn refused(self, reason: Reason, detail: String) -> BadAttestation {
        let source = self.settings.source.name.clone();
        BadAttestation { source, reason, detail, is_bearer: self.settings.is_of_programs() }
    }
}
