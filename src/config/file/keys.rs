//! The one table of all keys. The walk, the JSON Schema and the test of the reference file all read it.
//!
//! In a path `*` stands for a name that the operator chooses and `[]` for the position in an array.

use Presence::{Default, Optional, Required};
use Shape::{
    Access, Address, Allow, Boolean, Certificates, Choice, ChoiceOrClaim, Condition, Duration, Integer, Keyed, List,
    Moment, OneOrMore, OneOrMoreSecrets, OneOrMoreTexts, Picture, Scalars, Secret, Secrets, Table, Templates, Text,
    Texts, Unbuilt, Url, Words,
};

use super::choices::{
    ACCESS_LOG, CLIENT_AUTH, DELIVER, EMAIL_VERIFIED, ENCODING, FORWARD_GROUPS, FRAME, FRAME_SRC, IDENTITY_HEADERS,
    LANGUAGE, OPEN, OUTSIDERS, PLACE, PROXY_PROTOCOL, RENEW, REQUEST_BODIES, RESPONSE_MODE, SIGN_OUT, SIGN_OUT_METHOD,
    SOURCE_TYPE, UPSTREAM_HOST, UPSTREAM_PATHS, USER, USERINFO,
};
use crate::limits::INSERT_HEIGHT_MAX;

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Shape {
    /// A table with keys of its own.
    Table,
    /// A table of tables, each under a name that the operator chooses.
    Keyed,
    /// An array of tables.
    List,
    /// An array of tables, or one of them.
    OneOrMore,
    Text,
    Texts,
    Boolean,
    /// A whole number from 1 to this.
    Integer(u32),
    Url,
    /// `ip:port`
    Address,
    /// `8h`, `1h30m`
    Duration,
    /// RFC 3339
    Moment,
    /// One of these; those of the second list have a meaning, but are not built yet.
    Choice(&'static [&'static str], &'static [&'static str]),
    /// `{ file = "…" }` or `{ env = "…" }`
    Secret,
    Secrets,
    /// A secret, or an array of them.
    OneOrMoreSecrets,
    /// The path of a file of certificates.
    Certificates,
    /// The path of a file of words.
    Words,
    /// The path of a picture.
    Picture,
    /// A text, or an array of texts.
    OneOrMoreTexts,
    /// One of these, or `{ claim = "…" }`.
    ChoiceOrClaim(&'static [&'static str]),
    /// Names to texts, integers or booleans.
    Scalars,
    /// Names to texts.
    Templates,
    /// A `when`.
    Condition,
    /// One of [`ACCESS`](super::choices::ACCESS), or `{ when = … }`.
    Access,
    /// `mapped`, or names of mappings.
    Allow,
    /// Has a meaning, but is not built yet; says what to do until then.
    Unbuilt(&'static str),
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Presence {
    /// It must; says what to write.
    Required(&'static str),
    /// It need not; this TOML stands for it.
    Default(&'static str),
    /// It need not; nothing stands for it.
    Optional,
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Key {
    /// Its path.
    pub(in crate::config) path: &'static str,
    /// What it takes.
    pub(in crate::config) shape: Shape,
    /// Whether it must be there.
    pub(in crate::config) presence: Presence,
    /// What it is for, as one clause.
    pub(super) doc: &'static str,
}

/// The keys of a table, e.g. of `sigma.*`, in the order of the reference file.
pub(in crate::config) fn below(table: &str) -> impl Iterator<Item = (&'static str, &'static Key)> {
    KEYS.iter().filter_map(move |key| {
        let rest = if table.is_empty() { key.path } else { key.path.strip_prefix(table)?.strip_prefix('.')? };
        (!rest.contains(['.', '['])).then_some((rest, key))
    })
}

impl Key {
    /// The path that the keys of this table, keyed table or array of tables start with.
    pub(super) fn inside(&self) -> String {
        let suffix = if self.shape == Keyed {
            ".*"
        } else if matches!(self.shape, List | OneOrMore) {
            "[]"
        } else {
            ""
        };
        format!("{}{suffix}", self.path)
    }
}

const fn key(path: &'static str, shape: Shape, presence: Presence, doc: &'static str) -> Key {
    Key { path, shape, presence, doc }
}

/// What to write for `allow`.
pub(super) const ALLOW_FIX: &str = r#"write allow = "mapped" or a list of mapping names"#;

/// Every key.
#[rustfmt::skip]
pub(super) static KEYS: &[Key] = &[
    key("listen", Table, Required("write a [listen] table"), "where the gateway listens; all but certificates, trusted_proxies and client_address takes effect at a restart"),
    key("listen.address", Address, Required(r#"write address = "127.0.0.1:8080""#), "the public address, as ip:port"),
    key("listen.admin", Address, Optional, "health, readiness and metrics; never the public address; none: no admin listener"),
    key("listen.redirect", Address, Optional, "a plain-http address where everything is redirected (308) to the url of the site that it is of; none: nowhere"),
    key("listen.idle_timeout", Duration, Default(r#""620s""#), "how long a kept connection may be idle: longer than any load balancer in front keeps it; 30s to 1h"),
    key("listen.trusted_proxies", Texts, Default("[]"), "proxies in front whose word on the client counts: addresses and networks (CIDR); takes effect at once"),
    key("listen.client_address", Text, Optional, "the header by which they say where a client is: \"x-forwarded-for\", \"forwarded\", or the name of one with a single address; none: the connection's address counts"),
    key("listen.proxy_protocol", Choice(PROXY_PROTOCOL.words, &[]), Default(PROXY_PROTOCOL.first), "whether connections begin with a PROXY header, on the public address and on redirect: of which version; only from trusted_proxies"),
    key("listen.tls", OneOrMore, Optional, "TLS and HTTP/2 on the public address; several: the name that the browser asks for picks"),
    key("listen.tls[].certificate", Certificates, Required(r#"write certificate = "chain.pem""#), "a PEM file: the gateway's own certificate, then what leads to its CA"),
    key("listen.tls[].private_key", Secret, Required(r#"write private_key = { file = "key.pem" }"#), "the key of the certificate, in PEM form"),

    key("log", Table, Optional, "what is logged"),
    key("log.access", Choice(ACCESS_LOG.words, &[]), Default(ACCESS_LOG.first), "one JSON line per request; audit and event lines are always written"),
    key("log.claims", Boolean, Default("false"), "audit lines of refusals also have the values of the claims that a rule looked at: people's data, to find out why"),

    key("outbound", Table, Optional, "what the gateway goes out through to the providers' servers; never to this machine itself"),
    key("outbound.proxy", Text, Optional, "an http proxy, as http://HOST:PORT, or \"none\"; without it: HTTPS_PROXY and NO_PROXY of the environment"),
    key("outbound.authorization", Secret, Optional, "USER:PASSWORD for the proxy"),
    key("outbound.except", Texts, Default("[]"), "hosts that are not behind the proxy: names with all below them, addresses, networks, each perhaps with a port"),

    key("pages", Table, Optional, "the gateway's own pages: sign-in errors, refusals, sign-out"),
    key("pages.contact", Text, Optional, "a line on every page: whom to ask; plain text"),
    key("pages.logo", Picture, Optional, "a picture on every page: PNG, JPEG, GIF, WebP or SVG of at most 32 KiB"),
    key("pages.language", Choice(LANGUAGE.words, &[]), Default(LANGUAGE.first), "the one that the browser prefers of English, German and French, or one for everybody"),
    key("pages.words", Table, Optional, "files whose texts replace ours, by language; `sigma-gateway words de` prints ours"),
    key("pages.words.en", Words, Optional, "a TOML file of English texts"),
    key("pages.words.de", Words, Optional, "a TOML file of German texts"),
    key("pages.words.fr", Words, Optional, "a TOML file of French texts"),

    key("paths", Table, Optional, "the two prefixes of the gateway's own endpoints, on every site"),
    key("paths.sign_in", Text, Default(r#""/oauth2""#), "sign-in, callback, sign-out, user information"),
    key("paths.sigma", Text, Default(r#""/sigma""#), "stable links, the embed API, scripts and style"),

    key("session", Table, Required("write a [session] table"), "the gateway's own session: one sealed cookie per site"),
    key("session.keys", Secrets, Required(r#"write keys = [{ file = "session.key" }], as `sigma-gateway init` makes it"#), "the first seals, all open: rotate without signing anyone out"),
    key("session.max_age", Duration, Default(r#""8h""#), "how long a sign-in lasts"),
    key("session.recheck", Duration, Optional, "a page opened with an older session goes silently through the provider; who has left there loses application and embeds a minute later at the latest; none: at the session's end"),
    key("session.idle", Duration, Optional, "the session ends when nothing was asked for with it for so long, at least 1m; none: at its end"),
    key("session.not_before", Moment, Optional, "everyone who signed in earlier signs in again"),

    key("revoke", List, Optional, "one person who signs in again; acts at the next reload"),
    key("revoke[].email", Text, Optional, "whose sessions end, with every provider; or subject"),
    key("revoke[].subject", Text, Optional, "the same by the provider's id, as audit lines have it in `user`: also reaches people without a usable address"),
    key("revoke[].provider", Text, Optional, "which [identity] the subject is of; none: any"),
    key("revoke[].signed_in_before", Moment, Required(r#"write signed_in_before = "2026-11-20T12:00:00Z""#), "which of them"),

    key("sigma", Keyed, Optional, "a Sigma organization, named by its slug in Sigma's URLs"),
    key("sigma.*.client_id", Text, Required("write the client id of Sigma's embed credentials"), "the client id of the embed credentials"),
    key("sigma.*.secret", Secret, Required(r#"write secret = { file = "sigma.secret" }"#), "the secret of the embed credentials"),
    key("sigma.*.base_url", Url, Default(r#""https://app.sigmacomputing.com""#), "another Sigma host; https unless loopback"),
    key("sigma.*.session_length", Duration, Default(r#""1h""#), "life of an embed; at most 30d, and never past the end of the gateway's session"),
    key("sigma.*.names", Boolean, Default("false"), "send given_name and family_name as first_name and last_name"),
    key("sigma.*.tenants", Unbuilt("embed the tenant's documents with an organization of its own"), Optional, "tenant slugs to tenant organization ids"),

    key("identity", Keyed, Required("write an [identity.NAME] table"), "a source that vouches for people"),
    key("identity.*.type", Choice(SOURCE_TYPE.words, &[]), Required(r#"write type = "oidc""#), "what kind of source"),
    key("identity.*.issuer", Url, Optional, "byte for byte as the provider's discovery document has it, or as the iss of assertions has it; https unless loopback; every type but google-iap needs it"),
    key("identity.*.label", Text, Optional, "what people read where they choose between several; without it, the table's name"),
    key("identity.*.client_id", Text, Optional, "the gateway's client id at the provider; of an ALB, Easy Auth or oauth2-proxy: the front's own; these types need it"),
    key("identity.*.client_secret", Secret, Optional, "the gateway's client secret at the provider; or client_key, or client_auth = \"none\""),
    key("identity.*.client_key", OneOrMoreSecrets, Optional, "a PKCS #8 key in PEM form for private_key_jwt: EC on P-256 signs ES256, RSA signs RS256; two during a rotation: the first signs"),
    key("identity.*.client_auth", Choice(CLIENT_AUTH.words, &[]), Optional, "how the gateway shows the token endpoint who it is; without it: by the documents"),
    key("identity.*.audiences", Texts, Default("[]"), "what may stand in aud beside client_id, where azp is client_id"),
    key("identity.*.email_domains", Texts, Required(r#"write email_domains = ["example.com"]"#), "who may sign in: people with a verified address in one of these domains"),
    key("identity.*.outsiders", Choice(OUTSIDERS.words, &[]), Default(OUTSIDERS.first), "everybody else of this source: their sign-in is refused, or they sign in and get no embed"),
    key("identity.*.scopes", Texts, Default(r#"["openid", "email", "profile"]"#), "add what makes your provider send groups"),
    key("identity.*.authorization", Templates, Default("{}"), "parameters that every authorization request has besides; never one of the gateway's own"),
    key("identity.*.response_mode", Choice(RESPONSE_MODE.words, &[]), Default(RESPONSE_MODE.first), "how the provider's answer comes back: by a redirect, or by a form that the browser posts"),
    key("identity.*.email", Text, Optional, "the claim with the address: a name, or a JSON Pointer; without it: /email, or /gcip/email of people of Identity Platform"),
    key("identity.*.email_verified", ChoiceOrClaim(EMAIL_VERIFIED.words), Optional, "the claim email_verified must be true, which speaks of email only; or { claim = \"…\" }, the flag of another claim; or you vouch for the issuer; without it: required, but of google-iap and cloudflare-access, whose word counts"),
    key("identity.*.userinfo", Choice(USERINFO.words, &[]), Default(USERINFO.first), "whether the provider's UserInfo is asked at sign-in: where the ID token lacks a claim that a rule, a template, a header or the address needs; always; never"),
    key("identity.*.sign_out", Table, Optional, "how the provider is told of a sign-out; without it, by its documents"),
    key("identity.*.sign_out.form", Choice(SIGN_OUT.words, &[]), Default(SIGN_OUT.first), "RP-Initiated Logout 1.0; Amazon Cognito's; or not at all"),
    key("identity.*.sign_out.url", Url, Optional, "where, in place of the documents' end_session_endpoint; Cognito needs it"),
    key("identity.*.sign_out.method", Choice(SIGN_OUT_METHOD.words, &[]), Optional, "how the ID token is handed over: by a form, or in the address for a provider that takes none; without it: by the endpoint's address"),
    key("identity.*.metadata", Table, Optional, "endpoints in place of those of the provider's documents; plain http on loopback only"),
    key("identity.*.metadata.document", Url, Optional, "where the discovery document is; its issuer is still the configured one"),
    key("identity.*.metadata.authorization_endpoint", Url, Optional, "where browsers sign in"),
    key("identity.*.metadata.token_endpoint", Url, Optional, "where a code becomes tokens"),
    key("identity.*.metadata.jwks_uri", Url, Optional, "where the provider's keys are"),
    key("identity.*.metadata.userinfo_endpoint", Url, Optional, "where claims are that the ID token does not have"),
    key("identity.*.metadata.end_session_endpoint", Url, Optional, "where browsers sign out"),
    key("identity.*.ca", Certificates, Optional, "a PEM file: the only CAs that may vouch for the provider's servers; none: those of the operating system"),

    key("identity.*.header", Text, Optional, "custom: the header that holds the assertion, in one line with one value"),
    key("identity.*.audience", OneOrMoreTexts, Optional, "whom an assertion must be for: any of these; google-iap, cloudflare-access, bearer and custom need it; of pomerium without it: the host of the site"),
    key("identity.*.signer", OneOrMoreTexts, Optional, "aws-alb: the ARNs of the load balancers, all of one region"),
    key("identity.*.algorithms", Texts, Optional, "pomerium, oauth2-proxy, bearer, custom: what an assertion may be signed with; without it: ES256 of pomerium, RS256 of oauth2-proxy and bearer"),
    key("identity.*.jwks", Url, Optional, "where the keys are; custom needs it; without it: the route of pomerium, or what the issuer's discovery document names"),
    key("identity.*.hosted_domain", Text, Optional, "google-iap: the Workspace domain (hd) that its people are of"),
    key("identity.*.tenant", Text, Optional, "google-iap with Identity Platform: PROJECT/TENANT, or PROJECT where it has no tenants"),
    key("identity.*.token_mark", Table, Optional, "bearer: what tells an access token from an ID token; without it: typ at+jwt (RFC 9068)"),
    key("identity.*.token_mark.claim", Text, Optional, "a claim that no ID token of the issuer has so"),
    key("identity.*.token_mark.value", Text, Optional, "what it says, or one of the words in it"),
    key("identity.*.max_age", Duration, Optional, "how old an assertion may be, at most 31d; none: as its own end says"),
    key("identity.*.forward", Boolean, Optional, "true: the host application gets a verified assertion too; without it: false"),

    key("embed", Keyed, Optional, "a Sigma document, page or element that sites may show"),
    key("embed.*.url", Url, Required("write the document's URL from Sigma's address bar"), "as in Sigma's address bar; /SLUG/workbook/* takes any workbook"),
    key("embed.*.allow", Allow, Required(ALLOW_FIX), "everybody with a mapping, or the names of mappings"),
    key("embed.*.open", Choice(OPEN.words, &[]), Default(OPEN.first), "a top-level visit of the stable link: the embed page, or a redirect to Sigma"),
    key("embed.*.frame", Choice(FRAME.words, &[]), Default(FRAME.first), "the stable link in a frame: the embed page, or a redirect to Sigma, whose URL a browser may ask for again in vain"),
    key("embed.*.title", Text, Optional, "what people read of it; without it, the workbook's name"),
    key("embed.*.renew", Choice(RENEW.words, &[]), Default(RENEW.first), "when the embed page begins a new Sigma session: shortly before the old one ends, or at its end"),
    key("embed.*.fit", Boolean, Default("false"), "its frame takes the height of Sigma's page"),
    key("embed.*.parameters", Scalars, Default("{}"), "Sigma's interface parameters, without the colon"),
    key("embed.*.controls", Scalars, Default("{}"), "values of workbook controls, in Sigma's syntax: a comma separates values"),
    key("embed.*.page_controls", Texts, Default("[]"), "controls that a page or link may set itself"),
    key("embed.*.enabled", Boolean, Default("true"), "false: nobody sees it, from the next reload on"),

    key("mapping_defaults", Table, Optional, "what every mapping takes over that does not say it itself"),
    key("mapping_defaults.provider", OneOrMoreTexts, Optional, "whose word counts in each `when` that does not name a provider: the name of an [identity], or several"),

    key("mapping", List, Optional, "who gets what in Sigma; all that match add their teams, else the first wins"),
    key("mapping[].name", Text, Required("write a name for logs and for embed.*.allow"), "for logs, `explain` and embed.*.allow"),
    key("mapping[].when", Condition, Required(r#"write when = { groups = ["…"] }, or when = {} for everybody"#), "claims, provider, all, any, not; keys: and; values: or"),
    key("mapping[].user", Choice(USER.words, &[]), Default(USER.first), "an embed user, or somebody with a Sigma account of their own"),
    key("mapping[].teams", Texts, Default("[]"), "Sigma teams"),
    key("mapping[].account_type", Text, Optional, "Sigma account type; without any the person is refused"),
    key("mapping[].user_attributes", Templates, Default("{}"), "texts with {claim} in them; a missing claim refuses"),

    key("site", List, Required("write a [[site]] with url"), "a host application"),
    key("site[].url", Url, Required(r#"write url = "https://…", as browsers type it"#), "what browsers type; everything absolute is built from it"),
    key("site[].aliases", Texts, Default("[]"), "host names from which browsers are sent (308) to the same path of url"),
    key("site[].upstream", Url, Optional, "where the host application is; none: a proxy in front has it, and asks at {sign_in}/auth/ (forward-auth)"),
    key("site[].embeds", Texts, Default("[]"), "embeds that its pages may show; none: every page passes untouched"),
    key("site[].sign_in", OneOrMoreTexts, Optional, "which [identity]; needed when there is more than one; several: people choose"),
    key("site[].accept", OneOrMoreTexts, Optional, "which [identity] of a type that a proxy in front attaches is taken, beside or in place of sign_in"),
    key("site[].ask_email", Boolean, Default("false"), "where people choose: ask for an address, whose domain chooses, before the list"),
    key("site[].deliver", Choice(DELIVER.words, &[]), Default(DELIVER.first), "what goes into pages, JSON and Location: the stable link, or the signed URL"),
    key("site[].forget_cookies", Texts, Default("[]"), "its cookies to expire when the person changes or signs out: \"NAME\", or \"NAME; Path=/PATH\""),
    key("site[].frame_src", Choice(FRAME_SRC.words, &[]), Default(FRAME_SRC.first), "a page's own policy that lets no frame of the site in: keep it, with a note, or extend it by 'self'"),
    key("site[].hsts", Duration, Optional, "Strict-Transport-Security in every answer, at most 730d; 0s: browsers forget it; none: as the application says"),
    key("site[].identity_headers", Choice(IDENTITY_HEADERS.words, &[]), Default(IDENTITY_HEADERS.first), "header names that carry the identity to it"),
    key("site[].user", Text, Optional, "what the header of the user in identity_headers says: a claim; without it sub"),
    key("site[].headers", Templates, Default("{}"), "headers of its own that carry the identity to it: texts with {claim} in them; a missing claim: no header"),
    key("site[].encoding", Choice(ENCODING.words, &[]), Default(ENCODING.first), "values beyond visible ASCII in headers that carry the identity: left out, or percent-encoded UTF-8"),
    key("site[].forward_groups", Choice(FORWARD_GROUPS.words, &[]), Default(FORWARD_GROUPS.first), "which groups it is told: those that a rule names, or all that the session cookie has room for"),
    key("site[].trusted_claims", Texts, Default("[]"), "claims that nobody can change about themselves at the provider: a header may name people by them"),
    key("site[].assertion", Table, Optional, "a signed assertion of who sends each request, for a minute; keys under /.well-known/sigma-gateway/jwks.json"),
    key("site[].assertion.keys", OneOrMoreSecrets, Optional, "private keys on P-256 (PKCS #8 in PEM form): the first signs, all are published; none: no assertion"),
    key("site[].assertion.header", Text, Default(r#""Sigma-Gateway-Assertion""#), "the header that has it"),
    key("site[].assertion.audience", Text, Optional, "its aud; without it, the origin of the upstream that gets it"),
    key("site[].keep_headers", Texts, Default("[]"), "headers of browsers that it gets although other products name people by them"),
    key("site[].same_person", Text, Optional, "the header by which a proxy in front names the address of who is signed in there; another than ours ends the session"),
    key("site[].script", Boolean, Default("false"), "its documents get a script by which frames and windows that their own code makes with Sigma's URLs show the embeds"),
    key("site[].shared_assets", Boolean, Default("false"), "its images, scripts and styles may be kept for everybody, as it says; all else behind a sign-in is private"),
    key("site[].upstream_ca", Certificates, Optional, "a PEM file: the only CAs that may vouch for an https upstream; none: those of the operating system"),
    key("site[].upstream_certificate", Certificates, Optional, "a PEM file: the very certificate of an https upstream, pinned whatever its CA, name and dates; several: one of them"),
    key("site[].upstream_client_certificate", Certificates, Optional, "a PEM file: the certificate chain that the gateway shows to an https upstream that asks for one"),
    key("site[].upstream_client_key", Secret, Optional, "the key of upstream_client_certificate, in PEM form"),
    key("site[].upstream_proxy", Text, Optional, "an http proxy, as http://HOST:PORT, that leads to the upstream by CONNECT; never to this machine itself"),
    key("site[].upstream_timeout", Duration, Default(r#""60s""#), "how long it may take to begin an answer, at most 1h"),
    key("site[].upstream_idle_timeout", Duration, Default(r#""300s""#), "how long it may pause in an answer, at most 24h; an event stream an hour at least"),
    key("site[].held_timeout", Duration, Default(r#""60s""#), "how long a page or JSON that is looked through as a whole may take to be whole, at most 1h"),
    key("site[].request_bodies", Choice(REQUEST_BODIES.words, &[]), Default(REQUEST_BODIES.first), "a request body whose length the browser does not say: as it comes, or held (16 MiB at most) to have a length"),
    key("site[].upstream_paths", Choice(UPSTREAM_PATHS.words, &[]), Default(UPSTREAM_PATHS.first), "how it reads paths; windows: also streams (::$DATA) and short names (ADMINI~1)"),
    key("site[].upstream_host", Choice(UPSTREAM_HOST.words, &[]), Default(UPSTREAM_HOST.first), "the Host it sees: the browser's, or that of upstream"),

    key("site[].insert", List, Optional, "an embed placed into a page that nobody may edit"),
    key("site[].insert[].path", Text, Required(r#"write path = "/…""#), "on which paths: a prefix on segment borders"),
    key("site[].insert[].select", Text, Required(r#"write select = "div#…""#), "which element: a CSS selector"),
    key("site[].insert[].place", Choice(PLACE.words, &[]), Default(PLACE.first), "as its last child, or in place of its children"),
    key("site[].insert[].embed", Text, Required("write the name of one of this site's embeds"), "which embed"),
    key("site[].insert[].height", Integer(INSERT_HEIGHT_MAX), Default("600"), "how high the frame is, in CSS pixels"),
    key("site[].insert[].title", Text, Optional, "what the frame is called for those who do not see it; none: the embed's title"),
    key("site[].insert[].controls", Scalars, Default("{}"), "values of controls that the embed's page_controls name"),
    key("site[].insert[].class", Text, Optional, "classes of the frame, for the page's own style sheets"),

    key("site[].json", List, Optional, "a Sigma URL inside an API answer"),
    key("site[].json[].path", Text, Required(r#"write path = "/…""#), "on which paths"),
    key("site[].json[].select", Text, Required(r#"write select = "$.…""#), "which values: names, indexes and wildcards of RFC 9535"),

    key("site[].route", List, Optional, "a part of the site with an access rule or an embed of its own"),
    key("site[].route[].path", Text, Required(r#"write path = "/…""#), "a literal prefix on segment borders; the longest wins"),
    key("site[].route[].access", Access, Optional, "public, optional, signed-in (without it), or { when = { … } }"),
    key("site[].route[].upstream", Url, Optional, "where another application is, that has this part of the site; none: the site's"),
    key("site[].route[].upstream_ca", Certificates, Optional, "as the site's, for the route's own upstream"),
    key("site[].route[].upstream_certificate", Certificates, Optional, "as the site's, for the route's own upstream"),
    key("site[].route[].upstream_client_certificate", Certificates, Optional, "as the site's, for the route's own upstream"),
    key("site[].route[].upstream_client_key", Secret, Optional, "as the site's, for the route's own upstream"),
    key("site[].route[].upstream_proxy", Text, Optional, "as the site's, for the route's own upstream"),
    key("site[].route[].upstream_host", Choice(UPSTREAM_HOST.words, &[]), Optional, "the Host that the route's own upstream sees; none: as the site says"),
    key("site[].route[].upstream_timeout", Duration, Optional, "as the site's, for this part; none: the site's"),
    key("site[].route[].upstream_idle_timeout", Duration, Optional, "as the site's, for this part; none: the site's"),
    key("site[].route[].held_timeout", Duration, Optional, "as the site's, for this part; none: the site's"),
    key("site[].route[].request_bodies", Choice(REQUEST_BODIES.words, &[]), Optional, "as the site's, for this part; none: the site's"),
    key("site[].route[].embed", Text, Optional, "answers as the stable link of this embed does"),
];
