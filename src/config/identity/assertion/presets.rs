//! What a table says, type by type: what a preset fixes, and what it asks for.

use url::Url;

use super::{
    super::source,
    alike,
    shapes::{audience_tag, audience_word, iap_audience, load_balancers, pomerium_issuer, team_issuer, tenant_of},
};
use crate::{
    config::{
        file::{Node, choices::SourceType},
        reading::Check,
    },
    identity::{IapPeople, KeyPlace, Preset, SignatureAlgorithm},
    request::{AssertedHeader, AttachedForm, AttachedHeader},
};

/// What of a table differs from type to type.
pub(super) struct TypeSettings {
    pub(super) preset: Preset,
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) algorithms: Vec<SignatureAlgorithm>,
    pub(super) keys: KeyPlace,
    pub(super) header: AttachedHeader,
}

/// Reads what a table of one type says.
type ReadType = fn(&Node, &mut Check<'_>) -> Option<TypeSettings>;

/// How a table of this type is read; `None`: people sign in with it.
pub(super) fn read_type(of: SourceType) -> Option<ReadType> {
    match of {
        SourceType::Oidc => None,
        SourceType::AwsAlb => Some(aws_alb),
        SourceType::GoogleIap => Some(google_iap),
        SourceType::CloudflareAccess => Some(cloudflare_access),
        SourceType::AzureEasyAuth => Some(azure_easy_auth),
        SourceType::Pomerium => Some(pomerium),
        SourceType::OAuth2Proxy => Some(oauth2_proxy),
        SourceType::Bearer => Some(bearer),
        SourceType::Custom => Some(custom),
    }
}

fn aws_alb(table: &Node, check: &mut Check<'_>) -> Option<TypeSettings> {
    let issuer = source::issuer(table, check);
    let client_id = source::client_id(table, "the load balancer", check);
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
    let audiences = alike::audiences(table, iap_audience, check);
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
    let audiences = alike::audiences(table, audience_tag, check);
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
    let client_id = source::client_id(table, "the application that Easy Auth is of", check);
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
        Some(_) => alike::audiences(table, audience_word, check),
        None => Some(Vec::new()),
    };
    let (es256, rs256, eddsa) = (SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256, SignatureAlgorithm::EdDsa);
    let algorithms = alike::algorithms(table, es256, &[es256, rs256, eddsa], check);
    let jwks = alike::jwks(table, check);
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
    let client_id = source::client_id(table, "oauth2-proxy", check);
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
    let audiences = alike::audiences(table, audience_word, check);
    let mark = alike::token_mark(table, check);
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
    let audiences = alike::audiences(table, audience_word, check);
    let algorithms = source::required(table, "algorithms", r#"write algorithms = ["ES256"]"#, check)
        .and_then(|_| alike::algorithms(table, SignatureAlgorithm::Es256, &SignatureAlgorithm::ALL, check));
    let jwks_node = source::required(table, "jwks", r#"write jwks = "https://…", where its keys are"#, check);
    let jwks = jwks_node.and_then(|_| alike::jwks(table, check)?);
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
    let algorithms = alike::algorithms(table, SignatureAlgorithm::Rs256, &SignatureAlgorithm::ALL, check);
    let jwks = alike::jwks(table, check);
    let issuer = issuer?;
    let keys = jwks?.map_or_else(|| KeyPlace::Discovery { issuer: issuer.clone() }, KeyPlace::Jwks);
    Some((issuer, algorithms?, keys))
}

fn whole(name: &'static str) -> AttachedHeader {
    AttachedHeader::of(name, AttachedForm::Whole)
}

const IAP_KEYS: &str = "https://www.gstatic.com/iap/verify/public_key-jwk";
const TENANT_FIX: &str = r#"write tenant = "PROJECT/TENANT", or "PROJECT" where it has no tenants"#;
