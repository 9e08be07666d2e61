//! What is minted, and what is refused before anything is signed.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{NOW, SALES, acme, ann, any_workbook, internal_ann, revenue, view};
use crate::{
    embed::{
        Allow, Embed, EmbedError, InterfaceParameters, Minted, Organization, Viewer, inspect, mint, preview,
        view_of_link,
    },
    limits::SIGNED_URL_BYTES_MAX,
    policy::{MappingName, tests as policy},
    reason::Reason,
    seed::Seed,
    time::UnixSeconds,
};

fn minted_by(organization: &Organization, embed: &Embed, viewer: &Viewer) -> Result<Minted, EmbedError> {
    mint(organization, embed, &view(embed), viewer, &mut Seed::new([7; 32]).into_stream(), NOW)
}

fn minted(embed: &Embed, viewer: &Viewer) -> Result<Minted, EmbedError> {
    minted_by(&acme(), embed, viewer)
}

/// The claims of a URL that was minted.
fn claims(minted: &Minted) -> Map<String, Value> {
    let (_, rest) = minted.url.expose().split_once("?:jwt=").expect("a token");
    let token = inspect(rest.split('&').next().expect("a token")).expect("a token");
    assert!(token.is_signed_with(&acme().key));
    assert_eq!(Value::Object(token.header), json!({ "alg": "HS256", "typ": "JWT", "kid": "client-1" }));
    token.claims
}

fn without_stamp(mut claims: Map<String, Value>) -> Value {
    claims.retain(|name, _| !["jti", "iat", "exp"].contains(&name.as_str()));
    Value::Object(claims)
}

#[test]
fn an_embed_user_gets_exactly_the_documented_claims() {
    let minted = minted(&revenue(), &ann()).expect("a URL");
    assert!(minted.url.expose().starts_with(&format!("{SALES}?:jwt=")));
    assert!(minted.url.expose().ends_with("&:embed=true"));
    let expected = json!({
        "ver": "1.1", "aud": "sigmacomputing", "sub": "ann+x@example.com", "iss": "client-1",
        "account_type": "View", "teams": ["Finance"], "user_attributes": { "region": "EMEA" },
    });
    assert_eq!(without_stamp(claims(&minted)), expected);
}

#[test]
fn an_internal_user_carries_no_claim_of_embed_users() {
    let organization = Organization { names: true, ..acme() };
    let minted = minted_by(&organization, &revenue(), &internal_ann()).expect("a URL");
    assert_eq!(without_stamp(claims(&minted)), json!({ "sub": "ann@example.com", "iss": "client-1" }));
    assert_eq!((minted.record.teams, minted.record.account_type), (vec![], None));
}

#[test]
fn a_preview_says_what_a_mint_would_say() {
    for viewer in [ann(), internal_ann()] {
        let told = preview(&acme(), &revenue(), &viewer).expect("claims");
        assert_eq!(Value::Object(told), without_stamp(claims(&minted(&revenue(), &viewer).expect("a URL"))));
    }
    let disabled = Embed { enabled: false, ..revenue() };
    assert_eq!(preview(&acme(), &disabled, &ann()), Err(EmbedError::Disabled(disabled.name.clone())));
}

#[test]
fn names_are_sent_only_where_the_organization_wants_them() {
    let organization = Organization { names: true, ..acme() };
    let with = claims(&minted_by(&organization, &revenue(), &ann()).expect("a URL"));
    assert_eq!((&with["first_name"], &with["last_name"]), (&json!("Ann"), &json!("Ng")));
    let nameless = Viewer { names: None, ..ann() };
    assert!(!claims(&minted_by(&organization, &revenue(), &nameless).expect("a URL")).contains_key("first_name"));
}

#[test]
fn the_record_says_who_what_and_why_but_not_the_token() {
    let Minted { url, record } = minted(&revenue(), &ann()).expect("a URL");
    assert_eq!((record.email.as_str(), record.embed.as_str()), ("ann+x@example.com", "revenue"));
    assert_eq!(record.document, "28xgywpg21TkRWtz3jVRCe");
    assert_eq!(record.mappings, [MappingName::parse("finance").unwrap()]);
    assert_eq!((record.teams, record.account_type.as_deref()), (vec!["Finance".to_owned()], Some("View")));
    assert_eq!(record.expires_at, UnixSeconds(NOW.0 + 3600));
    assert_eq!(format!("{url:?}"), "SignedUrl(redacted)");
}

#[test]
fn the_token_ends_with_the_session_length_the_session_or_thirty_days_whichever_is_first() {
    let day = 24 * 3600;
    for (length, session, expected) in [
        (3600, 8 * 3600, Some(3600)),
        (3600, 600, Some(600)),
        (90 * day, 90 * day, Some(30 * day)),
        (3600, 1, Some(1)),
        (3600, 0, None),
        (0, 600, None),
    ] {
        let organization = Organization { session_length: Duration::from_secs(length), ..acme() };
        let viewer = Viewer { session_ends_at: UnixSeconds(NOW.0 + session), ..ann() };
        let result = minted_by(&organization, &revenue(), &viewer);
        let lifetime = result.as_ref().map(|minted| minted.record.expires_at.0 - NOW.0).ok();
        assert_eq!(lifetime, expected);
        match result {
            Ok(minted) => assert_eq!(claims(&minted)["exp"], json!(NOW.0 + expected.expect("a lifetime"))),
            Err(error) => assert_eq!(error, EmbedError::SessionEnded),
        }
    }
}

#[test]
fn every_mint_has_a_token_id_of_its_own() {
    let mut stream = Seed::new([1; 32]).into_stream();
    let embed = revenue();
    let mut jti = || mint(&acme(), &embed, &view(&embed), &ann(), &mut stream, NOW).expect("a URL").record.jti;
    let (first, second) = (jti(), jti());
    assert_ne!(first, second);
    assert_eq!(first.len(), 36);
}

#[test]
fn a_disabled_embed_is_refused_before_the_viewer_is_looked_at() {
    let disabled = Embed { enabled: false, ..revenue() };
    let stranger = Viewer { granted: Err(Reason::NotMapped), ..ann() };
    assert_eq!(minted(&disabled, &stranger).map(|_| ()), Err(EmbedError::Disabled(disabled.name.clone())));
}

#[test]
fn a_viewer_without_standing_is_refused_with_the_reason_of_it() {
    for reason in [Reason::NotMapped, Reason::EmailUnverified, Reason::NoAccountType] {
        let stranger = Viewer { granted: Err(reason), ..ann() };
        let error = minted(&revenue(), &stranger).map(|_| ()).expect_err("no URL");
        assert_eq!((error.reason(), error), (reason, EmbedError::NoGrant(reason)));
    }
}

#[test]
fn an_embed_for_certain_mappings_is_refused_to_others() {
    let only = |name: &str| Embed { allow: Allow::Mappings([MappingName::parse(name).unwrap()].into()), ..revenue() };
    assert!(minted(&only("finance"), &ann()).is_ok());
    assert_eq!(minted(&only("sales"), &ann()).map(|_| ()), Err(EmbedError::NotAllowed(revenue().name)));
}

#[test]
fn a_page_overrides_the_controls_it_may_set_and_no_others() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut embed = revenue();
    embed.controls = vec![pair("Region", "EMEA"), pair("Year", "2026"), pair(":theme", "Dark")];
    embed.page_controls.insert("Team".to_owned());
    let mut view = view(&embed);
    view.controls = vec![pair("Team", "A B"), pair("Region", "APAC,NA"), pair("Year", "1999"), pair(":embed", "false")];
    let minted = mint(&acme(), &embed, &view, &ann(), &mut Seed::new([7; 32]).into_stream(), NOW).expect("a URL");
    assert!(
        minted.url.expose().ends_with("&:embed=true&Region=APAC,NA&Year=2026&Team=A%20B"),
        "{}",
        minted.url.expose()
    );
}

#[test]
fn token_and_embed_parameter_come_once_whatever_is_configured() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut embed = revenue();
    let pairs = [pair("jwt", "x"), pair("embed", "false"), pair("theme", "x&:jwt=y"), pair("a:jwt", "z")];
    embed.parameters = InterfaceParameters::of(&pairs);
    let minted = minted(&embed, &ann()).expect("a URL");
    assert!(minted.url.expose().ends_with("&:embed=true&:theme=x%26:jwt%3Dy&:a%3Ajwt=z"));
}

#[test]
fn a_wildcard_opens_the_document_of_the_view() {
    let embed = any_workbook();
    let view = view_of_link(&embed, "abc/tag/t/element/e", Some("Region=NL")).expect("a view");
    let minted = mint(&acme(), &embed, &view, &ann(), &mut Seed::new([7; 32]).into_stream(), NOW).expect("a URL");
    assert!(minted.url.expose().starts_with("https://app.sigmacomputing.com/acme/workbook/abc/tag/t/element/e?:jwt="));
    assert!(minted.url.expose().ends_with("&Region=NL"));
    assert_eq!(minted.record.document, "abc");
}

#[test]
fn a_url_that_would_be_too_long_is_refused() {
    let mut embed = revenue();
    embed.controls = vec![("Region".to_owned(), "x".repeat(SIGNED_URL_BYTES_MAX))];
    assert!(matches!(minted(&embed, &ann()), Err(EmbedError::TooLong(length)) if length > SIGNED_URL_BYTES_MAX));
}

#[test]
fn a_viewer_stands_by_verified_address_and_mapping() {
    let mappings = [policy::complete("finance", "Finance", "View")];
    let groups = json!({ "groups": ["finance"], "given_name": "Ann", "family_name": "Ng" });
    let viewer = Viewer::of(&policy::identity(groups.clone()), &mappings, NOW);
    assert_eq!(viewer.granted.map(|(email, _)| email.as_str().to_owned()).as_deref(), Ok("ann@example.com"));
    assert_eq!(viewer.names, Some(("Ann".to_owned(), "Ng".to_owned())));

    let mut unverified = policy::identity(groups);
    unverified.email = Err(Reason::EmailUnverified);
    assert_eq!(Viewer::of(&unverified, &mappings, NOW).granted.map(|_| ()), Err(Reason::EmailUnverified));
    let unmapped = Viewer::of(&policy::identity(json!({ "given_name": "Ann" })), &mappings, NOW);
    assert_eq!((unmapped.granted.map(|_| ()), unmapped.names), (Err(Reason::NotMapped), None));
}

proptest! {
    #[test]
    fn nothing_a_page_sets_changes_origin_path_token_or_interface(value in "\\PC*") {
        let embed = revenue();
        let mut view = view(&embed);
        view.controls = vec![("Region".to_owned(), value)];
        let minted = mint(&acme(), &embed, &view, &ann(), &mut Seed::new([7; 32]).into_stream(), NOW).expect("a URL");
        let url = url::Url::parse(minted.url.expose()).expect("a URL");
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        prop_assert_eq!(names, [":jwt", ":embed", "Region"]);
        prop_assert_eq!(url.fragment(), None);
        prop_assert_eq!(format!("{}{}", url.origin().ascii_serialization(), url.path()), SALES);
    }
}
