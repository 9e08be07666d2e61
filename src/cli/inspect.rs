//! `sigma-gateway inspect`: a signed URL or its token taken apart, with what Sigma would refuse.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
};

use serde_json::{Map, Value};

use super::findings::{Finding, findings};
use crate::{
    config::Config,
    embed::{Organization, Slug, TokenError, UnverifiedToken, inspect},
    limits::CONFIG_BYTES_MAX,
    time::UnixSeconds,
};

/// The arguments of `inspect`. Their `Debug` shows nothing: the URL may still be good.
#[derive(clap::Args)]
pub(super) struct InspectArgs {
    /// A signed URL or a token; without it, standard input (other users of the machine can see arguments)
    #[arg(value_name = "URL")]
    text: Option<String>,
}

impl InspectArgs {
    /// Prints the report; with a configuration the signature is checked as well, and the token must hold.
    ///
    /// # Errors
    /// Where there is no token in the text, and, after the report, an [`Objection`].
    pub(super) fn run(&self, config: Option<&Config>, now: UnixSeconds) -> anyhow::Result<()> {
        let text = match &self.text {
            Some(text) => text.clone(),
            None => std::io::read_to_string(std::io::stdin().take(CONFIG_BYTES_MAX))?,
        };
        let report = report(&text, config.map(|config| &config.catalogue.organizations), now)?;
        std::io::stdout().write_all(report.text.as_bytes())?;
        report.objection.map_or(Ok(()), |objection| Err(objection.into()))
    }
}

impl std::fmt::Debug for InspectArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InspectArgs(redacted)")
    }
}

type Organizations = BTreeMap<Slug, Organization>;

/// What is printed, and why a token that was held against a configuration does not hold.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    text: String,
    objection: Option<Objection>,
}

/// The first thing that is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Objection {
    #[error("the signature is wrong")]
    WrongSignature,
    #[error("the signature was not checked")]
    UnknownKey,
    #[error("Sigma would refuse this token")]
    Refused,
}

/// How the signature stands to the secrets of a configuration.
enum Signature<'a> {
    NotAsked,
    UnknownKey,
    Wrong(&'a Slug),
    Good(&'a Slug),
}

fn report(text: &str, organizations: Option<&Organizations>, now: UnixSeconds) -> Result<Report, TokenError> {
    let tokens = tokens(text.trim());
    let token = inspect(tokens.first().copied().unwrap_or_default())?;
    let mut findings = findings(&token, now);
    if tokens.len() > 1 {
        findings.push(Finding::Note(format!("the URL has {} tokens; this is the first", tokens.len())));
    }
    let mut lines = object("header", &token.header);
    lines.extend(object("claims", &token.claims));
    let signature = Signature::of(&token, organizations);
    lines.push(format!("signature: {signature}"));
    lines.extend(findings.iter().map(ToString::to_string));
    lines.push(String::new());
    Ok(Report { text: lines.join("\n"), objection: signature.objection(&findings) })
}

/// The values of `:jwt` in a URL; a text that is no URL is a token itself.
fn tokens(text: &str) -> Vec<&str> {
    let Some((_, query)) = text.split_once('?') else { return vec![text] };
    let query = query.split('#').next().unwrap_or_default();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| matches!(*name, ":jwt" | "%3Ajwt" | "%3ajwt")).map(|(_, token)| token).collect()
}

fn object(name: &str, object: &Map<String, Value>) -> Vec<String> {
    let members = object.iter().map(|(name, value)| format!("  {name}: {value}{}", moment(name, value)));
    std::iter::once(format!("{name}:")).chain(members).collect()
}

/// The date of a claim that is one.
fn moment(name: &str, value: &Value) -> String {
    let seconds = value.as_i64().filter(|_| matches!(name, "iat" | "exp"));
    let moment = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.map(|moment| format!(" ({moment})")).unwrap_or_default()
}

impl<'a> Signature<'a> {
    fn of(token: &UnverifiedToken, organizations: Option<&'a Organizations>) -> Self {
        let Some(organizations) = organizations else { return Self::NotAsked };
        let kid = token.header.get("kid").and_then(Value::as_str).unwrap_or_default();
        match organizations.values().find(|organization| organization.client_id == kid) {
            None => Self::UnknownKey,
            Some(own) if token.is_signed_with(&own.key) => Self::Good(&own.slug),
            Some(own) => Self::Wrong(&own.slug),
        }
    }

    /// Without a configuration a token is only shown.
    fn objection(&self, findings: &[Finding]) -> Option<Objection> {
        match self {
            Self::NotAsked => None,
            Self::UnknownKey => Some(Objection::UnknownKey),
            Self::Wrong(_) => Some(Objection::WrongSignature),
            Self::Good(_) => {
                let is_refused = findings.iter().any(|finding| matches!(finding, Finding::Refused(_)));
                is_refused.then_some(Objection::Refused)
            }
        }
    }
}

impl std::fmt::Display for Signature<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAsked => f.write_str("not checked; give --config to check it"),
            Self::UnknownKey => f.write_str("not checked: no [sigma.*] has this kid as its client_id"),
            Self::Wrong(slug) => write!(f, "WRONG: not made with the secret of [sigma.{slug}]"),
            Self::Good(slug) => write!(f, "good, by [sigma.{slug}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        embed::{
            SigningKey, mint,
            tests::{NOW, acme, ann, revenue, view},
        },
        secret::Secret,
        seed::Seed,
    };

    fn url() -> String {
        let mut stream = Seed::new([5; 32]).into_stream();
        let minted = mint(&acme(), &revenue(), &view(&revenue()), &ann(), &mut stream, NOW).expect("a URL");
        minted.url.expose().to_owned()
    }

    fn organizations(organization: Organization) -> Organizations {
        [(organization.slug.clone(), organization)].into()
    }

    #[test]
    fn a_signed_url_is_shown_with_its_good_signature() {
        let Report { text: report, objection } =
            report(&format!("{}\n", url()), Some(&organizations(acme())), NOW).expect("a report");
        assert_eq!(objection, None);
        assert!(report.contains("  kid: \"client-1\"\n"), "{report}");
        assert!(report.contains("  sub: \"ann+x@example.com\"\n"), "{report}");
        assert!(report.contains("  iat: 1790000000 (2026-09-21T14:13:20Z)\n"), "{report}");
        assert!(report.ends_with("signature: good, by [sigma.acme]\n"), "{report}");
    }

    #[test]
    fn the_bare_token_and_an_encoded_parameter_are_read_as_well() {
        let url = url();
        let encoded = url.replace(":jwt", "%3Ajwt");
        let token = tokens(&url)[0];
        for text in [token, encoded.as_str()] {
            let report = report(text, None, NOW).expect("a report").text;
            assert!(report.ends_with("signature: not checked; give --config to check it\n"), "{report}");
        }
    }

    #[test]
    fn another_secret_and_an_unknown_key_are_told_apart() {
        let shown = |organization| report(&url(), Some(&organizations(organization)), NOW).expect("a report");
        let rotated = Organization { key: SigningKey::new("client-1", &Secret::new("another".to_owned())), ..acme() };
        let other = Organization { client_id: "client-2".to_owned(), ..acme() };
        let (rotated, other) = (shown(rotated), shown(other));
        assert!(rotated.text.ends_with("signature: WRONG: not made with the secret of [sigma.acme]\n"));
        assert!(other.text.ends_with("signature: not checked: no [sigma.*] has this kid as its client_id\n"));
        let objections = (rotated.objection, other.objection);
        assert_eq!(objections, (Some(Objection::WrongSignature), Some(Objection::UnknownKey)));
    }

    #[test]
    fn a_token_that_sigma_refuses_does_not_hold_however_good_its_signature() {
        let at = |later| report(&url(), Some(&organizations(acme())), UnixSeconds(NOW.0 + later)).expect("a report");
        assert_eq!((at(0).objection, at(3_600).objection), (None, Some(Objection::Refused)));
        assert!(at(3_600).text.contains("signature: good, by [sigma.acme]\nrefused: exp: in the past\n"));
    }

    #[test]
    fn an_expired_token_and_a_second_one_are_marked() {
        let twice = format!("{}&:jwt=x", url());
        let Report { text: report, objection } = report(&twice, None, UnixSeconds(NOW.0 + 3600)).expect("a report");
        assert_eq!(objection, None, "without a configuration it is only shown");
        assert!(report.contains("\nrefused: exp: in the past\n"), "{report}");
        assert!(report.contains("\nnote: the URL has 2 tokens; this is the first\n"), "{report}");
    }

    #[test]
    fn a_text_without_a_token_is_an_error() {
        assert_eq!(report("https://app.sigmacomputing.com/acme?x=y", None, NOW), Err(TokenError::Parts));
        assert_eq!(report("", None, NOW), Err(TokenError::Parts));
    }
}
