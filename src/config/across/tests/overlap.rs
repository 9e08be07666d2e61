//! Sources that vouch for the same people, and mappings that believe every source.

use crate::config::testing::{DOMAINS, SMALL, of_two, second, warnings};

#[test]
fn two_sources_of_one_domain_that_ask_for_different_scopes_are_a_warning() {
    let message = "gateway.toml:20: identity.partner.scopes: other scopes than [identity.corp], which vouches for example.com too: one person may get two mapping results";
    assert_eq!(warnings(&second(&format!("{DOMAINS}\nscopes = [\"openid\", \"groups\"]"))), [message]);
    assert_eq!(
        warnings(&second(&format!("{DOMAINS}\nscopes = [\"profile\", \"openid\", \"email\"]"))),
        Vec::<String>::new()
    );
    assert_eq!(
        warnings(&second("email_domains = [\"example.org\"]\nscopes = [\"openid\", \"groups\"]")),
        Vec::<String>::new()
    );
}

#[test]
fn a_mapping_that_tells_two_sources_of_one_domain_apart_is_a_warning() {
    let by_provider = |text: String| text.replace("when = { groups", "when = { provider = \"corp\", groups");
    let found = warnings(&by_provider(second(DOMAINS)));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("mapping[0].when: tells [identity.corp] from [identity.partner]"), "{found:?}");
    assert_eq!(warnings(&by_provider(second("email_domains = [\"example.org\"]"))), Vec::<String>::new());
}

#[test]
fn a_mapping_that_believes_every_source_is_a_warning_that_names_it() {
    let message = "gateway.toml:25: mapping[0].when: mapping \"finance\" believes each [identity] (corp, partner) about its claims; write provider = \"…\" into it, or once for all: [mapping_defaults] provider = \"…\"";
    for when in [
        "when = { groups = \"finance\" }",
        "when = { any = [{ provider = \"corp\" }, { groups = \"finance\" }] }",
        "when = { not = { provider = \"corp\", groups = \"finance\" } }",
    ] {
        let found = warnings(&of_two(when, ""));
        assert_eq!(found.len(), 1, "{when}: {found:?}");
        assert!(found[0].contains("mapping \"finance\" believes each [identity] (corp, partner)"), "{found:?}");
    }
    assert_eq!(warnings(&of_two("when = { groups = \"finance\" }", "")), [message]);
    for when in [
        "when = { provider = \"corp\", groups = \"finance\" }",
        "when = { all = [{ groups = \"finance\" }, { not = { provider = \"corp\" } }] }",
        "when = { email = \"ann@example.com\" }",
    ] {
        assert_eq!(warnings(&of_two(when, "")), Vec::<String>::new(), "{when}");
    }
    assert_eq!(warnings(SMALL), Vec::<String>::new(), "with one source there is nobody else");
}
