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
    /// Prints the report; with a configuration the signature is checked as well.
    ///
    /// # Errors
    /// Where there is no token in the text.
    pub(super) fn run(&self, config: Option<&Config>, now: UnixSeconds) -> anyhow::Result<()> {
        let text = match &self.text {
            Some(text) => text.clone(),
            None => std::io::read_to_string(std::io::stdin().take(CONFIG_BYTES_MAX))?,
        };
        let report = report(&text, config.map(|config| &config.catalogue.organizations), now)?;
        std::io::stdout().write_all(report.as_bytes())?;
        Ok(())
    }
}

impl std::fmt::Debug for InspectArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InspectArgs(redacted)")
    }
}

type Organizations = BTreeMap<Slug, Organization>;

fn report(text: &str, organizations: Option<&Organizations>, now: UnixSeconds) -> Result<String, TokenError> {
    let tokens = tokens(text.trim());
    let token = inspect(tokens.first().copied().unwrap_or_default())?;
    let mut findings = findings(&token, now);
    if tokens.len() > 1 {
        findings.push(Finding::Note(format!("the URL has {} tokens; this is the first", tokens.len())));
    }
    let mut lines = object("header", &token.header);
    lines.extend(object("claims", &token.claims));
    lines.push(format!("signature: {}", signature(&token, organizations)));
    lines.extend(findings.iter().map(ToString::to_string));
    lines.push(String::new());
    Ok(lines.join("\n"))
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

fn signature(token: &UnverifiedToken, organizations: Option<&Organizations>) -> String {
    let Some(organizations) = organizations else { return "not checked; give --config to check it".to_owned() };
    let kid = token.header.get("kid").and_then(Value::as_str).unwrap_or_default();
    match organizations.values().find(|organization| organization.client_id == kid) {
        None => "not checked: no [sigma.*] has this kid as its client_id".to_owned(),
        Some(own) if token.is_signed_with(&own.secret) => format!("good, by [sigma.{}]", own.slug.0),
        Some(own) => format!("WRONG: not made with the secret of [sigma.{}]", own.slug.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        embed::{
            mint,
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
        let report = report(&format!("{}\n", url()), Some(&organizations(acme())), NOW).expect("a report");
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
            let report = report(text, None, NOW).expect("a report");
            assert!(report.ends_with("signature: not checked; give --config to check it\n"), "{report}");
        }
    }

    #[test]
    fn another_secret_and_an_unknown_key_are_told_apart() {
        let shown = |organization| report(&url(), Some(&organizations(organization)), NOW).expect("a report");
        let rotated = Organization { secret: Secret::new("another".to_owned()), ..acme() };
        let other = Organization { client_id: "client-2".to_owned(), ..acme() };
        assert!(shown(rotated).ends_with("signature: WRONG: not made with the secret of [sigma.acme]\n"));
        assert!(shown(other).ends_with("signature: not checked: no [sigma.*] has this kid as its client_id\n"));
    }

    #[test]
    fn an_expired_token_and_a_second_one_are_marked() {
        let twice = format!("{}&:jwt=x", url());
        let report = report(&twice, None, UnixSeconds(NOW.0 + 3600)).expect("a report");
        assert!(report.contains("\nrefused: exp: in the past\n"), "{report}");
        assert!(report.contains("\nnote: the URL has 2 tokens; this is the first\n"), "{report}");
    }

    #[test]
    fn a_text_without_a_token_is_an_error() {
        assert_eq!(report("https://app.sigmacomputing.com/acme?x=y", None, NOW), Err(TokenError::Parts));
        assert_eq!(report("", None, NOW), Err(TokenError::Parts));
    }
}
