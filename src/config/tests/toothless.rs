//! What can never bite, and what is open to the world.

use super::{check, config, mappings::when, warnings, with};
use crate::config::WarningWeight;

/// The messages of the warnings that count with `check --strict`, each after its key.
fn toothless(text: &str) -> Vec<String> {
    let warnings = check(text).unwrap_or_else(|problems| panic!("{problems}")).1;
    let strict = warnings.into_iter().filter(|warning| warning.weight == WarningWeight::Toothless);
    strict.map(|warning| format!("{}: {}", warning.key, warning.message)).collect()
}

fn route(path: &str) -> String {
    let site =
        "[[site]]\nurl = \"https://crm.example.com\"\nupstream = \"http://10.0.0.5:8000\"\nembeds = [\"revenue\"]";
    let route = format!("{site}\n[[site.route]]\npath = {path:?}\naccess = {{ when = {{ groups = [\"admin\"] }} }}");
    with(site, &route)
}

#[test]
fn a_star_in_a_path_is_only_a_star() {
    for (path, found, prefix) in
        [("/admin/*", '*', "/admin/"), ("/admin*", '*', "/"), ("/{id}/x", '{', "/"), ("/a/b/$", '$', "/a/b/")]
    {
        let expected = format!(
            "site[0].route[0].path: a literal {found}: a path is a prefix and takes all that is below it, so this one takes next to nothing; write {prefix:?}"
        );
        assert_eq!(toothless(&route(path)), [expected], "{path}");
    }
    assert_eq!(toothless(&route("/admin/")), [""; 0]);
    let insert = "embeds = [\"revenue\"]\n[[site.insert]]\npath = \"/a/*\"\nselect = \"main\"\nembed = \"revenue\"";
    assert!(toothless(&with("embeds = [\"revenue\"]", insert))[0].starts_with("site[0].insert[0].path: a literal *"));
}

#[test]
fn a_star_in_a_value_is_only_a_star_and_exact_says_that_it_is_meant() {
    let star = |key: &str| {
        format!(
            "mapping[0].when.{key}: a literal star: only the value \"finance-*\" itself matches; write {{ glob = \"finance-*\" }}, or {{ exact = \"finance-*\" }} where the star is meant"
        )
    };
    assert_eq!(toothless(&when("{ groups = [\"finance\", \"finance-*\"] }")), [star("groups[1]")]);
    assert_eq!(toothless(&when("{ not = { groups = \"finance-*\" } }")), [star("not.groups")]);
    assert_eq!(toothless(&when("{ any = [{ groups = \"finance-*\" }] }")), [star("any[0].groups")]);
    let blank = toothless(&when("{ groups = \"finance \" }"));
    assert!(blank.len() == 1 && blank[0].contains("white space"), "{blank:?}");
    for fine in [
        "{ groups = [{ exact = \"finance-*\" }, { exact = \" x\" }] }",
        "{ groups = { glob = \"finance-*\" } }",
        "{ groups = [\"finance\", 7, true] }",
    ] {
        assert_eq!(toothless(&when(fine)), [""; 0], "{fine}");
    }
    let exact = config(&when("{ groups = [{ exact = \"*\" }] }"));
    assert!(format!("{:?}", exact.mappings[0].when).contains("Exact"), "{exact:?}");
}

#[test]
fn what_is_no_address_is_nobodys() {
    let no =
        "mapping[0].when.email: no address is \"example.com\"; for a whole domain write { glob = \"*@example.com\" }";
    assert_eq!(toothless(&when("{ email = \"example.com\" }")), [no]);
    assert_eq!(toothless(&when("{ email = [\"ann@example.com\", { glob = \"*@example.com\" }] }")), [""; 0]);
    assert_eq!(toothless(&when("{ email = \"*@example.com\" }")).len(), 1, "it is told once");
    assert_eq!(toothless(&when("{ mail = \"example.com\" }")), [""; 0], "another claim may be anything");
}

#[test]
fn an_account_type_one_letter_off_sigmas_own_is_told() {
    let of = |name: &str| toothless(&with("account_type = \"View\"", &format!("account_type = {name:?}")));
    for (name, own) in [("view", "View"), ("Veiw", "View"), ("Views", "View"), ("Biuld", "Build")] {
        let message = format!("one letter off {own:?}, a type of Sigma's own: Sigma knows a type by its very name");
        assert_eq!(of(name), [format!("mapping[0].account_type: {message}")], "{name}");
    }
    for name in ["View", "Build", "Partner", "Viewer EMEA"] {
        assert_eq!(of(name), [""; 0], "{name}");
    }
}

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
    assert_eq!(told(super::SMALL), [""; 0]);
    let asked = route("/").replace(ISSUER, "issuer = \"https://accounts.google.com\"");
    assert_eq!(told(&asked), [""; 0], "it asks");
}
