//! The page to choose a provider, where a site has several.

use super::{Asked, Said};
use crate::{
    decide::Facts,
    identity::{Purpose, ReturnTo},
    reply::{self, AddressForm, ProviderChoice},
};

/// Nobody has chosen yet: each choice is a link that begins the sign-in; the last one stands first.
#[must_use]
pub(super) fn choose(asked: &mut Asked<'_>, return_to: &ReturnTo) -> Said {
    let facts = asked.facts;
    let (name, value) = place_parameter(facts, return_to, asked.stream.bytes());
    let start = facts.config.paths.start();
    let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string();
    let remembered = facts.cookies.last_provider();
    let mut sources: Vec<_> = facts.site().sign_in.iter().filter_map(|name| facts.config.providers.get(name)).collect();
    sources.sort_by_key(|source| Some(source.settings().name.as_str()) != remembered);
    let link = |provider: &str| format!("{start}?provider={provider}&{name}={encoded}");
    let settings = sources.into_iter().map(|source| source.settings());
    let providers = settings.map(|source| (source.label.as_str(), link(source.name.as_str()))).collect();
    let address = facts.site().ask_email.then(|| AddressForm {
        action: start.clone(),
        place: (name, value.clone()),
        is_unknown: facts.is_start() && facts.parameter("email").is_some(),
    });
    Said::new(reply::choice(facts.context(), &ProviderChoice { providers, address }))
}

/// The parameter that leads there: an `rd` that everybody may write, or a sealed one for what was asked of us and no `rd` can name.
pub(super) fn place_parameter(facts: &Facts, return_to: &ReturnTo, nonce: [u8; 12]) -> (&'static str, String) {
    if facts.can_be_named(return_to) {
        return ("rd", return_to.as_str().to_owned());
    }
    let plain = serde_json::to_vec(return_to).expect("a text is JSON");
    ("place", facts.config.session.keys.seal(Purpose::ReturnTo, facts.place.site_name(), &plain, nonce))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Config,
        decide::{
            WayBack,
            tests::{ann, config, facts_under},
        },
        endpoints::{
            callback, may_begin,
            sign_in::Round,
            sign_out,
            tests::{ann_signed_in, cookies, hearing, nobody, redeemed, stream},
        },
        identity::LoginError,
    };
    use std::sync::Arc;

    /// A site with two providers; the second vouches for partner.example.
    fn with_two(more: &str) -> Arc<Config> {
        let second = r#"[identity.partners]
type = "oidc"
label = "Partners & friends"
issuer = "https://partners.example.com"
client_id = "sigma-gateway"
client_secret = { env = "SECRET" }
email_domains = ["partner.example"]
[embed.revenue]"#;
        let site = format!("[[site]]\nsign_in = [\"corp\", \"partners\"]\n{more}");
        config(|text| text.replace("[embed.revenue]", second).replace("[[site]]", &site))
    }

    fn begun(config: &Arc<Config>, head: &str) -> Result<String, String> {
        let facts = facts_under(config, head, nobody());
        let back = if facts.is_start() { WayBack::Parameter } else { WayBack::Here };
        let return_to = facts.return_to(back);
        let mut stream = stream();
        let begun = may_begin(&mut Asked::new(&facts, &mut stream), &return_to);
        let name = |round: Round<'_>| format!("{} {}", round.settings.source.name.as_str(), return_to.as_str());
        begun.map(name).map_err(|said| String::from_utf8(said.answer.body().to_vec()).unwrap())
    }

    /// The links of a page, as a browser reads them.
    fn links(page: &str) -> Vec<String> {
        page.split("href=\"/oauth2").skip(1).map(|rest| format!("/oauth2{}", rest.split('"').next().unwrap())).collect()
    }

    #[test]
    fn nobody_has_chosen_yet_so_there_is_a_page_and_each_of_its_links_chooses_and_leads_back() {
        let config = with_two("");
        for place in ["/reports/q3?x=1", "/a?u=https://other.example/", "/x%5Cy", "//other.example/"] {
            let page = begun(&config, &format!("GET {place}")).unwrap_err();
            assert!(page.contains("corp") && page.contains("Partners &amp; friends"), "{page}");
            let links: Vec<_> = links(&page).iter().map(|link| link.replace("&amp;", "&")).collect();
            let led: Vec<_> = links.iter().map(|link| begun(&config, &format!("GET {link}")).unwrap()).collect();
            assert_eq!(led, [format!("corp {place}"), format!("partners {place}")]);
            let with_fragment = begun(&config, &format!("GET {}&fragment=part%2F2", links[0])).unwrap();
            assert_eq!(with_fragment, format!("corp {place}#part/2"));
        }
    }

    #[test]
    fn the_last_choice_is_gone_by_unless_a_link_says_another_and_parameters_of_the_application_say_nothing() {
        let config = with_two("");
        let last = "cookie: __Host-sg-p=partners";
        assert_eq!(begun(&config, &format!("GET /a\n{last}")).unwrap(), "partners /a");
        assert_eq!(begun(&config, &format!("GET /oauth2/start?provider=corp\n{last}")).unwrap(), "corp /");
        assert_eq!(begun(&config, &format!("GET /a?provider=corp\n{last}")).unwrap(), "partners /a?provider=corp");
        for head in ["GET /a?provider=corp", "GET /a\ncookie: __Host-sg-p=other", "GET /oauth2/start?provider=%3Cb%3Ex"]
        {
            assert!(begun(&config, head).is_err_and(|page| !page.contains("<b>x")), "{head}");
        }
        let page = begun(&config, &format!("GET /oauth2/start?provider=\n{last}")).unwrap_err();
        assert!(page.find("Partners").unwrap() < page.find(">corp<").unwrap(), "the last one stands first: {page}");
    }

    #[test]
    fn an_address_chooses_by_its_domain_where_it_is_asked_for() {
        let (asking, not) = (with_two("ask_email = true\n"), with_two(""));
        let of = |address: &str| format!("GET /oauth2/start?rd=%2Fx&email={address}");
        assert_eq!(begun(&asking, &of("b%40Partner.example")).unwrap(), "partners /x");
        assert_eq!(begun(&asking, &of("a%40example.com")).unwrap(), "corp /x");
        let page = begun(&asking, &of("a%40other.example")).unwrap_err();
        assert!(page.contains("No sign-in belongs to that address") && !page.contains("other.example"), "{page}");
        assert!(begun(&asking, "GET /x").unwrap_err().contains("type=\"email\""));
        assert!(begun(&not, &of("b%40partner.example")).is_err_and(|page| !page.contains("type=\"email\"")));
    }

    /// Otherwise whoever chose wrongly, or leaves a shared browser, would be led to the same provider again and again.
    #[test]
    fn a_choice_is_remembered_when_it_has_worked_and_forgotten_when_it_fails_or_ends() {
        let config = with_two("");
        let at = |head: &str, asker| facts_under(&config, head, asker);
        let of_choice =
            |said: &Said| cookies(said).into_iter().filter(|name| name.ends_with("sg-p")).collect::<Vec<_>>();
        let done = hearing(
            &at("GET /oauth2/callback", nobody()),
            redeemed(ReturnTo::default(), Ok(ann_signed_in())),
            callback,
        );
        assert_eq!(of_choice(&done), ["__Host-sg-p"]);
        let last = "cookie: __Host-sg-p=corp";
        let failed = redeemed(ReturnTo::default(), Err(LoginError::AttemptExpired));
        let failed = hearing(&at(&format!("GET /oauth2/callback\n{last}"), nobody()), failed, callback);
        assert_eq!(of_choice(&failed), ["-__Host-sg-p"]);
        let out = hearing(&at(&format!("POST /oauth2/sign_out\n{last}"), ann(&[])), None, sign_out);
        assert_eq!(of_choice(&out), ["-__Host-sg-p"]);
    }
}
