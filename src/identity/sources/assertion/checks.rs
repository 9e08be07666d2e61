//! What an assertion must say: one function a question, each with an arm for every preset. `docs/decisions/0039` says why none
//! of it is a setting.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    super::jws::{
        Jws, Padding, SignatureAlgorithm, check_not_ahead, check_not_past, date, foreign_audience, is_jwt_or, is_typ,
        says,
    },
    error::{AssertionError, AssertionFault},
    presets::{IapPeople, Preset, TokenMark},
    settings::{AssertionSettings, KeyPlace},
};
use crate::{
    identity::{Claims, cause::list, person::is_subject},
    limits::{ASSERTION_BYTES_MAX, ASSERTION_LEEWAY, SUBJECT_BYTES_MAX},
    request::HostName,
    time::UnixSeconds,
};

/// RFC 7515 3.1. Padding is what AWS signs, and nobody else has it.
pub(super) fn parse<'a>(settings: &AssertionSettings, token: &'a str) -> Result<Jws<'a>, AssertionError> {
    let padding = match settings.preset {
        Preset::AwsAlb { .. } => Padding::Kept,
        Preset::GoogleIap(_)
        | Preset::CloudflareAccess
        | Preset::AzureEasyAuth { .. }
        | Preset::Pomerium
        | Preset::OAuth2Proxy { .. }
        | Preset::Bearer(_)
        | Preset::Custom => Padding::None,
    };
    Ok(Jws::parse(token, ASSERTION_BYTES_MAX, padding)?)
}

/// The algorithm is the preset's; the class of token is the one that is meant; no key comes along; and of a key that is fetched
/// by its name, the name is one.
pub(super) fn header(settings: &AssertionSettings, jws: &Jws<'_>) -> Result<SignatureAlgorithm, AssertionError> {
    if !says(&jws.header, "alg") {
        return Err(jws.malformed("alg").into());
    }
    let algorithm = jws.algorithm(&settings.algorithms, "this source takes")?;
    if !jws.header.0.get("typ").is_none_or(|typ| typ.is_null() || typ.is_string()) {
        return Err(jws.malformed("typ").into());
    }
    if !jws.has_signature() {
        return Err(AssertionFault::Malformed.with("signature is empty"));
    }
    // RFC 8725 3.10, 3.11: a key, or where one is, is never taken from the token.
    jws.check_class(|_| true, &["jwk", "jku", "x5u", "x5c"])?;
    if !is_meant(&settings.preset, jws.header.0.get("typ")) {
        return Err(found(AssertionFault::Kind, &jws.header, "typ"));
    }
    match jws.kid() {
        None if settings.preset.names_its_key() => {
            Err(AssertionFault::UnknownKey.with("`kid` of the header is missing"))
        }
        Some(kid) if matches!(settings.keys, KeyPlace::Pem { .. }) && !is_uuid(kid) => {
            Err(AssertionFault::UnknownKey.with(format!("`kid` is {}, and no uuid", jws.header.told("kid"))))
        }
        None | Some(_) => Ok(algorithm),
    }
}

/// RFC 7515 4.1.9, RFC 9068 4: an ID token never passes for an access token, nor the other way round.
fn is_meant(preset: &Preset, typ: Option<&Value>) -> bool {
    match preset {
        Preset::Bearer(TokenMark::Typ) => is_typ("at+jwt", typ),
        Preset::Bearer(TokenMark::Claim { .. }) => is_jwt_or("at+jwt", typ),
        Preset::AzureEasyAuth { .. } | Preset::OAuth2Proxy { .. } | Preset::Custom => is_jwt_or("id_token+jwt", typ),
        Preset::AwsAlb { .. } | Preset::GoogleIap(_) | Preset::CloudflareAccess | Preset::Pomerium => {
            is_jwt_or("jwt", typ)
        }
    }
}

/// Who says it, for whom, and of what kind it is.
pub(super) fn says_whose(settings: &AssertionSettings, jws: &Jws<'_>, host: &HostName) -> Result<(), AssertionError> {
    let claims = &jws.claims;
    if !matches!(settings.preset, Preset::AwsAlb { .. }) {
        check_issuer(settings, claims)?;
    }
    let any = settings.audiences.as_slice();
    match &settings.preset {
        Preset::AwsAlb { signers, client_id } => check_load_balancer(settings, jws, signers, client_id),
        Preset::GoogleIap(people) => {
            check_audience(claims, |aud| is_one_of(aud, any))?;
            check_people(people, claims)
        }
        Preset::CloudflareAccess => {
            // An array in every assertion of Cloudflare.
            check_audience(claims, |aud| aud.as_array().is_some_and(|list| is_all_of(list, any)))?;
            must_say(claims, AssertionFault::Kind, "type", "app")
        }
        Preset::AzureEasyAuth { client_id, tenant } => {
            check_client(claims, client_id, any)?;
            must_say(claims, AssertionFault::Issuer, "tid", tenant)
        }
        Preset::Pomerium => check_audience(claims, |aud| is_route(aud, any, host)),
        Preset::OAuth2Proxy { client_id } => check_client(claims, client_id, any),
        Preset::Bearer(mark) => {
            // An ID token's hashes (OIDC Core 3.1.3.6, 3.3.2.11) have no place here.
            if let Some(hash) = ["at_hash", "c_hash"].into_iter().find(|name| says(claims, name)) {
                return Err(found(AssertionFault::Kind, claims, hash));
            }
            check_mark(mark, claims)?;
            check_audience(claims, |aud| names_one_of(aud, any))
        }
        Preset::Custom => check_audience(claims, |aud| names_one_of(aud, any)),
    }
}

fn check_issuer(settings: &AssertionSettings, claims: &Claims) -> Result<(), AssertionError> {
    must_say(claims, AssertionFault::Issuer, "iss", &settings.issuer)
}

/// What AWS calls a must since ALBeast: keys of a region sign for every customer's load balancer, which says in the JOSE header who
/// it is, for which client it has signed in, and at whom.
fn check_load_balancer(
    settings: &AssertionSettings,
    jws: &Jws<'_>,
    signers: &[String],
    client_id: &str,
) -> Result<(), AssertionError> {
    let header = &jws.header;
    if !header.text("signer").is_some_and(|signer| signers.iter().any(|known| known == signer)) {
        return Err(found(AssertionFault::Signer, header, "signer"));
    }
    must_say(header, AssertionFault::Audience, "client", client_id)?;
    check_issuer(settings, header)?;
    if says(&jws.claims, "iss") { check_issuer(settings, &jws.claims) } else { Ok(()) }
}

/// Identity Platform names people by project and tenant: without them everybody of any tenant would count.
fn check_people(people: &IapPeople, claims: &Claims) -> Result<(), AssertionError> {
    let starts = |prefix: &str| {
        let subject = claims.text("sub").unwrap_or_default();
        let is_its = subject.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && !rest.contains(':'));
        if is_its { Ok(()) } else { Err(AssertionFault::Subject.with(format!("`sub` does not begin with {prefix:?}"))) }
    };
    match people {
        IapPeople::Google { hosted_domain } => {
            starts("accounts.google.com:")?;
            hosted_domain.as_ref().map_or(Ok(()), |domain| must_say(claims, AssertionFault::Subject, "hd", domain))
        }
        IapPeople::IdentityPlatform { project, tenant } => {
            let of_tenant = tenant.as_ref().map(|tenant| format!("/{tenant}")).unwrap_or_default();
            starts(&format!("securetoken.google.com/{project}{of_tenant}:"))?;
            let Some(Value::Object(inner)) = claims.0.get("gcip") else {
                return Err(found(AssertionFault::Subject, claims, "gcip"));
            };
            let inner_tenant = inner.get("firebase").and_then(|firebase| firebase.get("tenant"));
            if inner_tenant.and_then(Value::as_str) == tenant.as_deref() && inner_tenant.is_some() == tenant.is_some() {
                return Ok(());
            }
            Err(AssertionFault::Audience.with("`tenant` of `gcip` is not the one of this source"))
        }
    }
}

fn check_mark(mark: &TokenMark, claims: &Claims) -> Result<(), AssertionError> {
    let TokenMark::Claim { path, value } = mark else { return Ok(()) };
    let is_marked = match claims.at(path) {
        Some(Value::String(text)) => text == value || text.split(' ').any(|word| word == value),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => false,
    };
    let detail = || format!("`{}` does not say {value:?}, which marks access tokens", path.as_str());
    if is_marked { Ok(()) } else { Err(AssertionFault::Kind.with(detail())) }
}

/// The client that signed somebody in, as of an ID token (OIDC Core 3.1.3.7, steps 3 to 5).
fn check_client(claims: &Claims, client_id: &str, beside: &[String]) -> Result<(), AssertionError> {
    foreign_audience(claims, client_id, beside)
        .map_or(Ok(()), |claim| Err(found(AssertionFault::Audience, claims, claim)))
}

fn check_audience(claims: &Claims, is_ours: impl FnOnce(&Value) -> bool) -> Result<(), AssertionError> {
    let is_for_us = claims.0.get("aud").is_some_and(is_ours);
    if is_for_us { Ok(()) } else { Err(found(AssertionFault::Audience, claims, "aud")) }
}

fn is_one_of(aud: &Value, any: &[String]) -> bool {
    any.iter().any(|audience| aud == audience)
}

fn is_all_of(list: &[Value], any: &[String]) -> bool {
    !list.is_empty() && list.iter().all(|aud| is_one_of(aud, any))
}

/// RFC 7519 4.1.3, RFC 9068 4: one text, or a list of texts with ours among them.
fn names_one_of(aud: &Value, any: &[String]) -> bool {
    match aud {
        Value::Array(list) => list.iter().all(Value::is_string) && list.iter().any(|aud| is_one_of(aud, any)),
        Value::String(_) => is_one_of(aud, any),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// Pomerium writes the host of the request: ours, or the one that the operator names for it; of several, also the one of this site.
fn is_route(aud: &Value, any: &[String], host: &HostName) -> bool {
    let is_host = || aud.as_str() == Some(host.as_str());
    match any {
        [] => is_host(),
        [only] => aud == only,
        [_, _, ..] => is_one_of(aud, any) && is_host(),
    }
}

/// When the assertion ends: the earliest end that it, its header and the operator give it.
pub(super) fn times(
    settings: &AssertionSettings,
    jws: &Jws<'_>,
    now: UnixSeconds,
) -> Result<UnixSeconds, AssertionError> {
    let (claims, clock) = (&jws.claims, (now, ASSERTION_LEEWAY));
    let mut end = match &settings.preset {
        Preset::AwsAlb { .. } => {
            let end = date(&jws.header, "exp")?;
            if says(claims, "exp") { end.min(date(claims, "exp")?) } else { end }
        }
        Preset::GoogleIap(_)
        | Preset::CloudflareAccess
        | Preset::AzureEasyAuth { .. }
        | Preset::Pomerium
        | Preset::OAuth2Proxy { .. }
        | Preset::Bearer(_)
        | Preset::Custom => date(claims, "exp")?,
    };
    check_not_past("exp", end, clock)?;
    let is_dated = settings.preset.says_when() || settings.max_age.is_some() || says(claims, "iat");
    let made_at = is_dated.then(|| date(claims, "iat")).transpose()?;
    if let Some(made_at) = made_at {
        check_not_ahead("iat", made_at, clock)?;
    }
    if says(claims, "nbf") {
        check_not_ahead("nbf", date(claims, "nbf")?, clock)?;
    }
    let lifetime = settings.preset.lifetime_max();
    // What a load balancer passes on has no date of its own.
    let lives_from = made_at.filter(|_| !matches!(settings.preset, Preset::AwsAlb { .. })).unwrap_or(now);
    if end > lives_from.plus(lifetime + 2 * ASSERTION_LEEWAY) {
        return Err(AssertionFault::Time.with(format!("it lives for longer than {lifetime:?}")));
    }
    if let (Some(made_at), Some(max_age)) = (made_at, settings.max_age) {
        end = end.min(made_at.plus(max_age));
        check_not_past("iat and max_age", end, clock)?;
    }
    Ok(end.plus(ASSERTION_LEEWAY))
}

/// A person: OIDC Core 2, and never a program that has no person behind it (RFC 9068 5).
pub(super) fn subject(settings: &AssertionSettings, jws: &Jws<'_>) -> Result<(), AssertionError> {
    let claims = &jws.claims;
    let subject = claims.text("sub");
    if !subject.is_some_and(is_subject) {
        let detail = format!("`sub` is not a text of 1 to {SUBJECT_BYTES_MAX} bytes without control characters");
        return Err(AssertionFault::Subject.with(detail));
    }
    let Preset::Bearer(mark) = &settings.preset else { return Ok(()) };
    let is_program = |name: &str| subject == claims.text(name);
    if let Some(name) = PROGRAMS.into_iter().find(|name| is_program(name)) {
        return Err(AssertionFault::Subject.with(format!("`sub` is `{name}`: a program, and no person")));
    }
    if let Some(name) = says_program(claims) {
        return Err(AssertionFault::Subject.with(format!("`{name}` says that it is of a program, and of no person")));
    }
    // RFC 9068 2.2: both are in every token of that profile.
    let required: &[&str] = match mark {
        TokenMark::Typ => &["client_id", "jti"],
        TokenMark::Claim { .. } => &[],
    };
    let missing: Vec<&str> = required.iter().copied().filter(|name| claims.text(name).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = list(missing.into_iter().map(|name| format!("`{name}`")));
    Err(AssertionFault::Kind.with(format!("{names} is no text, and an access token of RFC 9068 has it")))
}

/// The claim that says so: of Entra and Auth0 in so many words; of a service account of Keycloak, whose `sub` is an account as a
/// person's is, by its name or by where its client runs; of Entra also where nobody has granted anything (`scp`) and the subject is
/// an object of the tenant's, for a person's is another one for each client.
fn says_program(claims: &Claims) -> Option<&'static str> {
    let told = [("idtyp", "app"), ("gty", "client-credentials")];
    if let Some((name, _)) = told.into_iter().find(|(name, program)| claims.text(name) == Some(program)) {
        return Some(name);
    }
    let is_named_so = claims.text("preferred_username").is_some_and(|name| {
        let start = name.get(..SERVICE_ACCOUNT.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(SERVICE_ACCOUNT))
    });
    if is_named_so {
        return Some("preferred_username");
    }
    let has_client = ["client_id", "clientId", "azp"].into_iter().any(|name| says(claims, name));
    if let Some(name) = ["clientHost", "clientAddress"].into_iter().find(|name| has_client && says(claims, name)) {
        return Some(name);
    }
    let is_object = claims.text("oid").is_some() && claims.text("oid") == claims.text("sub");
    (is_object && claims.text("scp").is_none_or(str::is_empty)).then_some("oid")
}

/// The claims of a load balancer whose flag of the address is a text, with the flag as all others have it: so Cognito writes it.
pub(super) fn with_flag<'c>(settings: &AssertionSettings, claims: &'c Claims) -> Cow<'c, Claims> {
    let flag = match (&settings.preset, claims.text("email_verified")) {
        (Preset::AwsAlb { .. }, Some("true")) => true,
        (Preset::AwsAlb { .. }, Some("false")) => false,
        _ => return Cow::Borrowed(claims),
    };
    let mut claims = claims.clone();
    claims.0.insert("email_verified".to_owned(), Value::Bool(flag));
    Cow::Owned(claims)
}

/// A member that must be this text.
fn must_say(members: &Claims, fault: AssertionFault, name: &str, expected: &str) -> Result<(), AssertionError> {
    if members.text(name) == Some(expected) { Ok(()) } else { Err(found(fault, members, name)) }
}

/// The error of a member of the protocol, with what is there.
fn found(fault: AssertionFault, members: &Claims, name: &str) -> AssertionError {
    fault.with(format!("`{name}` is {}", members.told(name)))
}

/// RFC 9562 4, in either case of letters: nothing that leads elsewhere in an address.
fn is_uuid(text: &str) -> bool {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    let is_right =
        |(at, byte): (usize, u8)| if HYPHENS.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    text.len() == 36 && text.bytes().enumerate().all(is_right)
}

/// What issuers call the client that a token was issued to.
const PROGRAMS: [&str; 5] = ["client_id", "azp", "appid", "cid", "clientId"];
/// What Keycloak calls the account of a client, before the client's id.
const SERVICE_ACCOUNT: &str = "service-account-";
