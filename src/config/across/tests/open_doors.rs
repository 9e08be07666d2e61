//! Sites that ask nothing of anybody, and issuers that vouch for everybody.

use crate::config::testing::{SMALL, route, toothless, warnings, with};

#[test]
fn a_public_issuer_and_a_site_that_asks_nothing_of_anybody_is_a_warning_and_no_error() {
    const ISSUER: &str = "issuer = \"https://login.example.com/realms/corp\"";
    let google = with(ISSUER, "issuer = \"https://accounts.google.com\"");
    let told =
        |text: &str| warnings(text).into_iter().filter(|it| it.contains("can have an account")).collect::<Vec<_>>();
    let gated = told(&google);
    assert!(gated.len() == 1 && gated[0].contains("site[0].url: no condition, and anybody can have an account at https://accounts.google.com ([identity.corp]): only email_domains keeps the others out"), "{gated:?}");
    let open = told(&google.replace("email_domains", "outsiders = \"no-embed\"\nemail_domains"));
    assert!(open[0].contains("everybody of them has this application"), "{open:?}");
    assert_eq!(toothless(&google), [""; 0]);
    assert_eq!(told(SMALL), [""; 0]);
    let asked = route("/").replace(ISSUER, "issuer = \"https://accounts.google.com\"");
    assert_eq!(told(&asked), [""; 0], "it asks");
}
