//! For tests: the settings of each preset, and assertions that its front would make, signed without the library that verifies them.

use std::sync::LazyLock;

use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use url::Url;

use super::{
    error::AssertionError,
    presets::{IapPeople, Preset, TokenMark},
    read::VerifiedAssertion,
    settings::{AssertionSettings, KeyPlace},
};
use crate::{
    identity::{
        ClaimPath, EmailVerification, KeySet, ProviderName, SignatureAlgorithm, SourceSettings,
        testing::{ISSUER, NOW, SITE, TestKey, key_set, settings},
    },
    request::{AttachedForm, AttachedHeader, HostName, Presented},
};

pub(crate) const SIGNER: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/front/50dc6c495c0c9188";
pub(crate) const UUID: &str = "8cc8f2a1-5c2b-4a7e-9d3f-1e2d3c4b5a69";
pub(crate) const TENANT: &str = "5b1c9a2e-7d34-4f60-9a1e-2c3d4e5f6a7b";
pub(crate) const BACKEND: &str = "/projects/123456789012/global/backendServices/42";
pub(crate) const AUD_TAG: &str = "0fb6e2a1c4d8937b5ac1f0e29d6487b3c5a1e0f29d8b7c6a5f4e3d2c1b0a9f8e";

/// One of each.
pub(crate) fn presets() -> Vec<Preset> {
    let client_id = "gateway".to_owned();
    let marked = TokenMark::Claim { path: ClaimPath::parse("typ").unwrap(), value: "Bearer".to_owned() };
    vec![
        Preset::AwsAlb { signers: vec![SIGNER.to_owned()], client_id: client_id.clone() },
        Preset::GoogleIap(IapPeople::Google { hosted_domain: Some("example.com".to_owned()) }),
        external(),
        Preset::CloudflareAccess,
        Preset::AzureEasyAuth { client_id: client_id.clone(), tenant: TENANT.to_owned() },
        Preset::Pomerium,
        Preset::OAuth2Proxy { client_id },
        Preset::Bearer(TokenMark::Typ),
        Preset::Bearer(marked),
        Preset::Custom,
    ]
}

/// Identity Platform.
pub(crate) fn external() -> Preset {
    let (project, tenant) = ("acme-prod".to_owned(), Some("partners-x7k2p".to_owned()));
    Preset::GoogleIap(IapPeople::IdentityPlatform { project, tenant })
}

/// The settings of a preset, as the configuration makes them.
pub(crate) fn of(preset: Preset) -> AssertionSettings {
    let jwks = || KeyPlace::Jwks(Url::parse("https://keys.example.com/jwks").unwrap());
    let pem = || KeyPlace::Pem { prefix: Url::parse("https://keys.example.com/").unwrap() };
    let whole = |name| AttachedHeader::of(name, AttachedForm::Whole);
    let (es256, rs256) = (SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256);
    let azure = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let (issuer, audience, algorithm, keys, header) = match &preset {
        Preset::AwsAlb { .. } => (ISSUER, "", es256, pem(), whole("x-amzn-oidc-data")),
        Preset::GoogleIap(_) => {
            ("https://cloud.google.com/iap", BACKEND, es256, jwks(), whole("x-goog-iap-jwt-assertion"))
        }
        Preset::CloudflareAccess => {
            ("https://acme.cloudflareaccess.com", AUD_TAG, rs256, jwks(), whole("cf-access-jwt-assertion"))
        }
        Preset::AzureEasyAuth { .. } => (azure.as_str(), "", rs256, jwks(), whole("x-ms-token-aad-id-token")),
        Preset::Pomerium => {
            let header = AttachedHeader::of("x-pomerium-jwt-assertion", AttachedForm::WholeOrEmpty);
            ("crm.example.com", "", es256, jwks(), header)
        }
        Preset::OAuth2Proxy { .. } => (ISSUER, "", rs256, jwks(), AttachedHeader::bearer()),
        Preset::Bearer(_) => (ISSUER, "https://crm.example.com", rs256, jwks(), AttachedHeader::bearer()),
        Preset::Custom => (ISSUER, "crm", es256, jwks(), whole("oidc_id_token")),
    };
    let source = SourceSettings {
        name: ProviderName::parse("front").unwrap(),
        email: ClaimPath::parse(if preset == external() { "/gcip/email" } else { "/email" }).unwrap(),
        email_verified: verification(&preset),
        ..settings(ISSUER).source
    };
    let audiences = if audience.is_empty() { Vec::new() } else { vec![audience.to_owned()] };
    AssertionSettings {
        source,
        issuer: issuer.to_owned(),
        audiences,
        algorithms: vec![algorithm],
        keys,
        header,
        is_forwarded: false,
        max_age: None,
        roots: None,
        proxy: None,
        preset,
    }
}

fn verification(preset: &Preset) -> EmailVerification {
    match preset {
        Preset::GoogleIap(IapPeople::IdentityPlatform { .. }) => {
            EmailVerification::Claim(ClaimPath::parse("/gcip/email_verified").unwrap())
        }
        Preset::GoogleIap(IapPeople::Google { .. })
        | Preset::CloudflareAccess
        | Preset::AzureEasyAuth { .. }
        | Preset::Pomerium => EmailVerification::TrustedIssuer,
        Preset::AwsAlb { .. } | Preset::OAuth2Proxy { .. } | Preset::Bearer(_) | Preset::Custom => {
            EmailVerification::Required
        }
    }
}

/// An assertion to be made: a good one, until something of it is changed.
pub(crate) struct AssertionDraft {
    pub(crate) settings: AssertionSettings,
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) key: &'static TestKey,
    pub(crate) is_padded: bool,
}

static P256: LazyLock<TestKey> = LazyLock::new(TestKey::p256);
static RSA: LazyLock<TestKey> = LazyLock::new(TestKey::rsa);

impl AssertionDraft {
    pub(crate) fn of(preset: Preset) -> Self {
        let settings = of(preset);
        let key = if settings.algorithms == [SignatureAlgorithm::Es256] { &*P256 } else { &*RSA };
        let (header, claims) = (header(&settings), claims(&settings));
        let is_padded = matches!(settings.preset, Preset::AwsAlb { .. });
        Self { settings, header, claims, key, is_padded }
    }

    /// The keys of its source.
    pub(crate) fn keys(&self) -> KeySet {
        let key = if self.settings.algorithms == [SignatureAlgorithm::Es256] { &*P256 } else { &*RSA };
        key_set(&[key.jwk(UUID)])
    }

    pub(crate) fn text(&self) -> String {
        self.text_of(&self.header.to_string(), &self.claims.to_string())
    }

    /// The same of these texts.
    pub(crate) fn text_of(&self, header: &str, claims: &str) -> String {
        let encode = |bytes: &[u8]| match self.is_padded {
            true => URL_SAFE.encode(bytes),
            false => URL_SAFE_NO_PAD.encode(bytes),
        };
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
        format!("{signed}.{}", encode(&self.key.signature(signed.as_bytes(), header)))
    }

    /// What becomes of a text that a request brings.
    pub(crate) fn verdict_of(&self, text: &str) -> Result<Option<VerifiedAssertion>, AssertionError> {
        let host = HostName::parse(SITE).unwrap();
        self.settings.verify(&Presented::of_test(text), &host, &self.keys(), NOW)
    }

    pub(crate) fn verdict(&self) -> Result<Option<VerifiedAssertion>, AssertionError> {
        self.verdict_of(&self.text())
    }
}

/// The header of a good one.
fn header(settings: &AssertionSettings) -> Value {
    match &settings.preset {
        Preset::AwsAlb { client_id, .. } => json!({
            "typ": "JWT", "kid": UUID, "alg": "ES256", "iss": settings.issuer, "client": client_id, "signer": SIGNER,
            "exp": NOW.0 + 120,
        }),
        Preset::Bearer(TokenMark::Typ) => json!({ "alg": "RS256", "kid": UUID, "typ": "at+jwt" }),
        Preset::GoogleIap(_)
        | Preset::CloudflareAccess
        | Preset::AzureEasyAuth { .. }
        | Preset::Pomerium
        | Preset::OAuth2Proxy { .. }
        | Preset::Bearer(TokenMark::Claim { .. })
        | Preset::Custom => {
            let is_elliptic = settings.algorithms == [SignatureAlgorithm::Es256];
            json!({ "alg": if is_elliptic { "ES256" } else { "RS256" }, "kid": UUID, "typ": "JWT" })
        }
    }
}

/// The claims of a good one.
fn claims(settings: &AssertionSettings) -> Value {
    let (iat, exp) = (NOW.0, NOW.0 + 300);
    let aud = settings.audiences.first();
    let mut claims = json!({
        "iss": settings.issuer, "aud": aud, "sub": "u-7", "email": "ann@example.com", "iat": iat, "exp": exp,
    });
    let more = match &settings.preset {
        Preset::AwsAlb { .. } => {
            let exp = NOW.0 + 120;
            return json!({
                "iss": settings.issuer, "sub": "u-7", "email": "ann@example.com", "email_verified": "true", "exp": exp,
            });
        }
        Preset::GoogleIap(IapPeople::Google { .. }) => json!({ "sub": "accounts.google.com:7", "hd": "example.com" }),
        Preset::GoogleIap(IapPeople::IdentityPlatform { .. }) => json!({
            "sub": "securetoken.google.com/acme-prod/partners-x7k2p:7",
            "email": "securetoken.google.com/acme-prod/partners-x7k2p:ann@example.com",
            "gcip": {
                "email": "ann@example.com", "email_verified": true, "groups": ["finance"],
                "firebase": { "tenant": "partners-x7k2p", "sign_in_provider": "password" },
            },
        }),
        Preset::CloudflareAccess => json!({ "aud": [aud], "type": "app", "nbf": iat, "country": "NL" }),
        Preset::AzureEasyAuth { client_id, tenant } => json!({ "aud": client_id, "tid": tenant, "nbf": iat }),
        Preset::Pomerium => json!({ "aud": "crm.example.com", "groups": ["finance"], "jti": "1" }),
        Preset::OAuth2Proxy { client_id } => json!({ "aud": client_id, "email_verified": true }),
        Preset::Bearer(TokenMark::Typ) => json!({ "client_id": "cli", "jti": "1", "email_verified": true }),
        Preset::Bearer(TokenMark::Claim { .. }) => json!({
            "aud": [aud, "account"], "typ": "Bearer", "azp": "cli", "email_verified": true,
        }),
        Preset::Custom => json!({ "email_verified": true }),
    };
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}
