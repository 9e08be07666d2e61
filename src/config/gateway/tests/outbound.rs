//! `[outbound]`, the environment's proxy, and `upstream_proxy`.

use crate::{
    config::{
        Config, Draft, ProxyVariables,
        testing::{SMALL, and, problems, refused, secrets, with},
    },
    secret::Secret,
};

/// The configuration, and its warnings, where the environment says this of proxies.
fn under(text: &str, https_proxy: Option<&str>, no_proxy: &str) -> (Config, Vec<String>) {
    let mut secrets = secrets();
    let https_proxy = https_proxy.map(|value| ("HTTPS_PROXY".to_owned(), Secret::new(value.to_owned())));
    secrets.note_proxies(ProxyVariables { https_proxy, no_proxy: Some(no_proxy.to_owned()) });
    let (config, warnings) = Draft::parse(text).check(&secrets).unwrap_or_else(|problems| panic!("{problems}"));
    (config, warnings.iter().map(ToString::to_string).collect())
}

fn way(text: &str, https_proxy: Option<&str>) -> Option<String> {
    let config = under(text, https_proxy, "").0;
    let of_providers = config.providers.values().filter_map(|source| source.oidc()?.proxy.clone()).next();
    assert_eq!(of_providers, config.outbound.as_ref().map(|way| way.proxy.clone()), "providers have it");
    config.outbound.map(|way| way.to_string())
}

fn outbound(lines: &str) -> String {
    with("[session]", &format!("[outbound]\n{lines}\n[session]"))
}

#[test]
fn the_proxy_is_that_of_the_file_or_else_of_the_environment() {
    assert_eq!(way(SMALL, None), None);
    let named = |text: &str| Some(text.to_owned());
    let of_file = outbound("proxy = \"http://proxy.example:3128\"");
    assert_eq!(way(&of_file, None), named("http://proxy.example:3128 (outbound.proxy)"));
    assert_eq!(way(&of_file, Some("http://other.example:8")), named("http://proxy.example:3128 (outbound.proxy)"));
    assert_eq!(way(SMALL, Some("http://a:b@other.example:8")), named("http://other.example:8 (HTTPS_PROXY)"));
    assert_eq!(way(&outbound("proxy = \"none\""), Some("http://other.example:8")), None);
}

#[test]
fn what_the_environment_excepts_is_not_behind_its_proxy() {
    let proxy = under(SMALL, Some("other.example:8"), "login.example.com, 10.0.0.0/8").0.outbound.unwrap().proxy;
    let is_for = |url: &str| proxy.is_for(&url::Url::parse(url).unwrap());
    assert!(!is_for("https://login.example.com/") && !is_for("https://10.1.1.1") && is_for("https://idp.example"));
}

#[test]
fn a_proxy_of_the_environment_that_is_none_is_a_warning() {
    let (config, warnings) = under(SMALL, Some("socks5://a:marker@other.example"), "");
    assert_eq!(config.outbound, None);
    let text = "environment variable HTTPS_PROXY: not an http proxy; providers are asked without a proxy";
    assert!(warnings.len() == 1 && warnings[0].contains(text) && !warnings[0].contains("marker"), "{warnings:?}");
}

#[test]
fn what_is_said_of_a_proxy_is_right() {
    let fix = "write http://HOST:PORT";
    refused(
        &outbound("proxy = \"https://proxy.example\""),
        &format!("gateway.toml:4: outbound.proxy: not an http proxy; {fix}"),
    );
    refused(
        &outbound("proxy = \"http://a:b@proxy.example\""),
        "gateway.toml:4: outbound.proxy: a password inside the file; write it as outbound.authorization = { file = \"…\" }",
    );
    for lines in ["except = [\"a.example\"]", "authorization = { file = \"sigma.secret\" }"] {
        let found = problems(&outbound(lines));
        assert!(found[0].contains("there is no proxy; write proxy = \"http://HOST:PORT\" beside it"), "{found:?}");
    }
    refused(
        &outbound("proxy = \"http://proxy.example\"\nauthorization = { file = \"sigma.secret\" }"),
        "gateway.toml:5: outbound.authorization: no user and password; put USER:PASSWORD there",
    );
    let shown = outbound("proxy = \"http://proxy.example\"\nauthorization = { file = \"proxy.secret\" }");
    assert!(under(&shown, None, "").0.outbound.unwrap().proxy.authorization().is_some());
}

#[test]
fn an_upstream_has_a_proxy_of_its_own_key_alone() {
    let of_upstream = |text: &str| {
        let config = under(text, Some("other.example:8"), "").0;
        config.sites[0].forward.as_ref().unwrap().upstream.proxy.as_ref().map(ToString::to_string)
    };
    assert_eq!(of_upstream(SMALL), None);
    let own = and("upstream_proxy = \"http://proxy.example:3128\"\n");
    assert_eq!(of_upstream(&own), Some("http://proxy.example:3128".to_owned()));
    let route = and("[[site.route]]\npath = \"/a/\"\nupstream_proxy = \"http://proxy.example\"\n");
    let found = problems(&route);
    assert!(found[0].contains("site[0].route[0].upstream_proxy: the route has no upstream of its own"), "{found:?}");
}
