//! The gateway's own URLs as types: their literals are here, and nowhere else.

use std::sync::LazyLock;

use super::{ForwardAuthProxy, NormalPath, Prefix, path::LetterCase};

/// An endpoint of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// `GET {sign_in}/start?rd=`
    SignInStart,
    /// `GET {sign_in}/callback`
    Callback,
    /// `GET,POST {sign_in}/sign_out?rd=`
    SignOut,
    /// `GET {sign_in}/signed_out`: where a proxy that asks sends a browser that comes back from a sign-out.
    SignedOut,
    /// `GET {sign_in}/userinfo`
    UserInfo,
    /// `GET {sigma}/embed/{name}[/rest]`: the stable link.
    StableLink {
        /// The embed's name.
        name: String,
        /// What follows the name, without its slash; empty for none.
        rest: String,
    },
    /// `GET {sigma}/api/embeds/{name}[/rest]`: the embed API.
    EmbedApi {
        /// The embed's name.
        name: String,
        /// What follows the name, without its slash; empty for none.
        rest: String,
    },
    /// `GET {sigma}/to?url=`: the stable link of the embed that a Sigma URL is.
    To,
    /// `GET {sigma}/style.css`: the style of our own pages.
    Style,
    /// `GET {sigma}/links.js`: the script of pages that write Sigma URLs themselves.
    Script,
    /// `GET /.well-known/sigma-gateway/jwks.json`: the keys of the site's assertions.
    AssertionKeys,
    /// `POST {sigma}/api/events`
    Events,
    /// Below one of the two prefixes, but nothing: 404, never forwarded.
    Unknown,
}

// Below the prefix of the sign-in.
const START: &str = "/start";
const CALLBACK: &str = "/callback";
const SIGN_OUT: &str = "/sign_out";
const SIGNED_OUT: &str = "/signed_out";
const USER_INFO: &str = "/userinfo";
const AUTH: &str = "/auth/";

// Below the prefix of Sigma.
const TO: &str = "/to";
const STYLE: &str = "/style.css";
const EVENTS: &str = "/api/events";
/// Where the script of pages is, below the prefix of Sigma.
pub(crate) const PAGE_SCRIPT: &str = "/links.js";
/// What stable links begin with, below the prefix of Sigma.
pub(crate) const STABLE_LINKS: &str = "/embed/";
/// What the embed API begins with, below the prefix of Sigma.
pub(crate) const EMBED_API: &str = "/api/embeds/";

/// What is ours besides on a site that signs assertions.
pub(crate) const WELL_KNOWN: &str = "/.well-known/sigma-gateway";

/// The endpoint of a path below [`WELL_KNOWN`], as [`OwnPaths::endpoint`] finds those of the two prefixes.
#[must_use]
pub(crate) fn well_known_endpoint(path: &NormalPath) -> Option<Endpoint> {
    static PREFIX: LazyLock<Prefix> =
        LazyLock::new(|| Prefix::parse(WELL_KNOWN).expect("a path that begins with a slash is a prefix"));
    match below(&PREFIX, path) {
        Some("/jwks.json") => Some(Endpoint::AssertionKeys),
        Some(_) => Some(Endpoint::Unknown),
        None => {
            let is_ours = path.readings().any(|reading| PREFIX.matches_bytes(reading, LetterCase::Ignored));
            is_ours.then_some(Endpoint::Unknown)
        }
    }
}

/// The two prefixes of our own endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnPaths {
    sign_in: Prefix,
    sigma: Prefix,
}

/// What is wrong with the two prefixes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the two prefixes must be different paths of one or more segments, none inside the other, no slash at the end")]
pub(crate) struct OwnPathsError;

impl OwnPaths {
    /// Takes `/oauth2` and `/sigma`, or what the operator wrote.
    ///
    /// # Errors
    /// Where one is `/`, ends in a slash, or lies inside the other.
    pub(crate) fn new(sign_in: &str, sigma: &str) -> Result<Self, OwnPathsError> {
        let parse = |text: &str| {
            let prefix = Prefix::parse(text).map_err(|_| OwnPathsError)?;
            if text.ends_with('/') { Err(OwnPathsError) } else { Ok(prefix) }
        };
        let (sign_in, sigma) = (parse(sign_in)?, parse(sigma)?);
        let is_inside =
            |outer: &Prefix, inner: &Prefix| outer.matches_bytes(inner.as_str().as_bytes(), LetterCase::Ignored);
        if is_inside(&sign_in, &sigma) || is_inside(&sigma, &sign_in) {
            return Err(OwnPathsError);
        }
        Ok(Self { sign_in, sigma })
    }

    /// The endpoint of a path; `None` where the path is the host application's.
    ///
    /// Exact, canonical spelling only: an encoded or differently cased spelling of our prefix is [`Endpoint::Unknown`].
    #[must_use]
    pub(crate) fn endpoint(&self, path: &NormalPath) -> Option<Endpoint> {
        if let Some(below) = below(&self.sign_in, path) {
            return Some(sign_in_endpoint(below));
        }
        if let Some(below) = below(&self.sigma, path) {
            return Some(sigma_endpoint(below));
        }
        let is_ours_by_a_reading = path.readings().any(|reading| {
            [&self.sign_in, &self.sigma].into_iter().any(|prefix| prefix.matches_bytes(reading, LetterCase::Ignored))
        });
        is_ours_by_a_reading.then_some(Endpoint::Unknown)
    }

    /// The proxy in front whose endpoint for questions this path is, before any host is looked at: the request that is asked about says
    /// which site it is of. In its one spelling only; any other is [`Endpoint::Unknown`] of whatever site it is asked of.
    #[must_use]
    pub(crate) fn forward_auth(&self, path: &str) -> Option<ForwardAuthProxy> {
        ForwardAuthProxy::asked_at(path.strip_prefix(self.sign_in.as_str())?.strip_prefix(AUTH)?)
    }

    /// Where a sign-in begins.
    #[must_use]
    pub(crate) fn start(&self) -> String {
        self.of_sign_in(START)
    }

    /// Where a sign-in ends.
    #[must_use]
    pub(crate) fn callback(&self) -> String {
        self.of_sign_in(CALLBACK)
    }

    /// Where a browser is told that it is signed out.
    #[must_use]
    pub(crate) fn signed_out(&self) -> String {
        self.of_sign_in(SIGNED_OUT)
    }

    /// Where visitors are told of themselves.
    #[must_use]
    pub(crate) fn user_info(&self) -> String {
        self.of_sign_in(USER_INFO)
    }

    /// How our own pages look.
    #[must_use]
    pub(crate) fn style(&self) -> String {
        self.of_sigma(STYLE)
    }

    /// Where Sigma's error events are reported.
    #[must_use]
    pub(crate) fn events(&self) -> String {
        self.of_sigma(EVENTS)
    }

    fn of_sign_in(&self, below: &str) -> String {
        format!("{}{below}", self.sign_in())
    }

    fn of_sigma(&self, below: &str) -> String {
        format!("{}{below}", self.sigma())
    }

    /// Both.
    pub(super) fn prefixes(&self) -> [&Prefix; 2] {
        [&self.sign_in, &self.sigma]
    }

    /// The sign-in prefix, without a slash at the end.
    #[must_use]
    pub(crate) fn sign_in(&self) -> &str {
        self.sign_in.as_str()
    }

    /// The Sigma prefix, without a slash at the end.
    #[must_use]
    pub(crate) fn sigma(&self) -> &str {
        self.sigma.as_str()
    }
}

/// What follows the prefix, with its slash.
fn below<'a>(prefix: &Prefix, path: &'a NormalPath) -> Option<&'a str> {
    prefix.matches(path).then(|| &path.as_str()[prefix.as_str().len()..])
}

fn sign_in_endpoint(below: &str) -> Endpoint {
    match below {
        START => Endpoint::SignInStart,
        CALLBACK => Endpoint::Callback,
        SIGN_OUT => Endpoint::SignOut,
        SIGNED_OUT => Endpoint::SignedOut,
        USER_INFO => Endpoint::UserInfo,
        _ => Endpoint::Unknown,
    }
}

fn sigma_endpoint(below: &str) -> Endpoint {
    match below {
        TO => return Endpoint::To,
        STYLE => return Endpoint::Style,
        PAGE_SCRIPT => return Endpoint::Script,
        EVENTS => return Endpoint::Events,
        _ => {}
    }
    if let Some((name, rest)) = below.strip_prefix(STABLE_LINKS).and_then(name_and_rest) {
        return Endpoint::StableLink { name, rest };
    }
    if let Some((name, rest)) = below.strip_prefix(EMBED_API).and_then(name_and_rest) {
        return Endpoint::EmbedApi { name, rest };
    }
    Endpoint::Unknown
}

/// `name` or `name/rest`; neither is empty, and a name is spelled without escapes.
fn name_and_rest(text: &str) -> Option<(String, String)> {
    let (name, rest) = match text.split_once('/') {
        Some((_, "")) => return None,
        Some((name, rest)) => (name, rest),
        None => (text, ""),
    };
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_name.then(|| (name.to_owned(), rest.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(path: &str) -> Option<Endpoint> {
        OwnPaths::new("/oauth2", "/sigma").unwrap().endpoint(&NormalPath::parse(path).unwrap())
    }

    #[test]
    fn each_endpoint_has_exactly_one_path() {
        let (name, rest) = ("revenue".to_owned(), String::new());
        let page = "Abc-1/page/p%20q".to_owned();
        for (path, expected) in [
            ("/oauth2/start", Endpoint::SignInStart),
            ("/oauth2/callback", Endpoint::Callback),
            ("/oauth2/sign_out", Endpoint::SignOut),
            ("/oauth2/signed_out", Endpoint::SignedOut),
            ("/oauth2/userinfo", Endpoint::UserInfo),
            ("/sigma/to", Endpoint::To),
            ("/sigma/style.css", Endpoint::Style),
            ("/sigma/links.js", Endpoint::Script),
            ("/sigma/api/events", Endpoint::Events),
            ("/sigma/embed/revenue", Endpoint::StableLink { name: name.clone(), rest: rest.clone() }),
            ("/sigma/api/embeds/revenue", Endpoint::EmbedApi { name: name.clone(), rest }),
            ("/sigma/embed/revenue/Abc-1/page/p%20q", Endpoint::StableLink { name, rest: page }),
        ] {
            assert_eq!(endpoint(path), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_path_that_is_written_leads_to_its_endpoint() {
        let own = OwnPaths::new("/oauth2", "/sigma").unwrap();
        for (path, expected) in [
            (own.start(), Endpoint::SignInStart),
            (own.callback(), Endpoint::Callback),
            (own.signed_out(), Endpoint::SignedOut),
            (own.user_info(), Endpoint::UserInfo),
            (own.style(), Endpoint::Style),
            (own.events(), Endpoint::Events),
        ] {
            assert_eq!(endpoint(&path), Some(expected), "{path}");
        }
    }

    #[test]
    fn each_proxy_asks_at_one_path_and_envoy_alone_writes_another_behind_it() {
        let own = OwnPaths::new("/oauth2", "/sigma").unwrap();
        for proxy in ForwardAuthProxy::ALL {
            let (path, below) =
                (format!("/oauth2/auth/{}", proxy.as_str()), format!("/oauth2/auth/{}/x", proxy.as_str()));
            let is_envoy = proxy == ForwardAuthProxy::Envoy;
            assert_eq!(own.forward_auth(&path), (!is_envoy).then_some(proxy));
            assert_eq!(own.forward_auth(&below), is_envoy.then_some(proxy));
        }
        for path in
            ["/oauth2/auth", "/oauth2/auth/", "/oauth2/auth/haproxy", "/oauth2/auth/Nginx", "/oauth2/auth/nginx/"]
                .into_iter()
                .chain(["/oauth2/auth/%6eginx", "/oauth2//auth/nginx", "/OAuth2/auth/nginx", "/oauth2/auth/envoy%2fx"])
        {
            assert_eq!(own.forward_auth(path), None, "{path}");
            assert_eq!(endpoint(path), Some(Endpoint::Unknown), "{path}");
        }
        assert_eq!(own.forward_auth("/auth/nginx"), None);
    }

    #[test]
    fn other_spellings_below_our_prefixes_are_unknown_and_never_forwarded() {
        for path in [
            "/oauth2",
            "/oauth2/",
            "/oauth2/start/",
            "/oauth2/Start",
            "/OAuth2/start",
            "/oauth2/%73tart",
            "/%6fauth2/start",
            "/%256fauth2/start",
            "/oauth2%2fstart",
            "/oauth2;x/start",
            "//oauth2/start",
            "/oauth2//start",
            "/%5coauth2/start",
            "/sigma/to/",
            "/sigma/%74o",
            "/sigma/to/https://app.sigmacomputing.com/acme/ask",
            "/sigma/links.js/",
            "/sigma/embed/",
            "/sigma/embed/revenue/",
            "/sigma/embed/re%76enue",
            "/sigma/nothing",
        ] {
            assert_eq!(endpoint(path), Some(Endpoint::Unknown), "{path}");
        }
    }

    #[test]
    fn paths_of_the_host_application_are_not_ours() {
        for path in ["/", "/oauth2x", "/app/oauth2/start", "/sigmas/embed/x", "/a%20b"] {
            assert_eq!(endpoint(path), None, "{path}");
        }
    }

    #[test]
    fn the_keys_of_assertions_have_one_path_and_nothing_else_below_it_is_forwarded() {
        let endpoint = |path: &str| well_known_endpoint(&NormalPath::parse(path).unwrap());
        assert_eq!(endpoint("/.well-known/sigma-gateway/jwks.json"), Some(Endpoint::AssertionKeys));
        for path in [
            "/.well-known/sigma-gateway",
            "/.well-known/sigma-gateway/",
            "/.well-known/sigma-gateway/jwks.json/",
            "/.well-known/sigma-gateway/other",
            "/.well-known/Sigma-Gateway/jwks.json",
            "/.well-known/sigma%2Dgateway/jwks.json",
            "/.well-known//sigma-gateway/jwks.json",
            "/%2ewell-known/sigma-gateway/jwks.json",
        ] {
            assert_eq!(endpoint(path), Some(Endpoint::Unknown), "{path}");
        }
        for path in ["/", "/.well-known/security.txt", "/.well-known/sigma-gateways/jwks.json"] {
            assert_eq!(endpoint(path), None, "{path}");
        }
    }

    #[test]
    fn prefixes_that_hide_each_other_are_refused() {
        for (sign_in, sigma) in
            [("/", "/sigma"), ("/a", "/a"), ("/a", "/A/b"), ("/a/b", "/a"), ("/a/", "/b"), ("a", "/b")]
        {
            assert_eq!(OwnPaths::new(sign_in, sigma), Err(OwnPathsError), "{sign_in} {sigma}");
        }
        assert!(OwnPaths::new("/a/b", "/a/c").is_ok());
    }
}
