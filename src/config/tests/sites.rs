//! `[[site]]` with its inserts, JSON rules and routes.

use std::{sync::Arc, time::Duration};

use http::HeaderName;

use super::{SMALL, and, config, problems, refused, warnings, with};
use crate::{
    config::{RouteAnswer, Site},
    embed::Delivery,
    identity::{HostCookie, SetCookie},
    policy::Access,
    reply::TransportSecurity,
    request::{NormalPath, PathError},
    rewrite::{FrameSrc, InsertFrame, InsertPlace},
};

const URL: &str = "https://crm.example.com";
const UPSTREAM: &str = "http://10.0.0.5:8000";
const ANY_WORKBOOK: &str = "https://app.sigmacomputing.com/acme/workbook/*";

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
fn routes_that_differ_in_letter_case_are_told() {
    let routes = |paths: &[&str]| {
        let table = |path: &&str| format!("[[site.route]]\npath = \"{path}\"\naccess = \"public\"\n");
        warnings(&and(&paths.iter().map(table).collect::<String>()))
    };
    let told = |later: usize, line: usize, first: usize| {
        format!(
            "gateway.toml:{line}: site[0].route[{later}].path: begins as site[0].route[{first}].path, but in another letter case: \
             a path that only one of the two spellings takes is refused with 400"
        )
    };
    assert_eq!(routes(&["/admin", "/Admin/"]), [told(1, 30, 0)]);
    assert_eq!(routes(&["/Public/Staff", "/public/"]), [told(0, 27, 1)]);
    assert_eq!(routes(&["/public/", "/Public/Staff"]), [told(1, 30, 0)]);
    assert_eq!(routes(&["/public/", "/public/staff", "/Publicity", "/other"]), [""; 0]);
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
fn an_insert_has_a_path_a_selector_a_place_and_an_embed_of_the_site() {
    let insert = |select: &str, embed: &str| {
        and(&format!("[[site.insert]]\npath = \"/c/\"\nselect = \"{select}\"\nembed = \"{embed}\"\n"))
    };
    let inserts = site(&insert("div#dashboard", "revenue")).rewrite.inserts().to_vec();
    assert_eq!(
        (inserts[0].selector.as_str(), inserts[0].place, inserts[0].embed.as_str()),
        ("div#dashboard", InsertPlace::Append, "revenue")
    );
    let found = problems(&insert("div:hover", "revenue"));
    assert!(found[0].starts_with("gateway.toml:28: site[0].insert[0].select: selector: "), "{found:?}");
    refused(
        &insert("div", "other"),
        "gateway.toml:29: site[0].insert[0].embed: there is no [embed.other]; write the name of an [embed] table",
    );
    refused(
        &insert("div", "revenue").replace("embeds = [\"revenue\"]", "embeds = []"),
        "gateway.toml:29: site[0].insert[0].embed: not among this site's embeds; add \"revenue\" to the site's embeds",
    );
    refused(
        &insert("div", "revenue")
            .replace("https://app.sigmacomputing.com/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe", ANY_WORKBOOK),
        "gateway.toml:29: site[0].insert[0].embed: [embed.revenue] takes any workbook, and which one is not said; name an embed of one document",
    );
}

#[test]
fn an_inserts_frame_has_a_height_a_title_classes_and_controls() {
    let insert =
        |more: &str| and(&format!("[[site.insert]]\npath = \"/c/\"\nselect = \"p\"\nembed = \"revenue\"\n{more}\n"));
    let frame = |more: &str| site(&insert(more)).rewrite.inserts()[0].frame.clone();
    assert_eq!(frame(""), InsertFrame { height: 600, title: "Revenue".to_owned(), class: None });
    let expected =
        InsertFrame { height: 480, title: "Umsatz \"Süd\"".to_owned(), class: Some("card wide".to_owned()) };
    assert_eq!(frame("height = 480\ntitle = 'Umsatz \"Süd\"'\nclass = \"card wide\""), expected);
    let number = "write a whole number from 1 to 20000";
    for (more, line, problem) in [
        ("height = 0", 30, format!("height: out of range; {number}")),
        ("height = -1", 30, format!("height: out of range; {number}")),
        ("height = 20001", 30, format!("height: out of range; {number}")),
        ("height = \"600\"", 30, format!("height: found a text; {number}")),
        ("height = 1.5", 30, format!("height: found a number that is not a 64-bit integer; {number}")),
        (
            "title = \"a\\nb\"",
            30,
            "title: too long, or with control characters; write at most 256 bytes on one line".to_owned(),
        ),
        ("title = \"\"", 30, "title: empty; write your own value".to_owned()),
        (
            "controls = { Region = \"EMEA\" }",
            30,
            "controls.Region: a control that pages may not set; add \"Region\" to page_controls of [embed.revenue]"
                .to_owned(),
        ),
    ] {
        refused(&insert(more), &format!("gateway.toml:{line}: site[0].insert[0].{problem}"));
    }
    let found = problems(&insert(&format!("class = \"{}\"", "x".repeat(257))));
    assert!(found[0].starts_with("gateway.toml:30: site[0].insert[0].class: too long"), "{found:?}");
    let with_controls = insert("controls = { Region = \"EMEA\", Year = 2026 }")
        .replace("allow = \"mapped\"", "allow = \"mapped\"\npage_controls = [\"Region\", \"Year\"]");
    let controls = site(&with_controls).rewrite.inserts()[0].controls.clone();
    assert_eq!(controls, [("Region".to_owned(), "EMEA".to_owned()), ("Year".to_owned(), "2026".to_owned())]);
}

#[test]
fn a_json_rule_has_a_path_and_a_query() {
    let json = |select: &str| and(&format!("[[site.json]]\npath = \"/api\"\nselect = \"{select}\"\n"));
    assert_eq!(site(&json("$.url")).rewrite.json().len(), 1);
    let found = problems(&json("$.a[?@.b]"));
    assert!(found[0].starts_with("gateway.toml:28: site[0].json[0].select: JSON path: "), "{found:?}");
    assert_eq!(
        warnings(&json("$.url").replace("embeds = [\"revenue\"]", "embeds = []")),
        ["gateway.toml:26: site[0].json[0]: does nothing: the site's embeds are empty"]
    );
}

#[test]
fn a_route_has_an_access_rule_or_an_embed() {
    let route = |lines: &str| and(&format!("[[site.route]]\npath = \"/a/\"\n{lines}"));
    let access = |lines: &str| site(&route(lines)).routes.remove(0).access;
    assert!(matches!(access("access = \"public\"\n"), Access::Public));
    assert!(matches!(access("access = \"optional\"\n"), Access::Optional));
    assert!(matches!(access("access = \"signed-in\"\n"), Access::SignedIn));
    assert!(matches!(access(""), Access::SignedIn));
    assert!(matches!(access("access = { when = { groups = \"crm\" } }\n"), Access::When(_)));
    let embed = site(&route("embed = \"revenue\"\n")).routes.remove(0);
    assert!(
        matches!((embed.access, embed.answer), (Access::SignedIn, RouteAnswer::Embed(name)) if name.as_str() == "revenue")
    );
    refused(
        &route("embed = \"revenue\"\naccess = \"public\"\n"),
        "gateway.toml:29: site[0].route[0].access: an embed has its own rule: allow; remove access, or remove embed",
    );
}

#[test]
fn an_access_rule_of_another_shape_is_refused() {
    let access = |toml| and(&format!("[[site.route]]\npath = \"/a/\"\naccess = {toml}\n"));
    refused(
        &access("\"open\""),
        "gateway.toml:28: site[0].route[0].access: found \"open\"; write \"public\" or \"optional\" or \"signed-in\"",
    );
    let fix = "write \"public\", \"optional\", \"signed-in\" or { when = { … } }";
    refused(&access("true"), &format!("gateway.toml:28: site[0].route[0].access: found a boolean; {fix}"));
    refused(
        &access("{ groups = \"a\" }"),
        &format!(
            "gateway.toml:28: site[0].route[0].access: a table without a `when` table, or with more than that; {fix}"
        ),
    );
    refused(
        &access("{ when = { provider = \"x\" } }"),
        "gateway.toml:28: site[0].route[0].access.when.provider: there is no [identity.x]; write the name of an [identity] table",
    );
}

#[test]
fn a_path_is_a_literal_prefix_that_is_there_once_and_not_the_gateways() {
    let route = |path: &str| and(&format!("[[site.route]]\npath = \"/a/\"\n[[site.route]]\npath = \"{path}\"\n"));
    assert_eq!(site(&route("/a/b")).routes.len(), 2);
    assert_eq!(site(&route("/sigmatic")).routes.len(), 2);
    refused(&route("/a"), "gateway.toml:29: site[0].route[1].path: the path of site[0].route[0].path; keep one");
    refused(
        &route("/sigma/embed"),
        "gateway.toml:29: site[0].route[1].path: inside /sigma, which the gateway answers itself; choose another path, or move the gateway's own with [paths]",
    );
    refused(
        &route("a"),
        "gateway.toml:29: site[0].route[1].path: target is not a path; write a literal path that starts with /, such as \"/reports/\"",
    );
}

#[test]
fn a_script_is_asked_for_and_does_nothing_without_embeds() {
    assert!(!site(SMALL).rewrite.has_script());
    assert!(site(&and("script = true\n")).rewrite.has_script());
    let text = and("script = true\n").replace("embeds = [\"revenue\"]", "embeds = []");
    assert!(
        warnings(&text).iter().any(|warning| warning.contains("site[0].script: does nothing")),
        "{:?}",
        warnings(&text)
    );
    refused(&and("script = \"yes\"\n"), "gateway.toml:26: site[0].script: found a text; write true or false");
}
