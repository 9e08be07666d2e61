//! Minting: the one place where a signed URL comes into being.

use serde_json::Value;

use super::{
    Allow, Document, DocumentKind, Embed, EmbedName, EmbedTarget, Organization, SigmaClaims, SigmaUrl, View,
    claims::Stamp,
    parameters::{encoded_component, encoded_value},
};
use crate::{
    identity::{Claims, EmailAddress, Identity},
    limits::{SIGMA_TOKEN_AGE_MAX, SIGNED_URL_BYTES_MAX},
    policy::{Grant, Granted, Mapping, MappingName, grant},
    reason::Reason,
    seed::SeedStream,
    time::UnixSeconds,
};

/// Who is looking, and what today's rules say about them.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    /// The verified address and the mapping result, or why there is none.
    pub(crate) granted: Result<(EmailAddress, Granted), Reason>,
    /// `given_name` and `family_name`, where the (projected) claims have both.
    pub(crate) names: Option<(String, String)>,
    /// The end of the gateway's session: no token outlives it.
    pub(crate) session_ends_at: UnixSeconds,
}

/// A signed URL: a bearer secret that works once. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SignedUrl(String);

/// What the audit log says about a mint: never the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MintRecord {
    /// `sub`.
    pub(crate) email: String,
    /// Which embed.
    pub(crate) embed: EmbedName,
    /// Sigma's id of the document that was opened.
    pub(crate) document: String,
    /// The mappings that gave the grant.
    pub(crate) mappings: Vec<MappingName>,
    /// Teams; empty for an internal user.
    pub(crate) teams: Vec<String>,
    /// The account type; none for an internal user.
    pub(crate) account_type: Option<String>,
    /// The token's id.
    pub(crate) jti: String,
    /// The token's (and the embed session's) end.
    pub(crate) expires_at: UnixSeconds,
}

/// A signed URL with its audit record.
#[derive(Debug, Clone)]
pub(crate) struct Minted {
    /// The URL.
    pub(crate) url: SignedUrl,
    /// The record.
    pub(crate) record: MintRecord,
}

/// Why nothing is minted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EmbedError {
    /// Switched off.
    #[error("embed {0:?} is disabled")]
    Disabled(EmbedName),
    /// The viewer has no grant.
    #[error("viewer has no grant: {0}")]
    NoGrant(Reason),
    /// The viewer's mappings are not among those that may see the embed.
    #[error("embed {0:?} is not for the viewer's mappings")]
    NotAllowed(EmbedName),
    /// The URL would be too long.
    #[error("signed URL is {0} bytes long")]
    TooLong(usize),
    /// The session has ended.
    #[error("session has ended")]
    SessionEnded,
}

impl EmbedError {
    /// The stable reason.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Disabled(_) => Reason::EmbedDisabled,
            Self::NoGrant(reason) => *reason,
            Self::NotAllowed(_) => Reason::EmbedNotAllowed,
            Self::TooLong(_) => Reason::UrlTooLong,
            Self::SessionEnded => Reason::NotSignedIn,
        }
    }
}

impl SignedUrl {
    /// The URL itself, for the answer to the viewer's browser only.
    #[must_use]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedUrl(redacted)")
    }
}

impl Viewer {
    /// The viewer that an identity is by today's mappings.
    #[must_use]
    pub(crate) fn of(identity: &Identity, mappings: &[Mapping], session_ends_at: UnixSeconds) -> Self {
        let granted = identity.email.clone().and_then(|email| {
            let granted = grant(identity, mappings).map_err(|error| error.reason())?;
            Ok((email, granted))
        });
        Self { granted, names: names(&identity.claims), session_ends_at }
    }
}

/// Whether the viewer may see the embed at all; gives who they are to Sigma.
///
/// # Errors
/// [`EmbedError::Disabled`], [`EmbedError::NoGrant`] or [`EmbedError::NotAllowed`].
pub(crate) fn permitted<'v>(embed: &Embed, viewer: &'v Viewer) -> Result<(&'v EmailAddress, &'v Granted), EmbedError> {
    if !embed.enabled {
        return Err(EmbedError::Disabled(embed.name.clone()));
    }
    let (email, granted) = viewer.granted.as_ref().map_err(|reason| EmbedError::NoGrant(*reason))?;
    let is_allowed = match &embed.allow {
        Allow::Mapped => true,
        Allow::Mappings(names) => granted.mappings.iter().any(|mapping| names.contains(mapping)),
    };
    if is_allowed { Ok((email, granted)) } else { Err(EmbedError::NotAllowed(embed.name.clone())) }
}

/// Mints a signed URL for one view of an embed.
///
/// # Errors
/// See [`EmbedError`]; nothing is signed then.
pub(crate) fn mint(
    organization: &Organization,
    embed: &Embed,
    view: &View,
    viewer: &Viewer,
    stream: &mut SeedStream,
    now: UnixSeconds,
) -> Result<Minted, EmbedError> {
    let (email, granted) = permitted(embed, viewer)?;
    let expires_at = expiry(organization, viewer, now).ok_or(EmbedError::SessionEnded)?;
    let stamp = Stamp { jti: stream.uuid(), issued_at: now, expires_at };
    let claims = SigmaClaims::new(organization, email.as_str(), &granted.grant, viewer.names.as_ref(), stamp);
    let document = document(embed, view);
    let token = claims.sign(&organization.key);
    let url = url(organization, embed, document, &token, &view.controls);
    if url.len() > SIGNED_URL_BYTES_MAX {
        return Err(EmbedError::TooLong(url.len()));
    }
    Ok(Minted { url: SignedUrl(url), record: record(embed, document, granted, claims) })
}

/// What Sigma would be told about a viewer, but for `jti`, `iat` and `exp`: nothing is signed.
///
/// # Errors
/// See [`permitted`].
pub(crate) fn preview(
    organization: &Organization,
    embed: &Embed,
    viewer: &Viewer,
) -> Result<serde_json::Map<String, Value>, EmbedError> {
    let (email, granted) = permitted(embed, viewer)?;
    let stamp = Stamp { jti: String::new(), issued_at: UnixSeconds(0), expires_at: UnixSeconds(0) };
    let claims = SigmaClaims::new(organization, email.as_str(), &granted.grant, viewer.names.as_ref(), stamp);
    let Ok(Value::Object(mut claims)) = serde_json::to_value(claims) else {
        unreachable!("a struct of texts, numbers and maps of texts always becomes a JSON object")
    };
    claims.retain(|name, _| !matches!(name.as_str(), "jti" | "iat" | "exp"));
    Ok(claims)
}

/// The token's end, unless that is now: no later than the gateway's own session, and Sigma's 30 days.
fn expiry(organization: &Organization, viewer: &Viewer, now: UnixSeconds) -> Option<UnixSeconds> {
    let length = organization.session_length.min(SIGMA_TOKEN_AGE_MAX);
    Some(now.plus(length).min(viewer.session_ends_at)).filter(|expires_at| *expires_at > now)
}

/// The document that is opened: only a wildcard lets the page choose.
fn document<'d>(embed: &'d Embed, view: &'d View) -> &'d Document {
    match &embed.target {
        EmbedTarget::One(url) => &url.document,
        EmbedTarget::AnyWorkbook(_) => &view.document,
    }
}

/// `<base>/<slug>/<document>?:jwt=…&:embed=true`, then interface parameters, then controls.
pub(super) fn url(
    organization: &Organization,
    embed: &Embed,
    document: &Document,
    token: &str,
    page_controls: &[(String, String)],
) -> String {
    let origin = &organization.origin;
    let path = SigmaUrl { slug: organization.slug.clone(), document: document.clone() };
    let place = format!("{origin}{path}");
    let mut url = [&place, "?:jwt=", token, "&:embed=true", embed.parameters.as_str()].concat();
    for (name, value) in controls(embed, page_controls) {
        url.push_str(&format!("&{}={}", encoded_component(name), encoded_value(value)));
    }
    url
}

/// The configured controls, each with the page's value where the page may and does set one; then the page's others.
fn controls<'c>(embed: &'c Embed, page: &'c [(String, String)]) -> Vec<(&'c str, &'c str)> {
    let page = || page.iter().filter(|(name, _)| embed.page_controls.contains(name));
    let of_page = |name: &str| page().find(|(set, _)| set == name).map(|(_, value)| value.as_str());
    let is_configured = |name: &str| embed.controls.iter().any(|(own, _)| own == name);
    let configured = embed.controls.iter().map(|(name, own)| (name.as_str(), of_page(name).unwrap_or(own)));
    let further = page().filter(|(name, _)| !is_configured(name)).map(|(name, value)| (name.as_str(), value.as_str()));
    // A control's name never starts with a colon: it would be an interface parameter.
    configured.chain(further).filter(|(name, _)| !name.starts_with(':')).collect()
}

fn record(embed: &Embed, document: &Document, granted: &Granted, claims: SigmaClaims) -> MintRecord {
    let (teams, account_type) = match &granted.grant {
        Grant::Internal => (Vec::new(), None),
        Grant::Embed(granted) => (granted.teams.clone(), Some(granted.account_type.clone())),
    };
    let document = match document.kind {
        DocumentKind::Workbook => document.id().to_owned(),
        DocumentKind::Ask => "ask".to_owned(),
    };
    MintRecord {
        email: claims.sub,
        embed: embed.name.clone(),
        document,
        mappings: granted.mappings.clone(),
        teams,
        account_type,
        jti: claims.jti,
        expires_at: claims.exp,
    }
}

/// `given_name` and `family_name` (OIDC Core 5.1), where both are there.
fn names(claims: &Claims) -> Option<(String, String)> {
    let text = |name: &str| claims.0.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    text("given_name").zip(text("family_name"))
}
