//! Somebody for `explain` and `sign`: claims from a file, looked at as a sign-in would look at them.

use std::{collections::BTreeMap, io::Read, path::Path, sync::Arc};

use anyhow::{Context, bail};

use crate::{
    config::{Config, Site},
    embed::{Catalogue, Embed},
    identity::{Claims, Identity, IdentityError, ProviderName, SessionRules, Source},
    limits::CONFIG_BYTES_MAX,
    policy::Mapping,
};

/// What of the configuration decides about a person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'c> {
    pub(super) providers: &'c BTreeMap<ProviderName, Source>,
    pub(super) mappings: &'c [Mapping],
    pub(super) catalogue: &'c Catalogue,
    pub(super) session: &'c SessionRules,
    pub(super) sites: &'c [Arc<Site>],
}

impl<'c> Rules<'c> {
    pub(super) fn of(config: &'c Config) -> Self {
        Self {
            providers: &config.providers,
            mappings: &config.mappings,
            catalogue: &config.catalogue,
            session: &config.session,
            sites: &config.sites,
        }
    }

    /// The provider of that name, or the only one there is.
    pub(super) fn provider(&self, name: Option<&str>) -> anyhow::Result<&'c Source> {
        let names = || self.providers.keys().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let mut providers = self.providers.values();
        match (name, providers.next(), providers.next()) {
            (Some(name), ..) => match self.providers.get(name) {
                Some(source) => Ok(source),
                None => bail!("no [identity.{name}]: write --provider with one of {}", names()),
            },
            (None, Some(only), None) => Ok(only),
            (None, ..) => bail!("there is not exactly one [identity]: write --provider with one of {}", names()),
        }
    }

    pub(super) fn embed(&self, name: &str) -> anyhow::Result<&'c Embed> {
        let names = || self.catalogue.embeds.keys().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        self.catalogue
            .by_name(name)
            .map(AsRef::as_ref)
            .with_context(|| format!("no [embed.{name}]: write --embed with one of {}", names()))
    }

    /// The identity as a session would hold it: checked as at sign-in, of claims [as they are read](Source::as_read), projected.
    pub(super) fn identity(&self, source: &Source, read: &Claims) -> Result<Identity, IdentityError> {
        let settings = source.settings();
        Identity::from_claims(settings, read, self.session.projection_of(&settings.name))
    }
}

/// Reads claims from a file, or from standard input for `-`.
pub(super) fn read_claims(path: &Path) -> anyhow::Result<Claims> {
    let source: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?)
    };
    let mut text = Vec::new();
    source.take(CONFIG_BYTES_MAX).read_to_end(&mut text).with_context(|| format!("cannot read {}", path.display()))?;
    // As strict as with an ID token: no doubled member, no bottomless nesting.
    Claims::parse_strict(&text).with_context(|| format!("{}: expected one JSON object with claims", path.display()))
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        embed::tests::{catalogue, revenue},
        identity::{
            OidcSettings, Projection, SourceSettings,
            testing::{session_rules, settings},
        },
        policy::tests::complete,
    };

    pub(in crate::cli) fn provider(name: &str) -> Source {
        let plain = settings("https://login.example.com");
        let name = ProviderName::parse(name).expect("a name");
        let source = SourceSettings { label: name.to_string(), name, ..plain.source };
        Source::Oidc(Box::new(OidcSettings { source, ..plain }))
    }

    /// A configuration with one provider, one mapping `finance` and one embed `revenue`.
    pub(in crate::cli) struct Sample {
        pub(in crate::cli) providers: BTreeMap<ProviderName, Source>,
        pub(in crate::cli) mappings: Vec<Mapping>,
        pub(in crate::cli) catalogue: Catalogue,
        session: SessionRules,
    }

    impl Sample {
        pub(in crate::cli) fn new(mappings: Vec<Mapping>) -> Self {
            let corp = ProviderName::parse("corp").expect("a name");
            let mut projection = Projection::default();
            mappings.iter().for_each(|mapping| mapping.project_of(&corp, &mut projection));
            Self {
                providers: [(corp, provider("corp"))].into(),
                mappings,
                catalogue: catalogue([revenue()]),
                session: session_rules(projection),
            }
        }

        pub(in crate::cli) fn rules(&self) -> Rules<'_> {
            Rules {
                providers: &self.providers,
                mappings: &self.mappings,
                catalogue: &self.catalogue,
                session: &self.session,
                sites: &[],
            }
        }
    }

    pub(in crate::cli) fn finance() -> Sample {
        Sample::new(vec![complete("finance", "Finance", "View")])
    }

    /// The claims of a verified address, with those groups.
    pub(in crate::cli) fn claims(email: &str, groups: &[&str]) -> Claims {
        let claims = json!({
            "iss": "https://login.example.com", "sub": "u-1", "email": email, "email_verified": true, "groups": groups,
        });
        serde_json::from_value(claims).expect("an object")
    }

    #[test]
    fn the_only_provider_needs_no_name_and_one_of_two_does() {
        let mut sample = finance();
        assert_eq!(sample.rules().provider(None).expect("a provider").settings().name.as_str(), "corp");
        sample.providers.insert(ProviderName::parse("partners").expect("a name"), provider("partners"));
        assert_eq!(sample.rules().provider(Some("partners")).expect("a provider").settings().name.as_str(), "partners");
        let text = |name| sample.rules().provider(name).expect_err("no provider").to_string();
        assert_eq!(text(None), "there is not exactly one [identity]: write --provider with one of corp, partners");
        assert_eq!(text(Some("x")), "no [identity.x]: write --provider with one of corp, partners");
    }

    #[test]
    fn an_unknown_embed_is_answered_with_the_known_ones() {
        let text = finance().rules().embed("x").expect_err("no embed").to_string();
        assert_eq!(text, "no [embed.x]: write --embed with one of revenue");
    }

    #[test]
    fn claims_are_one_json_object() {
        let file = |text: &str| {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), text).expect("a file");
            read_claims(file.path())
        };
        assert_eq!(file("{\"sub\":\"u\"}").expect("claims").0["sub"], "u");
        assert!(file("[]").is_err());
        assert!(file("{} {}").is_err());
        assert!(read_claims(Path::new("/nonexistent/claims.json")).is_err());
    }
}
