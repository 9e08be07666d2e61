//! What a proxy in front has attached to a request, verified: without a wait where the keys are at hand.

use std::sync::Arc;

use super::Shared;
use crate::{
    config::Config,
    connect::HeldKeys,
    decide::{Attestation, Attested, BadAttestation, Place},
    identity::{AssertionError, AssertionSettings, Cookies, KeyPlace, ReadAssertion, VerifiedAssertion},
    reason::Reason,
    request::{Presented, Screened},
    time::UnixSeconds,
};

/// A request of which all is known but who asks.
pub(super) struct Arriving {
    pub(super) config: Arc<Config>,
    pub(super) place: Place,
    pub(super) screened: Screened,
    pub(super) now: UnixSeconds,
}

/// What one assertion comes to.
type Outcome = Result<Attestation, BadAttestation>;

/// What all that is attached comes to; none: keys have to be fetched first.
pub(super) fn at_hand(shared: &Shared, arriving: &Arriving) -> Option<Attested> {
    if arriving.place.site.accepts.is_empty() {
        return Some(Attested::Unasked);
    }
    let each =
        arriving.presented().map(|(settings, presented)| One { shared, arriving, settings, presented }.at_hand());
    Some(arriving.attested(each.collect::<Option<Vec<_>>>()?))
}

/// The same, however long the keys take.
///
/// # Cancel safety
/// A fetch that has begun goes on without the visitor who began it.
pub(super) async fn with_keys(shared: &Shared, arriving: &Arriving) -> Attested {
    let mut each = Vec::new();
    for (settings, presented) in arriving.presented() {
        let one = One { shared, arriving, settings, presented };
        each.push(match one.at_hand() {
            Some(outcome) => outcome,
            None => one.with_keys().await,
        });
    }
    arriving.attested(each)
}

impl Arriving {
    /// What is there and matters at the place, with the settings of its source. Where nobody matters, a program's token does all the
    /// same: one that does not verify is refused wherever it is brought.
    fn presented(&self) -> impl Iterator<Item = (&AssertionSettings, &Presented)> {
        let everybody_matters = self.place.compares_persons();
        let each = self.place.site.accepts.iter().zip(self.screened.attached.iter());
        let there = each.filter(|(_, presented)| **presented != Presented::Missing);
        let known =
            there.filter_map(|(name, presented)| Some((self.config.providers.get(name)?.assertion()?, presented)));
        known.filter(move |(settings, _)| everybody_matters || settings.is_of_programs())
    }

    fn attested(&self, each: Vec<Outcome>) -> Attested {
        if each.is_empty() && !self.place.compares_persons() { Attested::Unasked } else { Attested::of(each) }
    }

    /// Keeps what is attached from the host application where it is in a cookie as well, verified or not.
    pub(super) fn withhold(&self, cookies: &mut Cookies) {
        let Self { config, place, screened, .. } = self;
        for (name, presented) in place.site.accepts.iter().zip(screened.attached.iter()) {
            let is_forwarded =
                config.providers.get(name).and_then(|source| source.assertion()).is_some_and(|it| it.is_forwarded);
            match presented {
                Presented::Said(value) if !is_forwarded => cookies.withhold(value.assertion()),
                Presented::Said(_) | Presented::Missing | Presented::Unclear(_) => {}
            }
        }
    }

    /// Gives the host application back what it verifies itself (`forward = true`), now that it is verified.
    pub(super) fn put_back(&mut self) {
        let Self { config, place, screened, .. } = self;
        for (at, name) in place.site.accepts.iter().enumerate() {
            let settings = config.providers.get(name).and_then(|source| source.assertion());
            if let Some(settings) = settings.filter(|settings| settings.is_forwarded) {
                screened.attached.put_back(at, &settings.header, &mut screened.request.headers);
            }
        }
    }
}

/// One assertion, and the settings of its source.
#[derive(Clone, Copy)]
struct One<'a> {
    shared: &'a Shared,
    arriving: &'a Arriving,
    settings: &'a AssertionSettings,
    presented: &'a Presented,
}

impl<'a> One<'a> {
    /// None: keys have to be fetched first.
    fn at_hand(self) -> Option<Outcome> {
        let read = match self.read() {
            Ok(read) => read,
            Err(bad) => return Some(Err(bad)),
        };
        let providers = &self.shared.providers;
        let keys = providers.keys_at_hand(self.settings, read.kid())?;
        match read.verified_by(keys.set()) {
            Ok(verified) => Some(self.good(&keys, &verified)),
            Err(error) if error.may_be_rotation() && providers.may_have_newer_keys(self.settings) => None,
            Err(error) => Some(Err(self.bad(&error))),
        }
    }

    async fn with_keys(self) -> Outcome {
        let (providers, read) = (&self.shared.providers, self.read()?);
        let kid = read.kid().map(str::to_owned);
        let keys = match providers.keys_at_hand(self.settings, kid.as_deref()) {
            Some(keys) => keys,
            None if !self.may_ask_by_name() => {
                let detail = "the key is not known, and is not asked for by a peer that is not among trusted_proxies";
                return Err(self.refused(Reason::AssertionKey, detail.to_owned()));
            }
            None => providers.keys(self.settings, kid.as_deref()).await.map_err(|error| {
                let reason = if error.is_no_such_key() { Reason::AssertionKey } else { Reason::AssertionKeys };
                self.refused(reason, error.to_string())
            })?,
        };
        let error = match read.verified_by(keys.set()) {
            Ok(verified) => return self.good(&keys, &verified),
            Err(error) => error,
        };
        let newer = if error.may_be_rotation() { providers.newer_keys(self.settings, &keys).await } else { None };
        let Some(newer) = newer else { return Err(self.bad(&error)) };
        let verified = self.read()?.verified_by(newer.set()).map_err(|error| self.bad(&error))?;
        self.good(&newer, &verified)
    }

    /// Whether an unknown name of a key may cost a fetch. Where proxies are named, nobody else brings what they attach, and so nobody
    /// else uses up what they may need.
    fn may_ask_by_name(self) -> bool {
        let trusted = &self.arriving.config.listen.trusted_proxies;
        let is_by_name = matches!(self.settings.keys, KeyPlace::Pem { .. });
        !is_by_name || trusted.is_empty() || self.arriving.screened.request.peer.is_trusted
    }

    /// Every check that needs no key: for what is refused in any case none is asked for.
    fn read(self) -> Result<ReadAssertion<'a>, BadAttestation> {
        let (host, now) = (&self.arriving.place.site.name, self.arriving.now);
        let read = self.settings.read(self.presented, host, now).map_err(|error| self.bad(&error))?;
        read.ok_or_else(|| self.refused(Reason::AssertionMalformed, "nothing is there".to_owned()))
    }

    fn good(self, keys: &HeldKeys, verified: &VerifiedAssertion) -> Outcome {
        keys.verified_one();
        let projection = self.arriving.config.session.projection_of(&self.settings.source.name);
        let identity = self.settings.identity(verified, projection);
        // The token is good, and its person is nobody's here: no program's mistake.
        let outsider = |reason, detail| BadAttestation { is_bearer: false, ..self.refused(reason, detail) };
        let identity = identity.map_err(|error| outsider(error.reason(), error.to_string()))?;
        Ok(Attestation { identity, issuer: self.settings.issuer.clone(), ends_at: verified.ends_at() })
    }

    fn bad(self, error: &AssertionError) -> BadAttestation {
        self.refused(error.reason(), error.to_string())
    }

    fn refused(self, reason: Reason, detail: String) -> BadAttestation {
        let source = self.settings.source.name.clone();
        BadAttestation { source, reason, detail, is_bearer: self.settings.is_of_programs() }
    }
}
