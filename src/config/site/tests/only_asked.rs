//! Sites that have no upstream of their own.

use http::HeaderName;

use crate::config::{
    Config, Site,
    testing::{SMALL, config, problems, refused, warnings, with},
};

fn site(text: &str) -> Site {
    let Config { sites, .. } = config(text);
    (**sites.first().expect("a site")).clone()
}

const WITHOUT: &str = "upstream = \"http://10.0.0.5:8000\"\n";

#[test]
fn a_site_without_an_upstream_is_only_asked() {
    let only_asked = |lines: &str| format!("{}{lines}", with(WITHOUT, ""));
    assert!(site(&only_asked("")).forward.is_none());
    let headers = site(&only_asked("identity_headers = \"remote\"\n")).identity_headers;
    assert!(headers.has(&HeaderName::from_static("remote-user")));
    let refused_key = |lines: &str, key: &str, rest: &str| {
        refused(&only_asked(lines), &format!("gateway.toml:25: site[0].{key}: {rest}"));
    };
    let nothing =
        "the site has no upstream: no answer passes here that could be rewritten; remove it, or write upstream = \"…\"";
    refused_key("deliver = \"signed\"\n", "deliver", nothing);
    refused_key("frame_src = \"extend\"\n", "frame_src", nothing);
    refused_key("script = true\n", "script", nothing);
    refused_key("json = [{ path = \"/api\", select = \"$.url\" }]\n", "json", nothing);
    let other = "the site has no upstream of its own; write upstream = \"…\" beside it";
    refused_key("upstream_host = \"upstream\"\n", "upstream_host", other);
    refused_key("upstream_ca = \"ca.pem\"\n", "upstream_ca", other);
    let route = |lines: &str| only_asked(&format!("[[site.route]]\npath = \"/part/\"\n{lines}"));
    refused(
        &route("upstream_timeout = \"5s\"\n"),
        "gateway.toml:27: site[0].route[0].upstream_timeout: neither the route nor the site has an upstream; write upstream = \"…\" beside it",
    );
    let text = format!(
        "deliver = \"signed\"\nupstream_timeout = \"7s\"\n{}",
        "[[site.route]]\npath = \"/part/\"\nupstream = \"http://10.0.0.6\"\n"
    );
    let site = site(&only_asked(&text));
    let forward = site.routes[0].forward.as_ref().unwrap();
    assert_eq!((site.forward.is_none(), forward.waits.answer.as_secs()), (true, 7));
}

#[test]
fn a_session_that_ends_where_nobody_is_seen_is_a_warning_at_a_site_that_is_only_asked() {
    let idle = |text: &str| text.replace("[sigma.acme]", "idle = \"1h\"\n[sigma.acme]");
    let found = warnings(&idle(&with(WITHOUT, "")));
    assert!(found.iter().any(|line| line.contains("session.idle: https://crm.example.com is only asked")), "{found:?}");
    assert_eq!(warnings(&idle(SMALL)), Vec::<String>::new());
}

#[test]
fn a_site_that_nobody_may_ask_about_is_a_warning() {
    let trusting = with(WITHOUT, "").replace("[session]", "trusted_proxies = [\"10.0.0.0/8\"]\n[session]");
    let told = |text: &str| warnings(text).iter().filter(|line| line.contains("no proxy in front may ask")).count();
    assert_eq!((told(&with(WITHOUT, "")), told(&trusting), told(SMALL)), (1, 0, 0));
    let otherwise = with(WITHOUT, "").replace("https://crm.example.com", "HTTPS://CRM.example.com:443");
    assert_eq!(told(&otherwise), 1, "whatever way its url is written");
}

#[test]
fn an_upstream_that_is_wrong_is_no_site_that_is_only_asked() {
    let text = with("http://10.0.0.5:8000", "10.0.0.5")
        .replace("embeds = [\"revenue\"]\n", "embeds = [\"revenue\"]\ndeliver = \"signed\"\n");
    let found = problems(&text);
    assert!(found.len() == 1 && found[0].contains("site[0].upstream: "), "{found:?}");
}
