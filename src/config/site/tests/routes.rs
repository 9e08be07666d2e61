//! `[[site.route]]`.

use std::sync::Arc;

use crate::{
    config::{
        RouteAnswer, Site,
        testing::{and, config, refused, warnings},
    },
    policy::Access,
};

fn site(text: &str) -> Site {
    Arc::unwrap_or_clone(config(text).sites.remove(0))
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
