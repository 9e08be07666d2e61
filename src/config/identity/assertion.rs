//! `[identity.NAME]` of the types that read an assertion: what each of them says, and what it cannot say.

use std::time::Duration;

use url::Url;

use super::{
    shapes::{audience_tag, audience_word, iap_audience, load_balancers, pomerium_issuer, team_issuer, tenant_of},
    source::{self, AddressRules},
};
use crate::{
    config::{
        file::Node,
        reading::{Check, certificates::roots},
    },
    identity::{
        AssertionSettings, ClaimPath, EmailVerification, IapPeople, KeyPlace, Preset, SignatureAlgorithm, TokenMark,
    },
    limits::ASSERTION_AGE_LONGEST,
    proxy::OutboundProxy,
    request::{AssertedHeader, AttachedForm, AttachedHeader},
};

/// What of a table differs from type to type.
struct TypeSettings {
    preset: Preset,
    issuer: String,
    audiences: Vec<String>,
    algorithms: Vec<SignatureAlgorithm>,
    keys: KeyPlace,
    header: AttachedHeader,
}

/// Reads a table of such a type.
pub(super) fn assertion(
    (name, table, kind): (&str, &Node, &str),
    proxy: Option<&OutboundProxy>,
    check: &mut Check<'_>,
) -> Option<AssertionSettings> {
    let said = said(table, kind, check);
    let (email, vouching) = addresses(table, kind);
    let source = source::source(name, table, &AddressRules { email, vouching }, check);
    if source.is_some() {
        refuse_unflagged(table, kind, check)?;
    }
    let max_age = max_age(table, check);
    warn_of_long_life(table, kind, check);
    let roots = roots(table, "ca", check);
    let TypeSettings { preset, issuer, audiences, algorithms, keys, header } = said?;
    Some(AssertionSettings {
        source: source?,
        preset,
        issuer,
        audiences,
        algorithms,
        keys,
        header,
        is_forwarded: table.child("forward").and_then(Node::as_boolean).unwrap_or(false),
        max_age: max_age?,
        roots: roots?,
        proxy: proxy.cloned(),
    })
}

fn said(table: &Node, kind: &str, check: &mut Check<'_>) -> Option<TypeSettings> {
    match kind {
        "aws-alb" => aws_alb(table, check),
        "google-iap" => google_iap(table, check),
        "cloudflare-access" => cloudflare_access(table, check),
        "azure-easy-auth" => azure_easy_auth(table, check),
        "pomerium" => pomerium(table, check),
        "oauth2-proxy" => oauth2_proxy(table, check),
        "bearer" => bearer(table, check),
        _ => custom(table, check),
    }
}

fn aws_alb(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let issuer = source::issuer(table, check);
    let client_id = source::client_id(table, check);
    let signers = load_balancers(table, check);
    let (signers, prefix) = signers?;
    Some(TypeSettings {
        preset: Preset::AwsAlb { signers, client_id: client_id? },
        issuer: issuer?,
        audiences: Vec::new(),
        algorithms: vec![SignatureAlgorithm::Es256],
        keys: KeyPlace::Pem { prefix },
        header: whole("x-amzn-oidc-data"),
    })
}

fn google_iap(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let audiences = audiences(table, iap_audience, check);
    let text = |name| table.child(name).and_then(Node::as_text).map(str::to_owned);
    let people = match (text("tenant"), text("hosted_domain")) {
        (Some(_), Some(_)) => {
            let found = "of a Workspace, and people of Identity Platform are of none";
            return check.refuse(table.child("hosted_domain")?, found, "remove it, or tenant");
        }
        (None, hosted_domain) => IapPeople::Google { hosted_domain },
        (Some(text), None) => {
            let (project, tenant) = match text.split_once('/') {
                Some((project, tenant)) => (project, Some(tenant)),
                None => (text.as_str(), None),
            };
            let is_name = |name: &str| !name.is_empty() && !name.contains(['/', ':']);
            if !is_name(project) || !tenant.is_none_or(is_name) {
                return check.refuse(table.child("tenant")?, "not a project and its tenant", TENANT_FIX);
            }
            IapPeople::IdentityPlatform { project: project.to_owned(), tenant: tenant.map(str::to_owned) }
        }
    };
    Some(TypeSettings {
        preset: Preset::GoogleIap(people),
        issuer: "https://cloud.google.com/iap".to_owned(),
        audiences: audiences?,
        algorithms: vec![SignatureAlgorithm::Es256],
        keys: KeyPlace::Jwks(Url::parse(IAP_KEYS).expect("a URL that a test reads")),
        header: whole("x-goog-iap-jwt-assertion"),
    })
}

fn cloudflare_access(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let issuer = team_issuer(table, check);
    let audiences = audiences(table, audience_tag, check);
    let (issuer, mut keys) = issuer?;
    keys.set_path("/cdn-cgi/access/certs");
    Some(TypeSettings {
        preset: Preset::CloudflareAccess,
        issuer,
        audiences: audiences?,
        algorithms: vec![SignatureAlgorithm::Rs256],
        keys: KeyPlace::Jwks(keys),
        header: whole("cf-access-jwt-assertion"),
    })
}

fn azure_easy_auth(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let issuer = tenant_of(table, check);
    let client_id = source::client_id(table, check);
    let (issuer, tenant, keys) = issuer?;
    Some(TypeSettings {
        preset: Preset::AzureEasyAuth { client_id: client_id?, tenant },
        issuer,
        audiences: Vec::new(),
        algorithms: vec![SignatureAlgorithm::Rs256],
        keys: KeyPlace::Jwks(keys),
        header: whole("x-ms-token-aad-id-token"),
    })
}

fn pomerium(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let issuer = pomerium_issuer(table, check);
    let audiences = match table.child("audience") {
        Some(_) => audiences(table, audience_word, check),
        None => Some(Vec::new()),
    };
    let (es256, rs256, eddsa) = (SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256, SignatureAlgorithm::EdDsa);
    let algorithms = algorithms(table, es256, &[es256, rs256, eddsa], check);
    let jwks = jwks(table, check);
    let (issuer, usual) = issuer?;
    Some(TypeSettings {
        preset: Preset::Pomerium,
        issuer,
        audiences: audiences?,
        algorithms: algorithms?,
        keys: KeyPlace::Jwks(jwks?.unwrap_or(usual)),
        header: AttachedHeader::of("x-pomerium-jwt-assertion", AttachedForm::WholeOrEmpty),
    })
}

fn oauth2_proxy(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let client_id = source::client_id(table, check);
    let (issuer, algorithms, keys) = of_provider(table, check)?;
    let beside = table.child("audiences").map(|node| node.texts().map(|(_, text)| text.to_owned()).collect());
    Some(TypeSettings {
        preset: Preset::OAuth2Proxy { client_id: client_id? },
        issuer,
        audiences: beside?,
        algorithms,
        keys,
        header: AttachedHeader::bearer(),
    })
}

fn bearer(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let audiences = audiences(table, audience_word, check);
    let mark = token_mark(table, check);
    let (issuer, algorithms, keys) = of_provider(table, check)?;
    Some(TypeSettings {
        preset: Preset::Bearer(mark?),
        issuer,
        audiences: audiences?,
        algorithms,
        keys,
        header: AttachedHeader::bearer(),
    })
}

fn custom(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let header = source::required(table, "header", r#"write header = "X-…", the one that the proxy sets"#, check);
    let header_fix =
        "write the header in which the proxy in front sends the assertion; for Authorization, type = \"bearer\"";
    let header = header
        .and_then(|node| check.parsed(node, AssertedHeader::parse, header_fix).map(AssertedHeader::into_attached));
    let issuer = source::required(table, "issuer", "write what the assertion's iss says", check);
    let audiences = audiences(table, audience_word, check);
    let algorithms = source::required(table, "algorithms", r#"write algorithms = ["ES256"]"#, check)
        .and_then(|_| algorithms(table, SignatureAlgorithm::Es256, &SignatureAlgorithm::ALL, check));
    let jwks_node = source::required(table, "jwks", r#"write jwks = "https://…", where its keys are"#, check);
    let jwks = jwks_node.and_then(|_| jwks(table, check)?);
    Some(TypeSettings {
        preset: Preset::Custom,
        issuer: issuer?.as_text()?.to_owned(),
        audiences: audiences?,
        algorithms: algorithms?,
        keys: KeyPlace::Jwks(jwks?),
        header: header?,
    })
}

/// What an OpenID provider signs, whoever passes it on.
fn of_provider(table: &Node, check: &mut Check<'_>) -> Option<(String, Vec<SignatureAlgorithm>, KeyPlace)> {
    let issuer = source::issuer(table, check);
    let algorithms = algorithms(table, SignatureAlgorithm::Rs256, &SignatureAlgorithm::ALL, check);
    let jwks = jwks(table, check);
    let issuer = issuer?;
    let keys = jwks?.map_or_else(|| KeyPlace::Discovery { issuer: issuer.clone() }, KeyPlace::Jwks);
    Some((issuer, algorithms?, keys))
}

/// Whom it may be for, each of the shape that this type has.
fn audiences(
    table: &Node,
    is_of_shape: fn(&str) -> Result<(), &'static str>,
    check: &mut Check<'_>,
) -> Option<Vec<String>> {
    let node = source::required(table, "audience", "write whom the assertion is for, as its aud says it", check)?;
    let items = node.one_or_more();
    if items.is_empty() {
        return check.refuse(node, "an empty list, nobody could sign in", "write whom the assertion is for");
    }
    let read = items.iter().map(|item| {
        let text = item.as_text()?;
        match is_of_shape(text) {
            Ok(()) => Some(text.to_owned()),
            Err(fix) => check.refuse(item, format!("found {text:?}"), fix),
        }
    });
    read.collect::<Vec<_>>().into_iter().collect()
}

/// RFC 8725 3.1: named by the operator or by the preset, and never a secret that both sides share.
fn algorithms(
    table: &Node,
    usual: SignatureAlgorithm,
    possible: &[SignatureAlgorithm],
    check: &mut Check<'_>,
) -> Option<Vec<SignatureAlgorithm>> {
    let Some(node) = table.child("algorithms") else { return Some(vec![usual]) };
    let names = possible.iter().map(|algorithm| format!("{:?}", algorithm.name())).collect::<Vec<_>>().join(", ");
    let fix = format!("write some of {names}");
    if node.items().is_empty() {
        return check.refuse(node, "an empty list, nobody could sign in", fix);
    }
    let read = node.texts().map(|(item, text)| {
        let known = SignatureAlgorithm::named(text).filter(|algorithm| possible.contains(algorithm));
        known.or_else(|| check.refuse(item, format!("found {text:?}"), fix.clone()))
    });
    read.collect::<Vec<_>>().into_iter().collect()
}

/// The outer `None` is a problem.
fn jwks(table: &Node, check: &mut Check<'_>) -> Option<Option<Url>> {
    let Some(node) = table.child("jwks") else { return Some(None) };
    let fix = "write the whole address of the JWKS: https://…";
    let url = check.parsed(node, |text| Url::parse(text).map_err(|_| "not a URL with a scheme and a host"), fix)?;
    if !matches!(url.scheme(), "http" | "https") {
        return check.refuse(node, "neither https nor http", fix);
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return check.refuse(node, "has a user, a password or a fragment", fix);
    }
    check.protected(node, url).map(Some)
}

fn token_mark(table: &Node, check: &mut Check<'_>) -> Option<TokenMark> {
    let mark = table.child("token_mark")?;
    let (claim, value) = (mark.child("claim"), mark.child("value"));
    let (claim, value) = match (claim, value) {
        (None, None) => return Some(TokenMark::Typ),
        (Some(claim), Some(value)) => (claim, value),
        (Some(_), None) | (None, Some(_)) => {
            return check.refuse(mark, "half of a mark", r#"write token_mark = { claim = "typ", value = "Bearer" }"#);
        }
    };
    let path = check.claim_path(claim)?;
    if OF_ID_TOKENS.iter().any(|name| ClaimPath::parse(name).is_ok_and(|known| known.is_same_place(&path))) {
        let fix = "write a claim that no ID token of the issuer has: typ of Keycloak's tokens, scp of Entra's";
        return check.refuse(claim, "a claim that ID tokens have too", fix);
    }
    Some(TokenMark::Claim { path, value: value.as_text()?.to_owned() })
}

fn max_age(table: &Node, check: &mut Check<'_>) -> Option<Option<Duration>> {
    match table.child("max_age") {
        Some(_) => check.duration(table, "max_age", (ASSERTION_AGE_LONGEST, "31d")).map(Some),
        None => Some(None),
    }
}

/// Where the address is, and whether the vendor has verified it.
fn addresses(table: &Node, kind: &str) -> (&'static str, EmailVerification) {
    let is_external = kind == "google-iap" && table.child("tenant").is_some();
    match kind {
        "google-iap" if is_external => {
            let flag = ClaimPath::parse("/gcip/email_verified").expect("a pointer to a member");
            ("/gcip/email", EmailVerification::Claim(flag))
        }
        // Google's own accounts, and Cloudflare's word: "verified by the identity provider".
        "google-iap" | "cloudflare-access" => ("/email", EmailVerification::TrustedIssuer),
        _ => ("/email", EmailVerification::Required),
    }
}

/// Pomerium has no flag at all, and Entra lets people edit addresses: whoever knows better says so.
fn refuse_unflagged(table: &Node, kind: &str, check: &mut Check<'_>) -> Option<()> {
    let is_said = table.child("email_verified").is_some_and(|node| node.as_text() != Some("required"));
    if !matches!(kind, "pomerium" | "azure-easy-auth") || is_said {
        return Some(());
    }
    let (why, fix) = if kind == "pomerium" {
        (
            "Pomerium says of no address whether it is verified",
            r#"write email_verified = "trusted-issuer" if nobody can edit an address at the provider behind it"#,
        )
    } else {
        (
            "Entra says of no address by itself whether it is verified",
            r#"write email_verified = { claim = "xms_edov" }, or "trusted-issuer" if nobody can edit an address there"#,
        )
    };
    match table.child("email_verified") {
        Some(node) => check.refuse(node, why, fix),
        None => check.refuse_missing(table, "email_verified", why, fix.to_owned()),
    }
}

/// Their lives are the operator's to set at the vendor, and nobody takes one back.
fn warn_of_long_life(table: &Node, kind: &str, check: &mut Check<'_>) {
    let is_long = matches!(kind, "cloudflare-access" | "custom");
    if let (true, None, Some(node)) = (is_long, table.child("max_age"), table.child("type")) {
        let message = "an assertion may live for a month, and counts to its end also after a sign-out: write max_age = \"1h\", or how old one may be";
        check.warn(node, message);
    }
}

fn whole(name: &'static str) -> AttachedHeader {
    AttachedHeader::of(name, AttachedForm::Whole)
}

const IAP_KEYS: &str = "https://www.gstatic.com/iap/verify/public_key-jwk";
const TENANT_FIX: &str = r#"write tenant = "PROJECT/TENANT", or "PROJECT" where it has no tenants"#;
/// OIDC Core 2 and 5.1, and what providers put into both kinds of token.
const OF_ID_TOKENS: [&str; 20] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "sid",
    "jti",
    "email",
    "email_verified",
    "name",
    "preferred_username",
    "tid",
];
