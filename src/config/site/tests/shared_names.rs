//! Sites to which people of several issuers come, and the headers that name them to the application.

use crate::config::testing::{config, file, of_two, right, warnings};

/// The warnings of shared names, each after its place.
fn shared(text: &str) -> Vec<String> {
    let found = warnings(text).into_iter().filter(|line| line.contains("of several issuers come here"));
    found.map(|line| line.split_once(": ").unwrap().1.to_owned()).collect()
}

/// The small file whose site takes what a front attaches beside its own sign-in.
fn attached(lines: &str) -> String {
    format!("{}{lines}", file(&right("pomerium")))
}

#[test]
fn a_header_that_names_people_of_several_issuers_by_one_claim_is_a_warning() {
    let by = |place: &str, claim: &str, header: &str, fix: &str| {
        format!(
            "site[0].{place}: people of several issuers come here (corp, front), and {header} names them by {claim} alone: whoever has the {claim} of somebody at another issuer is that person in the application; {fix}, or give the application [site.assertion], which says the provider"
        )
    };
    let fix = "write user = \"email\"";
    assert_eq!(shared(&attached("")), [by("accept", "sub", "x-forwarded-user", fix)]);
    let remote = attached("identity_headers = \"remote\"\nuser = \"uid\"\n");
    assert_eq!(shared(&remote), [by("user", "uid", "remote-user", fix)]);
    let own = attached("identity_headers = \"none\"\nheaders = { X-Groups = \"{groups}\", SM_USER = \"{uid}\" }\n");
    assert_eq!(shared(&own), [by("headers.SM_USER", "uid", "SM_USER", "write \"{email}\" there")]);
    // Trust in a claim is trust in one issuer.
    assert_eq!(shared(&attached("user = \"uid\"\ntrusted_claims = [\"uid\"]\n")).len(), 1);
    let several = of_two("when = { provider = \"corp\", groups = \"finance\" }", "").replacen(
        "sign_in = \"corp\"",
        "sign_in = [\"corp\", \"partner\"]",
        1,
    );
    let found = shared(&several);
    assert!(found.len() == 1 && found[0].starts_with("site[0].sign_in: people"), "{found:?}");
    assert!(found[0].contains("(corp, partner)"), "{found:?}");
}

#[test]
fn an_address_a_provider_or_one_issuer_tells_people_apart() {
    for lines in [
        "user = \"email\"\n",
        "user = \"/email\"\n",
        "headers = { X-Person = \"{email}\" }\n",
        "identity_headers = \"none\"\n",
        "identity_headers = \"none\"\nheaders = { X-Person = \"{email}\" }\n",
        "identity_headers = \"none\"\nheaders = { X-Groups = \"{groups}\" }\n",
        "[site.assertion]\nkeys = [{ file = \"assertion.key\" }]\n",
    ] {
        assert_eq!(shared(&attached(lines)), Vec::<String>::new(), "{lines}");
    }
    let issuer = "https://login.example.com/realms/corp";
    let same = file(&right("oauth2-proxy").replace("https://login.example.com", issuer));
    assert_eq!(shared(&same), Vec::<String>::new(), "two ways to one issuer");
    let alone = attached("").replace("sign_in = \"corp\"\n", "");
    assert_eq!((config(&alone).sites[0].accepts.len(), shared(&alone)), (1, Vec::new()));
}
