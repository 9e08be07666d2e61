//! From verified claims to an [`Identity`]: who it is, which address somebody vouches for, and what the rules may see.

use serde_json::Value;

use super::{
    ClaimPath, Claims, EmailAddress, EmailError, EmailVerification, Outsiders, Projection, ProviderName,
    SourceSettings, cause, fold::is_unseen,
};
use crate::{limits::SUBJECT_BYTES_MAX, reason::Reason};

/// Who is asking, as far as the rules may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Which source vouches.
    pub(crate) provider: ProviderName,
    /// The source's stable id of the person.
    pub(crate) subject: String,
    /// The verified address, or why there is none: then nothing is minted, the host application stays open.
    pub(crate) email: Result<EmailAddress, Reason>,
    /// The projected claims.
    pub(crate) claims: Claims,
}

/// Why verified claims name nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdentityError {
    /// No `sub`, or not a text (OIDC Core 2).
    #[error("claim `sub` is {0}, and not a text")]
    SubjectKind(&'static str),
    /// Not 1 to 255 bytes of visible text.
    #[error("claim `sub` is not 1 to {SUBJECT_BYTES_MAX} bytes of visible text: it has {0}")]
    Subject(usize),
    /// A claim that the rules look at was replaced by a reference to fetch it from.
    #[error("provider sent a reference in place of a claim that the rules need (groups: hasgroups or _claim_names)")]
    GroupsOverage,
    /// Nobody vouches for an address in `email_domains`, and the source takes nobody else.
    #[error(transparent)]
    Outsider(NoAddress),
}

/// Why a person has no address that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found}")]
pub(crate) struct NoAddress {
    /// The reason of a person who signs in all the same.
    reason: Reason,
    /// Which claim, and what was found there: a kind or a domain, never the address.
    found: String,
}

impl Identity {
    /// The person behind verified claims.
    ///
    /// An address that is missing, unverified or of another domain refuses the person; with `outsiders = "no-embed"` it leaves
    /// a person without one: such a person may have the host application, but the address is not kept as a claim either, so that no rule can trust it. Where there is
    /// one, it is the claim `email` too, wherever the provider has it: no template can read an unverified one.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub(crate) fn from_claims(
        settings: &SourceSettings,
        claims: &Claims,
        projection: &Projection,
    ) -> Result<Self, IdentityError> {
        let subject = subject(claims)?;
        if has_overage(claims, projection) {
            return Err(IdentityError::GroupsOverage);
        }
        let email = match (email_of(settings, claims), settings.outsiders) {
            (Err(error), Outsiders::Refuse) => return Err(IdentityError::Outsider(error)),
            (email, Outsiders::Refuse | Outsiders::NoEmbed) => email.map_err(|error| error.reason),
        };
        let claims = projection.project(&with_address(settings, claims, &email));
        Ok(Self { provider: settings.name.clone(), subject: subject.to_owned(), email, claims })
    }

    /// Who somebody is, of whom nothing else is asked: no address, no claims.
    ///
    /// # Errors
    /// As for [`Identity::from_claims`], of `sub`.
    pub(super) fn known_as(settings: &SourceSettings, claims: &Claims) -> Result<Self, IdentityError> {
        let subject = subject(claims)?.to_owned();
        let (provider, email) = (settings.name.clone(), Err(Reason::EmailMissing));
        Ok(Self { provider, subject, email, claims: Claims::default() })
    }
}

impl IdentityError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::SubjectKind(_) | Self::Subject(_) => Reason::TokenSub,
            Self::GroupsOverage => Reason::GroupsOverage,
            Self::Outsider(NoAddress { reason: Reason::EmailDomain, .. }) => Reason::Outsider,
            Self::Outsider(NoAddress { reason, .. }) => *reason,
        }
    }
}

fn subject(claims: &Claims) -> Result<&str, IdentityError> {
    let subject = claims.text("sub").ok_or_else(|| IdentityError::SubjectKind(kind(claims.0.get("sub"))))?;
    if is_subject(subject) { Ok(subject) } else { Err(IdentityError::Subject(subject.len())) }
}

/// Whether a text can name a person (OIDC Core 2): what nobody sees names nobody.
pub(super) fn is_subject(text: &str) -> bool {
    let is_seen = |c: char| !c.is_whitespace() && !is_unseen(c);
    (1..=SUBJECT_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control) && text.chars().any(is_seen)
}

fn email_of(settings: &SourceSettings, claims: &Claims) -> Result<EmailAddress, NoAddress> {
    let refused = |reason, what: &str| NoAddress { reason, found: format!("{}: {what}", shown(&settings.email)) };
    let text = match claims.at_in_arrays(&settings.email) {
        Some(Value::String(text)) => text,
        found => return Err(refused(Reason::EmailMissing, &format!("{}, and no address", kind(found)))),
    };
    let address = EmailAddress::parse(text, &settings.email_domains);
    if address == Err(EmailError::Malformed) {
        return Err(refused(Reason::EmailMissing, "a text that is no address"));
    }
    if let Some(found) = unverified(settings, claims) {
        return Err(NoAddress { reason: Reason::EmailUnverified, found });
    }
    address.map_err(|error| match error {
        EmailError::Guest | EmailError::Malformed => refused(Reason::EmailDomain, &error.to_string()),
        EmailError::Domain => {
            let domain = text.rsplit_once('@').map_or("", |(_, domain)| domain);
            refused(Reason::EmailDomain, &format!("an address of {domain}, which is not in email_domains"))
        }
    })
}

/// What was found in place of the flag of a verified address. The boolean alone verifies: some providers send the text
/// "false". And of each flag only what it speaks of counts.
fn unverified(settings: &SourceSettings, claims: &Claims) -> Option<String> {
    let found = |flag: &str, value: Option<&Value>| match value {
        Some(Value::Bool(true)) => None,
        value => Some(format!("{flag}: {}, and only the boolean true verifies an address", kind(value))),
    };
    match &settings.email_verified {
        EmailVerification::TrustedIssuer => None,
        EmailVerification::Required if !settings.email.is_email() => {
            Some(format!("email_verified speaks of the claim email, not of {}", shown(&settings.email)))
        }
        EmailVerification::Required => found("email_verified", claims.0.get("email_verified")),
        EmailVerification::Claim(path) => found(shown(path), claims.at(path)),
    }
}

/// What stands somewhere: of a flag also what it says, of all else the kind alone.
fn kind(value: Option<&Value>) -> &'static str {
    match value.and_then(Value::as_bool) {
        Some(true) => "true",
        Some(false) => "false",
        None => cause::kind(value),
    }
}

/// A path as people write it: `/email` is the claim `email`.
fn shown(path: &ClaimPath) -> &str {
    match path.steps() {
        [name] => name,
        [] | [_, ..] => path.as_str(),
    }
}

/// The claims with the verified address as `email`, or with no address.
fn with_address(settings: &SourceSettings, claims: &Claims, address: &Result<EmailAddress, Reason>) -> Claims {
    let mut claims = claims.clone();
    match address {
        Ok(address) => drop(claims.0.insert("email".to_owned(), Value::from(address.as_str()))),
        Err(_) => remove_address(settings, &mut claims.0),
    }
    claims
}

fn remove_address(settings: &SourceSettings, claims: &mut serde_json::Map<String, Value>) {
    claims.remove("email");
    let Some((last, parents)) = settings.email.steps().split_last() else { return };
    let mut object = claims;
    for step in parents {
        if !matches!(object.get(step), Some(Value::Object(_))) {
            // What is found by a number in an array goes with the array.
            object.remove(step);
            return;
        }
        let Some(Value::Object(inner)) = object.get_mut(step) else { return };
        object = inner;
    }
    object.remove(last);
}

/// OIDC Core 5.6.2 (`_claim_names`), and Entra's `hasgroups`: the claim is somewhere else. "No groups" would be a lie.
fn has_overage(claims: &Claims, projection: &Projection) -> bool {
    let names_elsewhere = match claims.0.get("_claim_names") {
        None | Some(Value::Null) => false,
        Some(Value::Object(names)) => names.keys().any(|name| projection.looks_into(name)),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => true,
    };
    // Beside groups that are there, the flag says nothing that counts.
    let has_flag = !matches!(claims.0.get("hasgroups"), None | Some(Value::Null | Value::Bool(false)));
    let has_no_groups = has_flag && claims.0.get("groups").is_none_or(Value::is_null);
    names_elsewhere || has_no_groups && projection.looks_into("groups")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ISSUER, settings};
    use super::super::{ClaimPath, Keep};
    use super::*;

    fn projection(names: &[&str]) -> Projection {
        let mut projection = Projection::default();
        for name in names {
            projection.keep(ClaimPath::parse(name).unwrap(), Keep::Whole);
        }
        projection
    }

    fn identity(verified: EmailVerification, claims: &str) -> Result<Identity, IdentityError> {
        let claims = Claims::parse_strict(claims.as_bytes()).unwrap();
        let settings = SourceSettings { email_verified: verified, ..settings(ISSUER).source };
        Identity::from_claims(&settings, &claims, &projection(&["email", "groups", "country"]))
    }

    fn email(verified: EmailVerification, claims: &str) -> Result<String, Reason> {
        identity(verified, claims).unwrap().email.map(|email| email.as_str().to_owned())
    }

    #[test]
    fn a_verified_address_of_the_domain_is_the_persons() {
        let person = identity(
            EmailVerification::Required,
            r#"{"sub":"7","email":"ann@example.com","email_verified":true,"x":1}"#,
        )
        .unwrap();
        assert_eq!(person.subject, "7");
        assert_eq!(person.email.unwrap().as_str(), "ann@example.com");
        assert_eq!(person.claims, Claims::parse_strict(br#"{"email":"ann@example.com"}"#).unwrap());
    }

    #[test]
    fn only_the_boolean_true_verifies() {
        for verified in [r#""true""#, "1", "false", "null", "[true]"] {
            let claims = format!(r#"{{"sub":"7","email":"ann@example.com","email_verified":{verified}}}"#);
            assert_eq!(email(EmailVerification::Required, &claims), Err(Reason::EmailUnverified), "{verified}");
            assert!(email(EmailVerification::TrustedIssuer, &claims).is_ok());
        }
        let claims = r#"{"sub":"7","email":"ann@example.com"}"#;
        assert_eq!(email(EmailVerification::Required, claims), Err(Reason::EmailUnverified));
    }

    #[test]
    fn a_missing_malformed_or_foreign_address_is_none_and_says_why() {
        for (claims, reason) in [
            (r#"{"sub":"7"}"#, Reason::EmailMissing),
            (r#"{"sub":"7","email":["ann@example.com"]}"#, Reason::EmailMissing),
            (r#"{"sub":"7","email":"ann@evil.test@example.com"}"#, Reason::EmailMissing),
            (r#"{"sub":"7","email":"ann@example.org"}"#, Reason::EmailDomain),
        ] {
            assert_eq!(email(EmailVerification::TrustedIssuer, claims), Err(reason), "{claims}");
        }
    }

    #[test]
    fn where_outsiders_are_refused_each_cause_has_its_reason_and_says_what_was_found_without_the_address() {
        let refused = |email: &str, verified: EmailVerification, claims: &str| {
            let claims = Claims::parse_strict(claims.as_bytes()).unwrap();
            let email = ClaimPath::parse(email).unwrap();
            let (outsiders, source) = (Outsiders::Refuse, settings(ISSUER).source);
            let settings = SourceSettings { email, email_verified: verified, outsiders, ..source };
            let error = Identity::from_claims(&settings, &claims, &projection(&["email"])).unwrap_err();
            format!("{} {error}", error.reason())
        };
        let trusted = || EmailVerification::TrustedIssuer;
        for (email, verified, claims, expected) in [
            ("/email", trusted(), r#"{"sub":"7"}"#, "email_missing email: missing, and no address"),
            (
                "emails",
                trusted(),
                r#"{"sub":"7","emails":["a@example.com"]}"#,
                "email_missing emails: an array, and no address",
            ),
            ("/email", trusted(), r#"{"sub":"7","email":"ann"}"#, "email_missing email: a text that is no address"),
            (
                "/email",
                EmailVerification::Required,
                r#"{"sub":"7","email":"a@example.com","email_verified":"true"}"#,
                "email_unverified email_verified: a text, and only the boolean true verifies an address",
            ),
            (
                "/mail",
                EmailVerification::Required,
                r#"{"sub":"7","mail":"a@example.com","email_verified":true}"#,
                "email_unverified email_verified speaks of the claim email, not of mail",
            ),
            (
                "/email",
                trusted(),
                r#"{"sub":"7","email":"ann@gmail.com"}"#,
                "outsider email: an address of gmail.com, which is not in email_domains",
            ),
            (
                "upn",
                trusted(),
                r#"{"sub":"7","upn":"ann_gmail.com#EXT#@example.com"}"#,
                "outsider upn: a guest's name (#EXT#) is no address of the domain behind its @",
            ),
        ] {
            assert_eq!(refused(email, verified, claims), expected, "{claims}");
        }
    }

    #[test]
    fn an_address_is_found_in_an_array_and_goes_with_it_where_nobody_vouches_for_it() {
        let claims = r#"{"sub":"7","emails":["ann@example.com"],"u":{"mails":["x"],"id":1}}"#;
        assert!(elsewhere("/emails/0", EmailVerification::TrustedIssuer, claims).is_ok());
        let claims = Claims::parse_strict(claims.as_bytes()).unwrap();
        for (path, left) in [("/emails/0", "u"), ("/u/mails/0", "emails"), ("/u", "emails")] {
            let settings = SourceSettings { email: ClaimPath::parse(path).unwrap(), ..settings(ISSUER).source };
            let left_over = with_address(&settings, &claims, &Err(Reason::EmailUnverified));
            assert!(left_over.at_in_arrays(&settings.email).is_none() && left_over.0.contains_key(left), "{path}");
        }
    }

    #[test]
    fn an_address_that_nobody_vouches_for_is_not_kept_as_a_claim() {
        let claims = r#"{"sub":"7","email":"ceo@example.com","email_verified":false,"country":"NL"}"#;
        let person = identity(EmailVerification::Required, claims).unwrap();
        assert_eq!(person.claims, Claims::parse_strict(br#"{"country":"NL"}"#).unwrap());
    }

    fn elsewhere(path: &str, verified: EmailVerification, claims: &str) -> Result<String, Reason> {
        let claims = Claims::parse_strict(claims.as_bytes()).unwrap();
        let email = ClaimPath::parse(path).unwrap();
        let settings = SourceSettings { email, email_verified: verified, ..settings(ISSUER).source };
        let person = Identity::from_claims(&settings, &claims, &projection(&["email"])).unwrap();
        let kept = person.claims.0.get("email").and_then(Value::as_str).map(str::to_owned);
        assert_eq!(kept, person.email.as_ref().ok().map(|email| email.as_str().to_owned()), "the claim is the address");
        person.email.map(|email| email.as_str().to_owned())
    }

    #[test]
    fn email_verified_proves_nothing_of_an_address_at_another_place() {
        let ceo = r#"{"sub":"7","email":"ann@example.com","email_verified":true,"mail":"ceo@example.com",
            "user":{"email":"ceo@example.com","email_verified":true},"Email":"ceo@example.com"}"#;
        for path in ["/mail", "mail", "/user/email", "Email", "/Email"] {
            assert_eq!(elsewhere(path, EmailVerification::Required, ceo), Err(Reason::EmailUnverified), "{path}");
            assert!(elsewhere(path, EmailVerification::TrustedIssuer, ceo).is_ok(), "{path}");
        }
        assert!(elsewhere("email", EmailVerification::Required, ceo).is_ok());
    }

    #[test]
    fn an_address_at_another_place_has_a_flag_of_its_own_which_must_be_the_boolean_true() {
        let flag = |path: &str| EmailVerification::Claim(ClaimPath::parse(path).unwrap());
        for (value, expected) in
            [("true", true), ("\"true\"", false), ("1", false), ("false", false), ("[true]", false)]
        {
            let claims = format!(r#"{{"sub":"7","mail":"ann@example.com","email_verified":true,"mail_ok":{value}}}"#);
            assert_eq!(elsewhere("/mail", flag("/mail_ok"), &claims).is_ok(), expected, "{value}");
            assert!(elsewhere("/mail", flag("/other"), &claims).is_err());
        }
    }

    #[test]
    fn a_person_needs_a_subject() {
        for (claims, error) in [
            (r"{}", IdentityError::SubjectKind("missing")),
            (r#"{"sub":7}"#, IdentityError::SubjectKind("a number")),
            (r#"{"sub":""}"#, IdentityError::Subject(0)),
            (r#"{"sub":"a\nb"}"#, IdentityError::Subject(3)),
            (r#"{"sub":"  "}"#, IdentityError::Subject(2)),
            (r#"{"sub":"\u200b\u00ad"}"#, IdentityError::Subject(5)),
        ] {
            assert_eq!(identity(EmailVerification::Required, claims), Err(error.clone()), "{claims}");
            assert_eq!(error.reason(), Reason::TokenSub);
        }
        assert_eq!(
            identity(EmailVerification::Required, &format!(r#"{{"sub":"{}"}}"#, "a".repeat(256))),
            Err(IdentityError::Subject(256))
        );
    }

    #[test]
    fn a_reference_in_place_of_a_needed_claim_is_an_overage_and_of_another_claim_is_not() {
        let is = |claims| identity(EmailVerification::Required, claims).map(|_| ());
        let overage = Err(IdentityError::GroupsOverage);
        assert_eq!(is(r#"{"sub":"7","_claim_names":{"groups":"src1"},"_claim_sources":{}}"#), overage);
        assert_eq!(is(r#"{"sub":"7","hasgroups":true}"#), overage);
        assert_eq!(is(r#"{"sub":"7","hasgroups":true,"groups":null}"#), overage);
        assert_eq!(is(r#"{"sub":"7","_claim_names":"x"}"#), overage);
        assert_eq!(is(r#"{"sub":"7","_claim_names":{"photos":"src1"},"hasgroups":false}"#), Ok(()));
        assert_eq!(is(r#"{"sub":"7","hasgroups":"false"}"#), overage);
        assert_eq!(is(r#"{"sub":"7","hasgroups":"false","groups":["finance"]}"#), Ok(()), "they are there");
    }
}
