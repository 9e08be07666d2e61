//! `sigma-gateway sign`: a real signed URL for somebody, to try an embed without signing in.

use std::{io::Write, path::PathBuf};

use anyhow::Context;

use super::person::{Rules, read_claims};
use crate::{
    config::Config,
    embed::{Minted, Viewer, mint, view_of_link},
    identity::Claims,
    seed::SeedStream,
    time::UnixSeconds,
};

/// What is said beside the URL.
const WARNING: &str =
    "warning: whoever holds this URL holds that person's access to Sigma; it works once; do not share or store it";

/// The arguments of `sign`.
#[derive(Debug, clap::Args)]
pub(super) struct SignArgs {
    /// A JSON file with the claims of somebody's ID token; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// The [identity.NAME] that vouches; needed where there is more than one
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// The embed to open
    #[arg(long, value_name = "NAME")]
    embed: String,
    /// What follows the embed's name in a stable link: `DOCUMENT-ID[/page/…]` for a wildcard, `?Control=value`
    #[arg(long, value_name = "VIEW", default_value = "")]
    view: String,
}

impl SignArgs {
    /// Prints a signed URL on standard output and a warning on standard error.
    ///
    /// # Errors
    /// Where the person may not see the embed, a name is unknown, or the file cannot be read.
    pub(super) fn run(&self, config: &Config, stream: &mut SeedStream, now: UnixSeconds) -> anyhow::Result<()> {
        let session_ends_at = now.plus(config.session.max_age);
        let claims = read_claims(&self.claims)?;
        let minted = self.minted(Rules::of(config), &claims, session_ends_at, stream, now)?;
        writeln!(std::io::stderr(), "{WARNING}")?;
        writeln!(std::io::stdout(), "{}", minted.url.expose())?;
        Ok(())
    }

    fn minted(
        &self,
        rules: Rules<'_>,
        claims: &Claims,
        session_ends_at: UnixSeconds,
        stream: &mut SeedStream,
        now: UnixSeconds,
    ) -> anyhow::Result<Minted> {
        let provider = rules.provider(self.provider.as_deref())?;
        let embed = rules.embed(&self.embed)?;
        let organization =
            rules.catalogue.organization_of(embed).context("the embed's organization is not configured")?;
        let identity = rules.identity(provider, &provider.as_read(claims)).context("sign-in would be refused")?;
        let viewer = Viewer::of(&identity, rules.mappings, session_ends_at);
        let (rest, query) = match self.view.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (self.view.as_str(), None),
        };
        let view = view_of_link(embed, rest, query).context("--view")?;
        mint(organization, embed, &view, &viewer, stream, now).context("not signed; `explain` says why")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::person::tests::{claims, finance},
        embed::tests::{NOW, SALES},
        seed::Seed,
    };

    fn signed(groups: &[&str], view: &str) -> Result<String, String> {
        let args =
            SignArgs { claims: PathBuf::from("-"), provider: None, embed: "revenue".to_owned(), view: view.to_owned() };
        let sample = finance();
        let mut stream = Seed::new([3; 32]).into_stream();
        let ends_at = UnixSeconds(NOW.0 + 600);
        args.minted(sample.rules(), &claims("ann@example.com", groups), ends_at, &mut stream, NOW)
            .map(|minted| minted.url.expose().to_owned())
            .map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn somebody_who_may_see_the_embed_gets_a_signed_url() {
        let url = signed(&["finance"], "?Region=NL&:theme=Dark").expect("a URL");
        assert!(url.starts_with(&format!("{SALES}?:jwt=")) && url.ends_with("&:embed=true&Region=NL"), "{url}");
    }

    #[test]
    fn somebody_who_may_not_gets_the_reason() {
        assert_eq!(
            signed(&["sales"], ""),
            Err("not signed; `explain` says why: viewer has no grant: not_mapped".to_owned())
        );
        let error = signed(&["finance"], "abc").expect_err("no such view");
        assert!(error.starts_with("--view: embed"), "{error}");
    }
}
