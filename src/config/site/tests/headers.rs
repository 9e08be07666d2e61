//! `keep_headers`, `same_person` and `shared_assets` of a `[[site]]`.

use crate::config::testing::{SMALL, and, config, refused, warnings};

#[test]
fn a_site_compares_nobody_and_shares_nothing_unless_told() {
    let site = config(SMALL).sites.remove(0);
    assert!(site.headers.compared().is_none() && !site.shared_assets);
    let site = config(&and("same_person = \"X-Front-Email\"\nshared_assets = true\n")).sites.remove(0);
    assert!(site.headers.compared().is_some() && site.shared_assets);
}

#[test]
fn a_header_that_cannot_be_compared_is_refused_with_the_reason() {
    let fix =
        "write the name of the header in which the proxy in front sends the address, such as \"X-Forwarded-Email\"";
    for (name, found) in [
        ("Cookie", "a header that browsers send for the application"),
        ("Connection", "a field of the connection, which ends at the gateway"),
        ("Location", "a header of answers, not of requests"),
        ("SM_*", "not one name: a star stands for many"),
        ("X-Request-Id", "a header that the gateway itself sets, or that says where a request came from"),
        ("a b", "not a header name"),
    ] {
        let text = and(&format!("same_person = \"{name}\"\n"));
        refused(&text, &format!("gateway.toml:26: site[0].same_person: {found}; {fix}"));
    }
}

#[test]
fn no_name_is_kept_that_the_gateway_answers_for_or_that_is_compared() {
    for (lines, key, found) in [
        (
            "keep_headers = [\"X-Forwarded-For\"]\n",
            "26: site[0].keep_headers[0]",
            "a header that the gateway itself sets, or that says where a request came from",
        ),
        (
            "keep_headers = [\"SM_USER\", \"TE\"]\n",
            "26: site[0].keep_headers[1]",
            "a field of the connection, which ends at the gateway",
        ),
        (
            "same_person = \"SM_USER\"\nkeep_headers = [\"sm-user\"]\n",
            "27: site[0].keep_headers[0]",
            "the header of same_person, which never reaches the application",
        ),
    ] {
        refused(&and(lines), &format!("gateway.toml:{key}: {found}; remove it"));
    }
    assert!(config(&and("keep_headers = [\"SM_USER\", \"x-original-url\"]\n")).sites.len() == 1);
}

#[test]
fn a_family_is_not_kept_by_a_star() {
    for name in ["SM_*", "*"] {
        let fix = "write one name each: families are not kept";
        let found = format!("gateway.toml:26: site[0].keep_headers[0]: not one name: a star stands for many; {fix}");
        refused(&and(&format!("keep_headers = [\"{name}\"]\n")), &found);
    }
}

#[test]
fn a_kept_name_that_is_not_dropped_is_a_warning() {
    let found = warnings(&and("keep_headers = [\"X-CSRF-Token\"]\n"));
    assert!(found.iter().any(|line| line.contains("does nothing: not among the names that are dropped")), "{found:?}");
    assert!(!warnings(&and("keep_headers = [\"SM_USER\"]\n")).iter().any(|line| line.contains("does nothing")));
}

#[test]
fn the_clash_with_oauth2_proxy_is_a_warning() {
    let clashes = |text: &str| warnings(text).iter().any(|line| line.contains("oauth2-proxy"));
    let line = "same_person = \"X-Auth-Request-Email\"\n";
    assert!(clashes(&and(line)) && !clashes(&and("same_person = \"OIDC_CLAIM_email\"\n")));
    assert!(!clashes(&format!("[paths]\nsign_in = \"/gateway\"\n{}", and(line))));
}
