//! What issuers, audiences and signers of the presets look like: what cannot be one is refused before it refuses everybody.

use url::Url;

use super::super::source;
use crate::{
    config::{file::Node, reading::Check},
    request::HostName,
};

/// The ARNs of load balancers, and where the keys of their one region are.
pub(super) fn load_balancers(table: &Node, check: &mut Check<'_>) -> Option<(Vec<String>, Url)> {
    let node = source::required(table, "signer", SIGNER_FIX, check)?;
    let (mut signers, mut places) = (Vec::new(), Vec::new());
    for item in node.one_or_more() {
        let text = item.as_text()?;
        let Some(place) = keys_of(text) else {
            return check.refuse(item, format!("{text:?} is no ARN of an Application Load Balancer"), SIGNER_FIX);
        };
        signers.push(text.to_owned());
        places.push(place);
    }
    let Some(first) = places.first().cloned() else { return check.refuse(node, "an empty list", SIGNER_FIX) };
    if places.iter().any(|place| *place != first) {
        return check.refuse(node, "load balancers of several regions", "write an [identity] for each region");
    }
    Some((signers, first))
}

/// AWS, "Authenticate users using an Application Load Balancer": the region is that of the ARN, never the token's.
fn keys_of(arn: &str) -> Option<Url> {
    let [_, partition, service, region, account, resource] =
        arn.splitn(6, ':').collect::<Vec<_>>().try_into().ok().filter(|parts: &[&str; 6]| parts[0] == "arn")?;
    let is_word =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_region = is_word(region) && region.bytes().all(|byte| !byte.is_ascii_uppercase());
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = resource.split('/').collect();
    let is_balancer = matches!(parts.as_slice(), ["loadbalancer", "app", name, id] if is_word(name) && is_word(id));
    if service != "elasticloadbalancing" || !is_region || !is_account || !is_balancer {
        return None;
    }
    let prefix = match partition {
        "aws" => format!("https://public-keys.auth.elb.{region}.amazonaws.com/"),
        "aws-us-gov" => {
            format!("https://s3-{region}.amazonaws.com/aws-elb-public-keys-prod-{region}/")
        }
        // Where China's keys are is not published.
        _ => return None,
    };
    Url::parse(&prefix).ok()
}

/// The three forms that Google names, and that of a regional backend service.
pub(super) fn iap_audience(text: &str) -> Result<(), &'static str> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_right = match text.split('/').collect::<Vec<_>>().as_slice() {
        ["", "projects", number, rest @ ..] if is_digits(number) => match rest {
            ["apps", name] | ["locations", _, "services", name] => !name.is_empty(),
            [place, "backendServices", id] | ["regions", place, "backendServices", id] => {
                !place.is_empty() && !id.is_empty()
            }
            _ => false,
        },
        _ => false,
    };
    if is_right { Ok(()) } else { Err(IAP_FIX) }
}

/// Cloudflare's "Application Audience (AUD) Tag".
pub(super) fn audience_tag(text: &str) -> Result<(), &'static str> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_tag = text.len() == 64 && text.bytes().all(is_hex);
    if is_tag { Ok(()) } else { Err("write the application's AUD tag, 64 digits and letters a to f") }
}

/// Any text that stands for one audience.
pub(super) fn audience_word(text: &str) -> Result<(), &'static str> {
    let is_one = text.trim() == text && !text.chars().any(char::is_control);
    if is_one { Ok(()) } else { Err("write the value of aud, without white space around it") }
}

/// `https://TEAM.cloudflareaccess.com`, as tokens have it: without a slash.
pub(super) fn team_issuer(table: &Node, check: &mut Check<'_>) -> Option<(String, Url)> {
    let node = source::required(table, "issuer", TEAM_FIX, check)?;
    let url = check.protected_origin(node)?;
    let text = node.as_text()?;
    if text.ends_with('/') {
        return check.refuse(node, "ends with a slash, and no token's iss does", TEAM_FIX);
    }
    Some((text.to_owned(), url))
}

/// The issuer of one tenant of Entra, the tenant, and its keys.
pub(super) fn tenant_of(table: &Node, check: &mut Check<'_>) -> Option<(String, String, Url)> {
    let node = source::required(table, "issuer", TENANT_FIX, check)?;
    let text = node.as_text()?;
    let found = Url::parse(text).ok().and_then(|url| {
        let (host, path) = (url.host_str()?.to_owned(), url.path().to_owned());
        let parts: Vec<&str> = path.split('/').collect();
        let (tenant, keys) = match (host.as_str(), parts.as_slice()) {
            (host, ["", tenant, "v2.0"]) if ENTRA.contains(&host) => {
                (*tenant, format!("https://{host}/{tenant}/discovery/v2.0/keys"))
            }
            ("sts.windows.net", ["", tenant, ""]) => (*tenant, format!("https://{}/{tenant}/discovery/keys", ENTRA[0])),
            _ => return None,
        };
        let is_guid = tenant.len() == 36 && tenant.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let is_plain = url.scheme() == "https" && url.as_str() == text;
        (is_guid && is_plain && tenant != PERSONAL_TENANT)
            .then(|| Some((tenant.to_owned(), Url::parse(&keys).ok()?)))?
    });
    match found {
        Some((tenant, keys)) => Some((text.to_owned(), tenant, keys)),
        None => check.refuse(node, format!("{text:?} is not the issuer of one tenant"), TENANT_FIX),
    }
}

/// Pomerium's issuer is the host of the route (`jwt_issuer_format = "hostOnly"`), or `https://HOST/` (`uri`); and its usual keys.
pub(super) fn pomerium_issuer(table: &Node, check: &mut Check<'_>) -> Option<(String, Url)> {
    let node = source::required(table, "issuer", POMERIUM_FIX, check)?;
    let text = node.as_text()?;
    let host = text.strip_prefix("https://").map_or(Some(text), |rest| rest.strip_suffix('/'));
    let host = host.and_then(|host| HostName::parse(host).ok().filter(|name| name.as_str() == host));
    let keys =
        host.and_then(|host| Url::parse(&format!("https://{}/.well-known/pomerium/jwks.json", host.as_str())).ok());
    match keys {
        Some(keys) => Some((text.to_owned(), keys)),
        None => check.refuse(node, format!("{text:?} is neither HOST nor https://HOST/"), POMERIUM_FIX),
    }
}

const SIGNER_FIX: &str = r#"write signer = "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID""#;
const IAP_FIX: &str = "write /projects/NUMBER/apps/ID, /projects/NUMBER/global/backendServices/ID or /projects/NUMBER/locations/REGION/services/NAME";
const TEAM_FIX: &str = r#"write issuer = "https://TEAM.cloudflareaccess.com""#;
const TENANT_FIX: &str = r#"write issuer = "https://login.microsoftonline.com/TENANT/v2.0", with the tenant's GUID"#;
const POMERIUM_FIX: &str = r#"write issuer = "HOST", the route's, or "https://HOST/" with jwt_issuer_format: uri"#;
/// Entra, and its national clouds.
const ENTRA: [&str; 3] = ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"];
/// The tenant of everybody's personal accounts.
pub(in crate::config) const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
