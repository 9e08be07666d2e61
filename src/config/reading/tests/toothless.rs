//! What can never bite.

use crate::config::testing::{config, route, toothless, when, with};

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
    let json = "embeds = [\"revenue\"]\n[[site.json]]\npath = \"/api/*\"\nselect = \"$.url\"";
    assert!(toothless(&with("embeds = [\"revenue\"]", json))[0].starts_with("site[0].json[0].path: a literal *"));
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
