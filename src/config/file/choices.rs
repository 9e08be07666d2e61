//! The choices of the configuration: which word means what. Each word stands here alone; keys, schema, walk and readers take it
//! from here, and a variant without a word does not compile.

use super::node::Node;
use crate::{
    config::AccessLog,
    embed::{Delivery, OpenAs, Renew},
    forward::{ForwardGroups, HeaderEncoding, HeaderPreset, RequestBodies, SendHost},
    identity::{AnswerMode, ClientAuth, EmailVerification, Outsiders, SignOutMethod, UserInfoUse},
    policy::{Access, UserKind},
    request::{ProxyProtocol, UpstreamPaths},
    rewrite::{FrameSrc, InsertPlace},
};

/// A choice between words.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Choice<T: 'static> {
    /// The words, in the order in which messages and the schema name them.
    pub(in crate::config) words: &'static [&'static str],
    /// The first word, as TOML: what stands where the key is not, for a key with a default.
    pub(super) first: &'static str,
    meaning: fn(&str) -> Option<T>,
}

impl<T> Choice<T> {
    /// What a text means.
    pub(in crate::config) fn of(&self, text: &str) -> Option<T> {
        (self.meaning)(text)
    }

    /// What the key of a table means.
    pub(in crate::config) fn read(&self, table: &Node, name: &str) -> Option<T> {
        self.of(table.child(name)?.as_text()?)
    }
}

/// `KEY: Type { "word" => Variant, … }`; behind `or` what is not said with a word.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident: $type:ident {
        $first:literal => $first_variant:ident $(, $word:literal => $variant:ident)* $(,)?
    } $(or $other:ident)?;)+) => { $(
        $(#[$doc])*
        pub(in crate::config) const $name: Choice<$type> = Choice {
            words: &[$first $(, $word)*],
            first: concat!("\"", $first, "\""),
            meaning: |text| match text {
                $first => Some($type::$first_variant),
                $($word => Some($type::$variant),)*
                _ => None,
            },
        };
        // Every variant has its word.
        const _: fn(&$type) = |value| match value {
            $type::$first_variant $(| $type::$variant)* $(| $type::$other(_))? => {}
        };
    )+ };
}

/// What kind of source vouches for people: the first signs them in, all others read what a proxy in front attaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum SourceType {
    Oidc,
    AwsAlb,
    GoogleIap,
    CloudflareAccess,
    AzureEasyAuth,
    Pomerium,
    OAuth2Proxy,
    Bearer,
    Custom,
}

/// The forms of a sign-out, without what belongs to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum SignOutWord {
    RpInitiated,
    Cognito,
    Local,
}

/// In which language pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum PageLanguage {
    /// The one that the browser prefers.
    Browser,
    English,
    German,
    French,
}

choices! {
    /// `log.access`
    ACCESS_LOG: AccessLog { "stdout" => Stdout, "off" => Off };
    /// `listen.proxy_protocol`
    PROXY_PROTOCOL: ProxyProtocol { "off" => Off, "any" => Any, "v1" => V1, "v2" => V2 };
    /// `identity.*.type`
    SOURCE_TYPE: SourceType {
        "oidc" => Oidc,
        "aws-alb" => AwsAlb,
        "google-iap" => GoogleIap,
        "cloudflare-access" => CloudflareAccess,
        "azure-easy-auth" => AzureEasyAuth,
        "pomerium" => Pomerium,
        "oauth2-proxy" => OAuth2Proxy,
        "bearer" => Bearer,
        "custom" => Custom,
    };
    /// `identity.*.email_verified`
    EMAIL_VERIFIED: EmailVerification { "required" => Required, "trusted-issuer" => TrustedIssuer } or Claim;
    /// `identity.*.sign_out.form`
    SIGN_OUT: SignOutWord { "rp-initiated" => RpInitiated, "cognito" => Cognito, "local" => Local };
    /// `identity.*.sign_out.method`
    SIGN_OUT_METHOD: SignOutMethod { "post" => Post, "get" => Get };
    /// `identity.*.client_auth`
    CLIENT_AUTH: ClientAuth { "basic" => Basic, "post" => Post, "private_key_jwt" => PrivateKeyJwt, "none" => None };
    /// `identity.*.response_mode`
    RESPONSE_MODE: AnswerMode { "query" => Query, "form_post" => FormPost };
    /// `identity.*.userinfo`
    USERINFO: UserInfoUse { "when-needed" => WhenNeeded, "always" => Always, "never" => Never };
    /// `pages.language`
    LANGUAGE: PageLanguage { "browser" => Browser, "en" => English, "de" => German, "fr" => French };
    /// `identity.*.outsiders`
    OUTSIDERS: Outsiders { "refuse" => Refuse, "no-embed" => NoEmbed };
    /// `embed.*.open`
    OPEN: OpenAs { "page" => Page, "redirect" => Redirect };
    /// `embed.*.frame`
    FRAME: OpenAs { "page" => Page, "redirect" => Redirect };
    /// `embed.*.renew`
    RENEW: Renew { "before" => Before, "expiry" => Expiry };
    /// `mapping[].user`
    USER: UserKind { "embed" => Embed, "internal" => Internal };
    /// `site[].deliver`
    DELIVER: Delivery { "link" => Link, "signed" => Signed };
    /// `site[].frame_src`
    FRAME_SRC: FrameSrc { "keep" => Keep, "extend" => Extend };
    /// `site[].identity_headers`
    IDENTITY_HEADERS: HeaderPreset {
        "x-forwarded" => XForwarded,
        "x-auth-request" => XAuthRequest,
        "remote" => Remote,
        "none" => None,
    };
    /// `site[].forward_groups`
    FORWARD_GROUPS: ForwardGroups { "named" => Named, "all" => All };
    /// `site[].encoding`
    ENCODING: HeaderEncoding { "ascii" => Ascii, "percent" => Percent };
    /// `site[].upstream_paths`
    UPSTREAM_PATHS: UpstreamPaths { "plain" => Plain, "windows" => Windows };
    /// `site[].upstream_host`
    UPSTREAM_HOST: SendHost { "browser" => Browser, "upstream" => Upstream };
    /// `site[].request_bodies`, `site[].route[].request_bodies`
    REQUEST_BODIES: RequestBodies { "stream" => Stream, "length" => Length };
    /// `site[].insert[].place`
    PLACE: InsertPlace { "append" => Append, "replace" => Replace };
    /// `site[].route[].access`
    ACCESS: Access { "public" => Public, "optional" => Optional, "signed-in" => SignedIn } or When;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_means_its_variant_and_no_other_text_does() {
        assert_eq!(DELIVER.of("signed"), Some(Delivery::Signed));
        assert_eq!(IDENTITY_HEADERS.of("none"), Some(HeaderPreset::None));
        assert!(matches!(ACCESS.of("signed-in"), Some(Access::SignedIn)));
        assert_eq!((DELIVER.of("Signed"), DELIVER.of(""), DELIVER.first), (None, None, "\"link\""));
    }
}
