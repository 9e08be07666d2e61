//! What a condition asks about one claim, and what the claim answers: yes, no, or nothing that can be relied on.
//!
//! In: an identity (with whole or with projected claims; both answer alike). Out: a boolean, or the [`Doubt`] that keeps
//! it from being one. A missing claim, or one that cannot be compared, proves neither that a person has what is asked
//! for nor that they lack it. The table of all cases is `docs/CONDITIONS.md`, and a test.

use serde_json::Value;

use super::{
    ClaimPath, Doubt, Identity, Keep, Projection, ProviderName, Scalar, ValuePattern,
    claims::ClaimPlace,
    doubt::{elements, form_of},
    likeness::{Folded, FoldedPattern},
    pattern::{Kinds, kind_left_out, like_left_out, unread_left_out},
};

/// One claim and the values that are asked for; any of them will do.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    path: ClaimPath,
    patterns: Vec<ValuePattern>,
    absent: Absent,
    address: Option<AddressQuestion>,
    /// What a session must not have left out of the claim for its answer to be a plain "no".
    doubts: Vec<u32>,
    /// The path in its one spelling.
    canonical: ClaimPath,
}

/// What a claim that is not there says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// Nothing.
    Unknown,
    /// `absent = "empty"`: the provider leaves an empty claim out.
    Empty,
}

/// The same question, of people whose provider names the claim as the one with the address.
#[derive(Debug, Clone)]
struct AddressQuestion {
    /// Whose people; none: everybody.
    of: Option<Vec<ProviderName>>,
    texts: Vec<String>,
    patterns: Vec<ValuePattern>,
}

impl Question {
    /// A question about a claim. `email` is the verified address of the identity, whoever vouches.
    #[must_use]
    pub(crate) fn new(path: ClaimPath, patterns: Vec<ValuePattern>) -> Self {
        let address = path.is_email().then(|| AddressQuestion::new(None, &patterns));
        let doubts = doubts(&path, &patterns);
        let canonical = path.clone().into_canonical();
        Self { path, patterns, absent: Absent::Unknown, address, doubts, canonical }
    }

    /// The same question, with that answer where the claim is missing.
    #[must_use]
    pub(crate) fn with_absent(self, absent: Absent) -> Self {
        Self { absent, ..self }
    }

    /// Learns where each provider has the address: there, the claim is the verified address too.
    pub(crate) fn learn_addresses<'a>(
        &mut self,
        providers: impl IntoIterator<Item = (&'a ProviderName, &'a ClaimPath)>,
    ) {
        if self.path.is_email() {
            return;
        }
        let theirs = providers.into_iter().filter(|(_, path)| path.is_same_place(&self.path));
        let names: Vec<ProviderName> = theirs.map(|(name, _)| name.clone()).collect();
        self.address = (!names.is_empty()).then(|| AddressQuestion::new(Some(names), &self.patterns));
    }

    /// Where the claim is.
    #[must_use]
    pub(crate) const fn path(&self) -> &ClaimPath {
        &self.path
    }

    /// What is asked for.
    #[must_use]
    pub(crate) fn patterns(&self) -> &[ValuePattern] {
        &self.patterns
    }

    /// What a missing claim says.
    #[must_use]
    pub(crate) const fn absent(&self) -> Absent {
        self.absent
    }

    /// Whether this is about the verified address, and not about a claim, for people of that provider.
    #[must_use]
    pub(crate) fn is_of_address(&self, provider: &ProviderName) -> bool {
        self.address_question(provider).is_some()
    }

    /// Whether this is about the verified address whoever vouches.
    #[must_use]
    pub(crate) fn is_of_every_address(&self) -> bool {
        self.address.as_ref().is_some_and(|address| address.of.is_none())
    }

    /// Whether the answer is "yes". What a positive condition needs, and cheaper than [`Question::answer`].
    #[must_use]
    pub(crate) fn is_met(&self, identity: &Identity) -> bool {
        match self.address_question(&identity.provider) {
            Some(question) => identity.email.as_ref().is_ok_and(|address| question.is_met(address.as_str())),
            None => identity.claims.at(&self.path).is_some_and(|value| self.matches(value)),
        }
    }

    /// The answer.
    ///
    /// # Errors
    /// The doubt that makes it unknown.
    pub(crate) fn answer(&self, identity: &Identity) -> Result<bool, Doubt> {
        if let Some(question) = self.address_question(&identity.provider) {
            let address = identity.email.as_ref().map_err(|reason| Doubt::NoAddress(*reason))?;
            return question.answer(address.as_str());
        }
        let value = match (identity.claims.place(&self.path), self.absent) {
            (ClaimPlace::Value(value), _) => value,
            (ClaimPlace::Missing, Absent::Empty) => return Ok(false),
            (ClaimPlace::Missing, Absent::Unknown) => return Err(Doubt::Missing),
            (ClaimPlace::NoObject(_), _) => return Err(Doubt::NoObject),
        };
        if self.matches(value) {
            return Ok(true);
        }
        let is_left_out = || identity.claims.1.has_any(&self.doubts).then_some(Doubt::LeftOut);
        match self.doubt_of(value).or_else(is_left_out) {
            Some(doubt) => Err(self.of_form(identity).unwrap_or(doubt)),
            None => Ok(false),
        }
    }

    /// The form of what a session left out, where that was no single value.
    fn of_form(&self, identity: &Identity) -> Option<Doubt> {
        let is_left_out = |way: &str| identity.claims.1.has_any(&[unread_left_out(&self.canonical, way)]);
        Doubt::KINDS.into_iter().find(|(_, way)| is_left_out(way)).map(|(doubt, _)| doubt)
    }

    /// Adds to `projection` what the answer depends on; the verified address is in every session.
    pub(crate) fn project(&self, projection: &mut Projection) {
        if !self.is_of_every_address() {
            projection.keep(self.path.clone(), Keep::Matching(self.patterns.clone()));
        }
    }

    /// Whether a claim's value matches: itself, or one element of its array. A text is never split, an object or an
    /// array within an array never matches.
    fn matches(&self, value: &Value) -> bool {
        elements(value).iter().any(|element| self.patterns.iter().any(|pattern| pattern.matches(element)))
    }

    /// Why a value that does not match is no proof of the contrary.
    fn doubt_of(&self, value: &Value) -> Option<Doubt> {
        let (kinds, patterns) = (Kinds::of_patterns(&self.patterns), FoldedPattern::each(&self.patterns));
        let is_like = |single: &Folded<'_>| patterns.iter().any(|pattern| pattern.is_like(single));
        let is_of_kind = |element| Kinds::of_value(element).is_some_and(|kind| kinds.has(kind));
        let of_form = |(doubt, _): &(Doubt, &str)| {
            elements(value).iter().any(|element| form_of(element, value.is_array(), &patterns) == Some(*doubt))
        };
        let form = Doubt::KINDS.iter().find(|kind| of_form(kind)).map(|(doubt, _)| *doubt);
        form.or_else(|| {
            elements(value).iter().find_map(|element| {
                if Folded::of(element).is_some_and(|single| is_like(&single)) {
                    return Some(Doubt::Like);
                }
                Doubt::of_unreadable(element, value.is_array())
                    .or_else(|| (!is_of_kind(element)).then_some(Doubt::Type))
            })
        })
    }

    fn address_question(&self, provider: &ProviderName) -> Option<&AddressQuestion> {
        self.address.as_ref().filter(|address| address.of.as_ref().is_none_or(|names| names.contains(provider)))
    }
}

impl AddressQuestion {
    /// Addresses are compared without regard to ASCII letter case, as `[[revoke]]` does.
    fn new(of: Option<Vec<ProviderName>>, patterns: &[ValuePattern]) -> Self {
        let mut question = Self { of, texts: Vec::new(), patterns: Vec::new() };
        for pattern in patterns {
            match pattern {
                ValuePattern::Exact(Scalar::Text(text)) => question.texts.push(text.trim().to_owned()),
                ValuePattern::Exact(Scalar::Number(_) | Scalar::Boolean(_)) => {}
                ValuePattern::Glob(glob) => question.patterns.push(ValuePattern::Glob(glob.without_case())),
            }
        }
        question
    }

    fn is_met(&self, address: &str) -> bool {
        self.texts.iter().any(|text| text.eq_ignore_ascii_case(address))
            || self.patterns.iter().any(|pattern| match pattern {
                ValuePattern::Glob(glob) => glob.is_match(address),
                ValuePattern::Exact(_) => false,
            })
    }

    /// An address is one plain text: of all doubts, there are only its type and a `/` that a glob does not cross.
    fn answer(&self, address: &str) -> Result<bool, Doubt> {
        if self.is_met(address) {
            return Ok(true);
        }
        if self.texts.is_empty() && self.patterns.is_empty() {
            return Err(Doubt::Type);
        }
        let folded = address.to_ascii_lowercase();
        let is_like = self.patterns.iter().any(|pattern| match pattern {
            ValuePattern::Glob(glob) => glob.is_like(&folded),
            ValuePattern::Exact(_) => false,
        });
        if is_like { Err(Doubt::Like) } else { Ok(false) }
    }
}

/// Each pattern may have been like a value that was left out, and each other kind may have been left out.
fn doubts(path: &ClaimPath, patterns: &[ValuePattern]) -> Vec<u32> {
    let path = path.clone().into_canonical();
    let kinds = Kinds::of_patterns(patterns);
    let like = patterns.iter().map(|pattern| like_left_out(&path, pattern));
    let others = Kinds::EACH.into_iter().filter(|kind| !kinds.has(*kind)).map(|kind| kind_left_out(&path, kind));
    like.chain(others).collect()
}
