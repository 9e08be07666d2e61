//! The verdict over one embed URL: every documented rule, each with a refusal of its own. Pure.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};

use super::{Opening, Refusal, SigmaOrganization, UsedTokens, ViewerKind, target::OpenedUrl, token::verified_payload};
use crate::{limits, time::UnixSeconds};

/// Decides whether a path with its query opens something, and for whom. Remembers nothing: the caller inserts the `jti`.
///
/// # Errors
/// The first rule that is broken, see [`Refusal`].
pub(crate) fn judge(
    target: &str,
    organization: &SigmaOrganization,
    used: &UsedTokens,
    now: UnixSeconds,
) -> Result<Opening, Refusal> {
    let target = OpenedUrl::parse(target, &organization.slug)?;
    let claims = TokenClaims(verified_payload(target.jwt, organization)?);
    claims.check_known()?;
    for name in ["eval_connection_id", "tenant"] {
        claims.text(name)?;
    }
    check_version(&claims)?;
    let expires_at = check_times(&claims, now)?;
    let sub = claims.required_text("sub")?;
    if !is_address(&sub) {
        return Err(Refusal::Subject);
    }
    let jti = claims.required_text("jti")?;
    if claims.text("iss")?.is_some_and(|issuer| issuer != organization.client_id) {
        return Err(Refusal::Issuer);
    }
    let user = check_user(&claims, &sub, organization)?;
    if used.contains(&jti) {
        return Err(Refusal::Replayed);
    }
    Ok(Opening {
        sub,
        names: user.names,
        kind: user.kind,
        teams: user.teams,
        account_type: user.account_type,
        user_attributes: user.attributes,
        document: target.document,
        parameters: target.parameters,
        controls: target.controls,
        jti,
        expires_at,
    })
}

/// `ver` is a text; 1.1 needs `aud`, 1.0 ignores it, and only 1.1 has OAuth tokens.
fn check_version(claims: &TokenClaims) -> Result<(), Refusal> {
    let audience = claims.text("aud")?;
    match claims.text("ver")?.as_deref() {
        Some("1.1") if audience.as_deref() == Some("sigmacomputing") => {
            claims.text("oauth_token")?;
            claims.texts_by_name("connection_oauth_tokens")?;
            Ok(())
        }
        Some("1.1") => Err(Refusal::Audience),
        None | Some("1.0") => {
            match ["oauth_token", "connection_oauth_tokens"].into_iter().find(|name| claims.has(name)) {
                Some(name) => Err(Refusal::OauthVersion(name)),
                None => Ok(()),
            }
        }
        Some(_) => Err(Refusal::Version),
    }
}

fn check_times(claims: &TokenClaims, now: UnixSeconds) -> Result<UnixSeconds, Refusal> {
    let issued_at = claims.required_seconds("iat")?;
    let expires_at = claims.required_seconds("exp")?;
    if issued_at > now.plus(LEEWAY) {
        return Err(Refusal::IssuedInFuture);
    }
    if expires_at <= now {
        return Err(Refusal::Expired);
    }
    if expires_at <= issued_at || issued_at.until(expires_at) > limits::SIGMA_TOKEN_AGE_MAX {
        return Err(Refusal::Lifetime);
    }
    Ok(expires_at)
}

struct User {
    kind: ViewerKind,
    names: Vec<String>,
    teams: Vec<String>,
    account_type: Option<String>,
    attributes: BTreeMap<String, String>,
}

fn check_user(claims: &TokenClaims, sub: &str, organization: &SigmaOrganization) -> Result<User, Refusal> {
    let names = [claims.text("first_name")?, claims.text("last_name")?].into_iter().flatten().collect();
    let teams = claims.teams()?;
    let account_type = claims.text("account_type")?;
    let attributes = claims.texts_by_name("user_attributes")?;
    if organization.internal_users.contains(sub) {
        // Sigma, manage access to a secure embed: internal users carry none of the five.
        return match EMBED_USER_CLAIMS.iter().any(|name| claims.has(name)) {
            true => Err(Refusal::InternalUserClaims),
            false => Ok(User { kind: ViewerKind::Internal, names, teams, account_type, attributes }),
        };
    }
    if teams.is_empty() {
        return Err(Refusal::NoTeams);
    }
    if let Some(team) = teams.iter().find(|team| !organization.teams.contains(*team)) {
        return Err(Refusal::TeamUnknown(team.clone()));
    }
    if let Some(name) = attributes.keys().find(|name| !organization.user_attributes.contains(*name)) {
        return Err(Refusal::AttributeUnknown(name.clone()));
    }
    Ok(User { kind: ViewerKind::Embed, names, teams, account_type, attributes })
}

/// One `@`, nothing invisible, and a domain as in RFC 1035 (so no underscore there).
fn is_address(sub: &str) -> bool {
    let Some((local, domain)) = sub.split_once('@') else { return false };
    let is_plain = |text: &str| !text.chars().any(|character| character.is_whitespace() || character.is_control());
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    !local.is_empty() && is_plain(local) && domain.contains('.') && domain.split('.').all(is_label)
}

struct TokenClaims(Map<String, Value>);

impl TokenClaims {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn check_known(&self) -> Result<(), Refusal> {
        match self.0.keys().find(|name| !CLAIMS.contains(&name.as_str())) {
            Some(unknown) => Err(Refusal::ClaimUnknown(unknown.clone())),
            None => Ok(()),
        }
    }

    /// A text claim; an empty text is as wrong as a number.
    fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::ClaimType(name.to_owned())),
        }
    }

    fn required_text(&self, name: &'static str) -> Result<String, Refusal> {
        self.text(name)?.ok_or(Refusal::ClaimMissing(name))
    }

    fn required_seconds(&self, name: &'static str) -> Result<UnixSeconds, Refusal> {
        let value = self.0.get(name).ok_or(Refusal::ClaimMissing(name))?;
        value.as_u64().map(UnixSeconds).ok_or_else(|| Refusal::ClaimType(name.to_owned()))
    }

    fn teams(&self) -> Result<Vec<String>, Refusal> {
        let wrong = || Refusal::ClaimType("teams".to_owned());
        let Some(value) = self.0.get("teams") else { return Ok(Vec::new()) };
        let team = |value: &Value| value.as_str().filter(|team| !team.is_empty()).map(str::to_owned);
        value.as_array().ok_or_else(wrong)?.iter().map(|value| team(value).ok_or_else(wrong)).collect()
    }

    fn texts_by_name(&self, name: &str) -> Result<BTreeMap<String, String>, Refusal> {
        let wrong = || Refusal::ClaimType(name.to_owned());
        let Some(value) = self.0.get(name) else { return Ok(BTreeMap::new()) };
        let text = |(key, value): (&String, &Value)| value.as_str().map(|text| (key.clone(), text.to_owned()));
        value.as_object().ok_or_else(wrong)?.iter().map(|pair| text(pair).ok_or_else(wrong)).collect()
    }
}

/// Claims that only embed users have.
const EMBED_USER_CLAIMS: [&str; 5] = ["first_name", "last_name", "user_attributes", "teams", "account_type"];

/// Every claim of the reference (Sigma, JSON web token claims reference).
const CLAIMS: [&str; 16] = [
    "account_type",
    "aud",
    "connection_oauth_tokens",
    "eval_connection_id",
    "exp",
    "first_name",
    "iat",
    "iss",
    "jti",
    "last_name",
    "oauth_token",
    "sub",
    "teams",
    "tenant",
    "user_attributes",
    "ver",
];

/// How far `iat` may be ahead. Undocumented; small, so that a gateway that dates tokens forward is noticed.
const LEEWAY: Duration = Duration::from_secs(10);
