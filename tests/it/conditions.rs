//! What claims do not prove lets nobody in: through a real sign-in, a real cookie and a real route.

use http::StatusCode;
use sigma_gateway::demo::Fault;

use super::{
    browser::{As, Browser, Page},
    world::World,
};

/// A route for everybody but a group, one for its members, and one for everybody but an address.
const ROUTES: &str = r#"
[[site.route]]
path = "/notes"
access = { when = { not = { groups = [{ glob = "contractors*" }, "interns"] } } }

[[site.route]]
path = "/links"
access = { when = { groups = "interns" } }

[[site.route]]
path = "/dashboard"
access = { when = { not = { groups = "interns", absent = "empty" } } }

[[site.route]]
path = "/whoami"
access = { when = { not = { email = "BEN@example.com" } } }
"#;

async fn world() -> World {
    World::with(|text| text + ROUTES).await
}

/// Ana, with one claim that is not as it should be.
async fn ana(world: &World, fault: Option<Fault>) -> Browser {
    world.stand_ins.provider.set_fault(fault);
    let mut browser = Browser::default();
    let page = world.sign_in(&mut browser, "ana", &world.signed("/oauth2/start?rd=/oauth2/userinfo")).await;
    assert_eq!(page.status, StatusCode::OK, "{fault:?}: {}", page.text());
    browser
}

async fn page(world: &World, browser: &mut Browser, path: &str) -> Page {
    browser.get(As::Navigation, &world.signed(path)).await
}

#[tokio::test]
async fn an_address_that_people_may_edit_is_not_minted_for_by_the_flag_of_another_one() {
    let domains = "email_domains = [\"example.com\"]";
    let ceo = Some(Fault::Claim("mail", r#""ceo@example.com""#));
    for (more, minted) in [
        ("email = \"/mail\"\noutsiders = \"no-embed\"", None),
        ("email = \"/mail\"\noutsiders = \"no-embed\"\nemail_verified = { claim = \"mail_verified\" }", None),
        ("email = \"/mail\"\nemail_verified = \"trusted-issuer\"", Some("ceo@example.com")),
        ("email = \"email\"", Some("ana@example.com")),
    ] {
        let world = World::with(|text| text.replace(domains, &format!("{domains}\n{more}"))).await;
        let mut browser = ana(&world, ceo).await;
        let answer = browser.get(As::Frame, &world.signed("/sigma/embed/revenue")).await;
        let subjects: Vec<_> = world.audit("mint").iter().map(|line| line["email"].clone()).collect();
        match minted {
            Some(email) => assert_eq!((answer.status, subjects), (StatusCode::OK, vec![email.into()]), "{more}"),
            None => {
                assert_eq!(answer.header("sigma-gateway"), Some("email_unverified"), "{more}");
                assert!(subjects.is_empty(), "{subjects:?}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_is_let_in_by_a_claim_that_is_missing_or_cannot_be_compared() {
    let world = world().await;
    let unclear = [
        Fault::NoClaim("groups"),
        Fault::Claim("groups", "null"),
        Fault::Claim("groups", "7"),
        Fault::Claim("groups", r#"{"interns":true}"#),
        Fault::Claim("groups", r#"[["interns"]]"#),
        Fault::Claim("groups", r#""sales,crm""#),
        Fault::Claim("groups", r#""interns sales""#),
        Fault::Claim("groups", r#"["Interns"]"#),
        Fault::Claim("groups", r#"["crm-users","/interns"]"#),
        Fault::Claim("groups", r#"["contractors/nl"]"#),
        Fault::Claim("groups", r#"["CONTRACTORS/NL"]"#),
    ];
    for fault in unclear {
        let mut browser = ana(&world, Some(fault)).await;
        let refused = page(&world, &mut browser, "/notes").await;
        let found = (refused.status, refused.header("sigma-gateway"));
        assert_eq!(found, (StatusCode::FORBIDDEN, Some("claim_unknown")), "{fault:?}");
        let line = world.audit("refusal").pop().expect("a line");
        assert_eq!((line["reason"].as_str(), line["path"].as_str()), (Some("claim_unknown"), Some("/notes")));
        assert!(line["detail"].as_str().is_some_and(|detail| detail.starts_with("groups: ")), "{line}");
        let refused = page(&world, &mut browser, "/links").await;
        assert_eq!(refused.header("sigma-gateway"), Some("access_denied"), "nobody is a member by default: {fault:?}");
    }
    let mut browser = ana(&world, Some(Fault::NoClaim("groups"))).await;
    assert_eq!(page(&world, &mut browser, "/dashboard").await.status, StatusCode::OK, "absent is empty there");
    page(&world, &mut browser, "/links").await;
    let line = world.audit("refusal").pop().expect("a line");
    assert_eq!(line["detail"], "groups: the claim is missing");
}

#[tokio::test]
async fn who_is_proved_to_lack_a_group_is_let_in_and_a_member_is_not() {
    let world = world().await;
    for groups in [r#"["crm-users","sales"]"#, "[]", r#""Human Resources""#, r#"["Sales, EMEA","ex-interns"]"#] {
        let mut browser = ana(&world, Some(Fault::Claim("groups", groups))).await;
        assert_eq!(page(&world, &mut browser, "/notes").await.status, StatusCode::OK, "{groups}");
        assert_eq!(page(&world, &mut browser, "/dashboard").await.status, StatusCode::OK, "{groups}");
        let refused = page(&world, &mut browser, "/links").await;
        assert_eq!(refused.header("sigma-gateway"), Some("access_denied"), "{groups}");
    }
    for groups in [r#"["interns"]"#, r#""interns""#] {
        let mut browser = ana(&world, Some(Fault::Claim("groups", groups))).await;
        assert_eq!(page(&world, &mut browser, "/notes").await.header("sigma-gateway"), Some("access_denied"));
        assert_eq!(page(&world, &mut browser, "/dashboard").await.status, StatusCode::FORBIDDEN);
        assert_eq!(page(&world, &mut browser, "/links").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_condition_on_the_address_speaks_of_the_verified_one_without_letter_case() {
    let domains = "email_domains = [\"example.com\"]";
    let world =
        World::with(|text| text.replace(domains, &format!("{domains}\noutsiders = \"no-embed\"")) + ROUTES).await;
    for (fault, status, reason) in [
        (None, StatusCode::OK, None),
        (Some(Fault::EmailUnverified), StatusCode::FORBIDDEN, Some("claim_unknown")),
        (Some(Fault::NoClaim("email")), StatusCode::FORBIDDEN, Some("claim_unknown")),
        (Some(Fault::Claim("email", r#""ana@evil.example""#)), StatusCode::FORBIDDEN, Some("claim_unknown")),
        (Some(Fault::Claim("email", r#""Ben@Example.com""#)), StatusCode::FORBIDDEN, Some("access_denied")),
    ] {
        let mut browser = ana(&world, fault).await;
        let answer = page(&world, &mut browser, "/whoami").await;
        assert_eq!((answer.status, answer.header("sigma-gateway")), (status, reason), "{fault:?}");
    }
}

#[tokio::test]
async fn a_refused_embed_names_the_mapping_and_the_claim_that_were_unclear() {
    let world = world().await;
    let mut browser = ana(&world, Some(Fault::NoClaim("groups"))).await;
    let answer = browser.get(As::Frame, &world.signed("/sigma/embed/revenue")).await;
    assert_eq!(answer.header("sigma-gateway"), Some("not_mapped"));
    let line = world.audit("refusal").pop().expect("a line");
    assert!(
        line["detail"].as_str().is_some_and(|detail| detail.contains("mapping finance: groups: the claim is missing")),
        "{line}"
    );
}
