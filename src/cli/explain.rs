//! `sigma-gateway explain`: which rules fire for a person, why the others do not, and what Sigma would be told.
//! Nothing is minted.

use std::{io::Write, path::PathBuf};

use super::person::{Rules, read_claims};
use crate::{
    config::Config,
    embed::{Embed, EmbedTarget, Viewer, preview},
    identity::{Claims, Identity, Source},
    policy::{Access, AccessDecision, Grant, GrantError, Granted, RuleOutcome, Verdict, access, because, explain},
    reason::Reason,
    time::UnixSeconds,
};

/// The arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// A JSON file with the claims of somebody's ID token; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// The [identity.NAME] that vouches; needed where there is more than one
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// The embed to look at; all of them without it
    #[arg(long, value_name = "NAME")]
    embed: Option<String>,
}

impl ExplainArgs {
    /// Prints the report.
    ///
    /// # Errors
    /// Where the file cannot be read, a name is unknown, or standard output is closed.
    pub(super) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let rules = Rules::of(config);
        let source = rules.provider(self.provider.as_deref())?;
        let embed = self.embed.as_deref().map(|name| rules.embed(name)).transpose()?;
        let text = report(rules, &read_claims(&self.claims)?, source, embed);
        std::io::stdout().write_all(text.as_bytes())?;
        Ok(())
    }
}

/// The report on a person: who, every mapping, the result, the embeds (one, or all), and the routes with a condition.
fn report(rules: Rules<'_>, claims: &Claims, source: &Source, embed: Option<&Embed>) -> String {
    let claims = &*source.as_read(claims);
    let identity = match rules.identity(source, claims) {
        Ok(identity) => identity,
        Err(error) => return format!("sign-in at {:?} would be refused: {error}\n", source.settings().name.as_str()),
    };
    let viewer = Viewer::of(&identity, rules.mappings, UnixSeconds(u64::MAX));
    let counted = explain(&identity, rules.mappings);
    let mut lines = person(&identity);
    lines.extend(outcomes(rules, counted.rules, &identity, claims).iter().flat_map(mapping));
    lines.extend(result(&counted.result));
    for embed in rules.catalogue.embeds.values().filter(|one| embed.is_none_or(|wanted| wanted.name == one.name)) {
        lines.extend(told(rules, embed, &viewer));
    }
    lines.extend(routes(rules, &identity, claims));
    lines.push(String::new());
    lines.join("\n")
}

/// What the rules say about a session's projected claims, told with the whole claims: there `groups` are not cut down
/// to what the rules ask for. Where the two differ (an address that may not be used is no claim either) the session
/// counts.
fn outcomes(rules: Rules<'_>, counted: Vec<RuleOutcome>, identity: &Identity, claims: &Claims) -> Vec<RuleOutcome> {
    let whole = Identity { claims: claims.clone(), ..identity.clone() };
    let told = explain(&whole, rules.mappings).rules;
    told.into_iter()
        .zip(counted)
        .map(|(told, counts)| if told.verdict == counts.verdict { told } else { counts })
        .collect()
}

fn person(identity: &Identity) -> Vec<String> {
    let email = match &identity.email {
        Ok(email) => email.as_str().to_owned(),
        Err(reason) => format!("none that may be used: {reason}"),
    };
    vec![
        format!("provider: {}", identity.provider),
        format!("subject:  {}", identity.subject),
        format!("e-mail:   {email}"),
    ]
}

fn mapping(outcome: &RuleOutcome) -> Vec<String> {
    let matched = match outcome.verdict {
        Verdict::True => "matches".to_owned(),
        Verdict::False => "does not match".to_owned(),
        Verdict::Unknown => format!("does not match ({})", Reason::ClaimUnknown),
    };
    let mut lines = vec![String::new(), format!("mapping {}: {matched}", outcome.name)];
    lines.extend(outcome.because.iter().map(|sentence| format!("  {sentence}")));
    lines
}

fn result(result: &Result<Granted, GrantError>) -> Vec<String> {
    let granted = match result {
        Err(error) => return vec![String::new(), format!("result: nothing in Sigma: {} ({error})", error.reason())],
        Ok(granted) => granted,
    };
    let from = granted.mappings.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    match &granted.grant {
        Grant::Internal => vec![String::new(), format!("result: internal user, from {from}")],
        Grant::Embed(grant) => {
            let attributes = grant.user_attributes.iter().map(|(name, value)| format!("  attribute {name}: {value:?}"));
            let mut lines = vec![String::new(), format!("result: embed user, from {from}")];
            lines.push(format!("  teams: {}", grant.teams.join(", ")));
            lines.push(format!("  account type: {}", grant.account_type));
            lines.extend(attributes);
            lines
        }
    }
}

/// What Sigma would be told if the person looked at the embed now.
fn told(rules: Rules<'_>, embed: &Embed, viewer: &Viewer) -> Vec<String> {
    let mut lines = vec![String::new(), format!("embed {} ({})", embed.name, target(embed))];
    let Some(organization) = rules.catalogue.organization_of(embed) else {
        lines.push("  not shown: its organization is not configured".to_owned());
        return lines;
    };
    match preview(organization, embed, viewer) {
        Err(error) => lines.push(format!("  not shown: {} ({error})", error.reason())),
        Ok(claims) => {
            lines.push("  shown; Sigma would be told:".to_owned());
            lines.extend(claims.iter().map(|(name, value)| format!("    {name}: {value}")));
            let seconds = organization.session_length.as_secs();
            lines.push(format!("    jti, iat, exp: new with every mint; exp at most {seconds} s after iat"));
        }
    }
    lines
}

/// Every route with a condition, of the sites at which the provider signs people in.
fn routes(rules: Rules<'_>, identity: &Identity, claims: &Claims) -> Vec<String> {
    let whole = Identity { claims: claims.clone(), ..identity.clone() };
    let mut lines = Vec::new();
    for site in rules.sites.iter().filter(|site| site.takes(&identity.provider)) {
        for route in &site.routes {
            let Access::When(condition) = &route.access else { continue };
            let decided = match access(&route.access, Some(identity)) {
                AccessDecision::Allow | AccessDecision::AllowAnonymous => "allowed".to_owned(),
                AccessDecision::SignIn => format!("refused ({})", Reason::NotSignedIn),
                AccessDecision::Deny => format!("refused ({})", Reason::AccessDenied),
                AccessDecision::Unknown => format!("refused ({})", Reason::ClaimUnknown),
            };
            let counts = if condition.verdict(&whole) == condition.verdict(identity) { &whole } else { identity };
            let path = route.path.as_str();
            lines.extend([String::new(), format!("route {path} of {}: {decided}", site.origin)]);
            lines.extend(because(counts, condition).iter().map(|sentence| format!("  {sentence}")));
        }
    }
    lines
}

fn target(embed: &Embed) -> String {
    match &embed.target {
        EmbedTarget::One(url) => url.to_string(),
        EmbedTarget::AnyWorkbook(slug) => format!("/{slug}/workbook/*"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        cli::person::tests::{Sample, claims, finance},
        identity::{AssertionSettings, Preset, ProviderName, testing::of_assertions},
        policy::{
            Mapping,
            tests::{boolean, claim, complete, glob, internal},
        },
    };

    fn report_on(sample: &Sample, claims: &Claims) -> String {
        report(sample.rules(), claims, &sample.providers[&ProviderName::parse("corp").unwrap()], None)
    }

    #[test]
    fn a_member_is_told_which_rule_fired_and_what_sigma_would_be_told() {
        let report = report_on(&finance(), &claims("ann@example.com", &["finance"]));
        assert_eq!(
            report,
            r#"provider: corp
subject:  u-1
e-mail:   ann@example.com

mapping finance: matches
  groups: asked for "finance", found ["finance"]

result: embed user, from finance
  teams: Finance
  account type: View

embed revenue (/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe)
  shown; Sigma would be told:
    account_type: "View"
    aud: "sigmacomputing"
    iss: "client-1"
    sub: "ann@example.com"
    teams: ["Finance"]
    ver: "1.1"
    jti, iat, exp: new with every mint; exp at most 3600 s after iat
"#
        );
    }

    #[test]
    fn a_flag_that_a_load_balancer_writes_as_a_text_is_one_here_as_in_the_gateway() {
        let mut sample = Sample::new(vec![Mapping {
            when: claim("email_verified", vec![boolean(true)]),
            ..complete("verified", "Finance", "View")
        }]);
        let told = |sample: &Sample, flag: &str| {
            let mut claims = claims("ann@example.com", &[]);
            claims.0.insert("email_verified".to_owned(), flag.into());
            report_on(sample, &claims)
        };
        assert!(told(&sample, "true").contains("e-mail:   none that may be used: email_unverified"));
        let name = ProviderName::parse("corp").unwrap();
        let corp = sample.providers[&name].settings().clone();
        let preset = Preset::AwsAlb { signers: Vec::new(), client_id: "alb".to_owned() };
        let attached = AssertionSettings { source: corp, preset, ..of_assertions() };
        sample.providers.insert(name, Source::Assertion(Arc::new(attached)));
        let report = told(&sample, "true");
        assert!(report.contains("e-mail:   ann@example.com\n") && report.contains("verified: matches"), "{report}");
        let report = told(&sample, "false");
        assert!(report.contains("none that may be used: email_unverified"), "{report}");
        assert!(report.contains("verified: does not match\n"), "{report}");
    }

    #[test]
    fn a_stranger_is_told_what_was_asked_for_and_what_was_found() {
        let report = report_on(&finance(), &claims("ann@example.com", &["sales"]));
        assert!(
            report.contains("mapping finance: does not match\n  groups: asked for \"finance\", found [\"sales\"]\n")
        );
        assert!(report.contains("result: nothing in Sigma: not_mapped (no mapping matches)\n"));
        assert!(report.contains("  not shown: not_mapped ("));
    }

    #[test]
    fn a_conflict_of_user_kinds_is_named() {
        let sample = Sample::new(vec![complete("finance", "Finance", "View"), internal("staff")]);
        let report = report_on(&sample, &claims("ann@example.com", &["finance", "staff"]));
        assert!(report.contains("result: nothing in Sigma: user_kind_conflict ("), "{report}");
        let report = report_on(&sample, &claims("ann@example.com", &["staff"]));
        assert!(report.contains("result: internal user, from staff\n"), "{report}");
        assert!(!report.contains("account_type: "), "{report}");
    }

    #[test]
    fn an_address_of_another_domain_maps_but_is_not_shown_an_embed() {
        let report = report_on(&finance(), &claims("ann@evil.example", &["finance"]));
        assert!(report.contains("e-mail:   none that may be used: email_domain\n"), "{report}");
        assert!(report.contains("  not shown: email_domain ("), "{report}");
    }

    #[test]
    fn an_address_that_may_not_be_used_matches_no_rule() {
        let when = claim("email", vec![glob("*@evil.example")]);
        let sample = Sample::new(vec![Mapping { when, ..complete("all", "All", "View") }]);
        let report = report_on(&sample, &claims("ann@evil.example", &[]));
        let expected = "mapping all: does not match (claim_unknown)\n  email: asked for glob \"*@evil.example\", found nothing: unknown (there is no verified address (email_domain))\n";
        assert!(report.contains(expected), "{report}");
    }

    #[test]
    fn the_secret_is_not_in_a_report() {
        assert!(!report_on(&finance(), &claims("ann@example.com", &["finance"])).contains("embed secret"));
    }

    #[test]
    fn a_route_with_a_condition_is_told_with_its_answer_and_why() {
        const STAFF: &str = "[[site.route]]\npath = \"/staff/\"\naccess = { when = { not = { groups = \"ext\" } } }\n";
        let config = crate::decide::tests::config(|text| text + STAFF);
        let (rules, provider) = (Rules::of(&config), config.providers.values().next().expect("a provider"));
        for (groups, told) in [
            (
                &["sales"][..],
                "route /staff/ of https://crm.example.com: allowed\n  not (groups: asked for \"ext\", found [\"sales\"])\n",
            ),
            (
                &["ext"],
                "route /staff/ of https://crm.example.com: refused (access_denied)\n  not (groups: asked for \"ext\", found [\"ext\"])\n",
            ),
            (
                &["CN=ext,OU=x"],
                "route /staff/ of https://crm.example.com: refused (claim_unknown)\n  not (groups: asked for \"ext\", found [\"CN=ext,OU=x\"]: unknown (",
            ),
        ] {
            let report = report(rules, &claims("ann@example.com", groups), provider, None);
            assert!(report.contains(told), "{report}");
            assert!(!report.contains("/public/"), "only conditions are told");
        }
    }
}
