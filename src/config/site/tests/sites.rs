//! `[[site]]`, and what stands in it.

use std::{sync::Arc, time::Duration};

use http::HeaderName;

use crate::{
    config::{
        Site,
        testing::{SMALL, and, config, of_two, refused, warnings, with},
    },
    embed::Delivery,
    identity::{HostCookie, SetCookie},
    reply::TransportSecurity,
    request::{HostName, NormalPath, PathError, SiteIndex},
    rewrite::FrameSrc,
};

const URL: &str = "https://crm.example.com";
const UPSTREAM: &str = "http://10.0.0.5:8000";

fn site(text: &str) -> Site {
    Arc::unwrap_or_clone(config(text).sites.remove(0))
}

#[test]
fn a_site_has_defaults() {
    let site = site(SMALL);
    assert_eq!((names(&site), site.forward.as_ref().unwrap().waits.answer.as_secs()), (vec!["corp"], 60));
    assert!(site.forward.as_ref().unwrap().identity_headers.has(&HeaderName::from_static("x-forwarded-user")));
    assert_eq!(site.forward.as_ref().unwrap().fixed.host, "crm.example.com", "what the browser sent");
    assert_eq!((site.rewrite.delivery(), site.rewrite.embeds().len()), (Delivery::Link, 1));
    assert_eq!((site.name.as_str(), site.url.port()), ("crm.example.com", None));
    assert_eq!(site.rewrite.frame_src(), FrameSrc::Keep);
}

#[test]
fn every_choice_of_a_site_is_heard() {
    let site = site(&and(
        "deliver = \"signed\"\nframe_src = \"extend\"\nidentity_headers = \"remote\"\nupstream_host = \"upstream\"\nupstream_timeout = \"5s\"\nforget_cookies = [\"JSESSIONID\", \"JSESSIONID; Path=/app\"]\n",
    ));
    assert!(site.forward.as_ref().unwrap().identity_headers.has(&HeaderName::from_static("remote-user")));
    assert!(!site.forward.as_ref().unwrap().identity_headers.has(&HeaderName::from_static("x-forwarded-user")));
    assert_eq!(site.forward.as_ref().unwrap().fixed.host, "10.0.0.5:8000");
    assert_eq!((site.rewrite.delivery(), site.forward.as_ref().unwrap().waits.answer.as_secs()), (Delivery::Signed, 5));
    assert_eq!(site.rewrite.frame_src(), FrameSrc::Extend);
    assert_eq!(
        site.forget_cookies,
        ["JSESSIONID", "JSESSIONID; Path=/app"]
            .iter()
            .flat_map(|text| SetCookie::forget(&HostCookie::parse(text).unwrap(), "crm.example.com"))
            .collect::<Vec<_>>()
    );
    refused(
        &and("upstream_timeout = \"2h\"\n"),
        "gateway.toml:26: site[0].upstream_timeout: out of range; write more than 0s and at most 1h",
    );
}

#[test]
fn a_site_on_windows_says_so() {
    let route = "[[site.route]]\npath = \"/administration/\"\naccess = \"public\"\n";
    let find =
        |line: &str, path: &str| site(&and(&format!("{line}{route}"))).paths.find(&NormalPath::parse(path).unwrap());
    let windows = "upstream_paths = \"windows\"\n";
    for line in ["", "upstream_paths = \"plain\"\n"] {
        assert_eq!(find(line, "/ADMINI~1/x"), Ok(None));
    }
    assert_eq!(find(windows, "/ADMINI~1/x"), Err(PathError::Ambiguous));
    assert_eq!(find(windows, "/other~1/x"), Ok(None));
    refused(
        &and("upstream_paths = \"unix\"\n"),
        "gateway.toml:26: site[0].upstream_paths: found \"unix\"; write \"plain\" or \"windows\"",
    );
}

#[test]
fn an_https_site_may_say_for_how_long_browsers_keep_to_https() {
    let age = |seconds| TransportSecurity::max_age(Duration::from_secs(seconds));
    let said = |text: &str| site(text).transport_security;
    assert_eq!(said(SMALL), TransportSecurity::Unchanged);
    assert_eq!(said(&and("hsts = \"365d\"\n")), age(31_536_000));
    assert_eq!(said(&and("hsts = \"0s\"\n")), age(0));
    let plain = |text: &str| text.replace(URL, "http://crm.localhost:8080");
    assert_eq!(said(&plain(SMALL)), TransportSecurity::Never);
    refused(&and("hsts = \"731d\"\n"), "gateway.toml:26: site[0].hsts: out of range; write at most 730d");
    refused(
        &plain(&and("hsts = \"0s\"\n")),
        "gateway.toml:26: site[0].hsts: the site is plain http, where browsers ignore it; remove it, or write url = \"https://…\"",
    );
}

#[test]
fn a_site_is_https_unless_loopback_and_has_no_path() {
    let url = |url| with(URL, url);
    for good in [
        "https://crm.example.com/",
        "http://crm.localhost:8080",
        "http://127.0.0.1:8080",
        "https://crm.example.com:8443",
    ] {
        assert_eq!(config(&url(good)).sites.len(), 1, "{good}");
    }
    refused(
        &url("http://crm.example.com"),
        "gateway.toml:23: site[0].url: plain http to a host that is not loopback; write https://",
    );
    refused(
        &url("http://localhost.example.com"),
        "gateway.toml:23: site[0].url: plain http to a host that is not loopback; write https://",
    );
    refused(
        &url("https://crm.example.com/app"),
        "gateway.toml:23: site[0].url: has a path; write scheme, host and port only",
    );
    let fix = "write https://host, with a port where it needs one";
    refused(
        &url("crm.example.com"),
        &format!("gateway.toml:23: site[0].url: not a URL with a scheme and a host; {fix}"),
    );
    refused(
        &url("https://crm.example.com?a"),
        &format!("gateway.toml:23: site[0].url: has a query or a fragment; {fix}"),
    );
}

#[test]
fn an_upstream_may_be_plain_but_has_no_path() {
    refused(
        &with(UPSTREAM, "http://10.0.0.5:8000/app"),
        "gateway.toml:24: site[0].upstream: has a path; write scheme, host and port only",
    );
    refused(
        &with(UPSTREAM, "unix:/run/app"),
        "gateway.toml:24: site[0].upstream: neither https nor http; write https://host, with a port where it needs one",
    );
}

#[test]
fn no_two_sites_share_a_host_name_whatever_the_port() {
    let other = |url| and(&format!("[[site]]\nurl = \"{url}\"\nupstream = \"{UPSTREAM}\"\n"));
    assert_eq!(config(&other("https://erp.example.com")).sites.len(), 2);
    for url in ["https://crm.example.com:8443", "https://CRM.example.com", "https://crm.example.com."] {
        refused(
            &other(url),
            "gateway.toml:27: site[1].url: the host name of site[0].url, and ports share cookies; give each site a host name of its own",
        );
    }
}

#[test]
fn a_site_shows_embeds_that_there_are() {
    refused(
        &with("embeds = [\"revenue\"]", "embeds = [\"revenue\", \"revenu\"]"),
        "gateway.toml:25: site[0].embeds[1]: there is no [embed.revenu]; did you mean \"revenue\"?",
    );
}

#[test]
fn sign_in_names_an_identity_and_is_needed_where_there_are_two() {
    assert_eq!(names(&site(&and("sign_in = \"corp\"\n"))), ["corp"]);
    assert_eq!(names(&site(&and("sign_in = [\"corp\"]\n"))), ["corp"]);
    let several = and("sign_in = [\"second\", \"corp\"]\nask_email = true\n").replace("[embed.revenue]", SECOND);
    let several = site(&several);
    assert_eq!((names(&several), several.ask_email), (vec!["second", "corp"], true));
    refused(
        &and("sign_in = \"crop\"\n"),
        "gateway.toml:26: site[0].sign_in: there is no [identity.crop]; write sign_in = \"corp\"",
    );
    refused(
        &and("sign_in = [\"corp\", \"corp\"]\n"),
        "gateway.toml:26: site[0].sign_in[1]: the same again; name each once",
    );
    refused(
        &and("sign_in = []\n"),
        "gateway.toml:26: site[0].sign_in: an empty list, nobody could sign in; write sign_in = \"corp\"",
    );
    refused(
        &with("[embed.revenue]", SECOND),
        "gateway.toml:28: site[0].sign_in: missing; there is more than one [identity]; write sign_in = \"corp\" or \"second\"",
    );
}

#[test]
fn a_condition_of_a_site_with_several_providers_says_whose_word_counts() {
    let with_route = |when: &str| {
        let route = format!(
            "sign_in = [\"corp\", \"second\"]\n[[site.route]]\npath = \"/admin/\"\naccess = {{ when = {{ {when} }} }}\n"
        );
        let text = and(&route).replace("[embed.revenue]", SECOND);
        let of_route = |warning: &String| warning.contains("site[0].route[0].access");
        warnings(&text).into_iter().filter(of_route).collect::<Vec<_>>()
    };
    let warned = with_route("groups = [\"admins\"]");
    assert!(
        matches!(&warned[..], [one] if one.contains("believes each provider of the site (corp, second)")),
        "{warned:?}"
    );
    assert_eq!(with_route("provider = \"corp\", groups = [\"admins\"]"), Vec::<String>::new());
}

fn names(site: &Site) -> Vec<&str> {
    site.sign_in.iter().map(crate::identity::ProviderName::as_str).collect()
}

const SECOND: &str = "[identity.second]\ntype = \"oidc\"\nissuer = \"https://idp.example.com\"\nclient_id = \"a\"\nclient_secret = { env = \"OIDC_CLIENT_SECRET\" }\nemail_domains = [\"example.org\"]\n[embed.revenue]";

#[test]
fn cookies_to_forget_are_the_host_applications() {
    refused(
        &and("forget_cookies = [\"a=b\"]\n"),
        "gateway.toml:26: site[0].forget_cookies[0]: not a cookie name, or not a path behind it; write \"NAME\" or \"NAME; Path=/PATH\"",
    );
    refused(
        &and("forget_cookies = [\"__Host-sg\"]\n"),
        "gateway.toml:26: site[0].forget_cookies[0]: a cookie of the gateway's own; remove it",
    );
}

#[test]
fn a_site_believes_its_own_source_only_so_its_rules_are_no_warning() {
    let route = "[[site.route]]\npath = \"/crm/\"\naccess = { when = { groups = \"crm\" } }\n";
    let text = of_two("when = { provider = \"corp\", groups = \"finance\" }", route);
    assert_eq!(warnings(&text), Vec::<String>::new());
}

#[test]
fn an_alias_is_a_host_name_of_its_own() {
    let lines = |text: &str| format!("aliases = [{text}]\n");
    let config = config(&and(&lines("\"CRM.example.net\", \"old.example.com.\"")));
    for name in ["crm.example.net", "old.example.com"] {
        let name = HostName::parse(name).unwrap();
        assert_eq!((config.hosts.find(&name), config.hosts.find_alias(&name)), (None, Some(SiteIndex(0))));
    }
    assert_eq!(config.hosts.find_alias(&HostName::parse("crm.example.com").unwrap()), None);
    refused(
        &and(&lines("\"https://crm.example.net\"")),
        "gateway.toml:26: site[0].aliases[0]: host \"https://crm.example.net\" is not a host name; write a host name, without scheme and port",
    );
    refused(
        &and(&lines("\"münchen.example\"")),
        "gateway.toml:26: site[0].aliases[0]: host \"münchen.example\" is not a host name; write \"xn--mnchen-3ya.example\", as browsers ask for it",
    );
    refused(
        &and(&lines("\"a.example\", \"crm.example.com\"")),
        "gateway.toml:26: site[0].aliases[1]: the host name of site[0].url; name it once",
    );
    refused(
        &and(&lines("\"a.example\", \"A.example\"")),
        "gateway.toml:26: site[0].aliases[1]: the host name of site[0].aliases[0]; name it once",
    );
    let many: Vec<_> = (0..101).map(|n| format!("\"a{n}.example\"")).collect();
    refused(
        &and(&lines(&many.join(", "))),
        "gateway.toml:26: site[0].aliases: more than 100 names; give the others a gateway of their own",
    );
}
