//! What a proxy in front has attached to a request, verified: without a wait where the keys are at hand.

use super::Shared;
use crate::{
    connect::HeldKeys,
    decide::{Arriving, AttachedOne, Attestation, Attested, BadAttestation},
    identity::VerifiedAssertion,
    reason::Reason,
};

/// What all that is attached comes to; none: keys have to be fetched first.
pub(super) fn at_hand(shared: &Shared, arriving: &Arriving) -> Option<Attested> {
    let each = arriving.attached().map(|attached| One { shared, attached }.at_hand());
    Some(arriving.attested(each.collect::<Option<Vec<_>>>()?))
}

/// The same, however long the keys take.
///
/// # Cancel safety
/// A fetch that has begun goes on without the visitor who began it.
pub(super) async fn with_keys(shared: &Shared, arriving: &Arriving) -> Attested {
    let mut each = Vec::new();
    for attached in arriving.attached() {
        let one = One { shared, attached };
        each.push(match one.at_hand() {
            Some(outcome) => outcome,
            None => one.with_keys().await,
        });
    }
    arriving.attested(each)
}

/// One assertion, and where its keys are to be had.
#[derive(Clone, Copy)]
struct One<'a> {
    shared: &'a Shared,
    attached: AttachedOne<'a>,
}

impl One<'_> {
    /// None: keys have to be fetched first.
    fn at_hand(self) -> Option<Result<Attestation, BadAttestation>> {
        let read = match self.attached.read() {
            Ok(read) => read,
            Err(bad) => return Some(Err(bad)),
        };
        let (providers, settings) = (&self.shared.providers, self.attached.settings);
        let keys = providers.keys_at_hand(settings, read.kid())?;
        match read.verified_by(keys.set()) {
            Ok(verified) => Some(self.good(&keys, &verified)),
            Err(error) if error.may_be_rotation() && providers.may_have_newer_keys(settings) => None,
            Err(error) => Some(Err(self.attached.bad(&error))),
        }
    }

    async fn with_keys(self) -> Result<Attestation, BadAttestation> {
        let (attached, providers) = (self.attached, &self.shared.providers);
        let read = attached.read()?;
        let kid = read.kid().map(str::to_owned);
        let keys = match providers.keys_at_hand(attached.settings, kid.as_deref()) {
            Some(keys) => keys,
            None if !attached.may_ask_by_name() => {
                let detail = "the key is not known, and is not asked for by a peer that is not among trusted_proxies";
                return Err(attached.refused(Reason::AssertionKey, detail.to_owned()));
            }
            None => providers.keys(attached.settings, kid.as_deref()).await.map_err(|error| {
                let reason = if error.is_no_such_key() { Reason::AssertionKey } else { Reason::AssertionKeys };
                attached.refused(reason, error.to_string())
            })?,
        };
        let error = match read.verified_by(keys.set()) {
            Ok(verified) => return self.good(&keys, &verified),
            Err(error) => error,
        };
        let newer = if error.may_be_rotation() { providers.newer_keys(attached.settings, &keys).await } else { None };
        let Some(newer) = newer else { return Err(attached.bad(&error)) };
        let verified = attached.read()?.verified_by(newer.set()).map_err(|error| attached.bad(&error))?;
        self.good(&newer, &verified)
    }

    fn good(self, keys: &HeldKeys, verified: &VerifiedAssertion) -> Result<Attestation, BadAttestation> {
        keys.verified_one();
        self.attached.good(verified)
    }
}
