//! What each endpoint says, to whom, with which cookies, and what is told of it.

use http::{StatusCode, header};
use serde_json::Value;

use super::{
    Asked, Described, Redeemed, Said, assertion_keys, begin, callback, confirm_sign_out, embed_api, embed_page,
    embed_page_without_url, embed_redirect, events, link_to_sign_in, may_begin, returned, script, sign_in::Round,
    style, user_info,
};
use crate::{
    decide::{
        Asker, Decision, Event, Facts, Own, SignIn, WayBack, decide,
        tests::{CONFIG, NAVIGATION, ann, config, facts, facts_by_cookies, facts_under, session},
    },
    identity::{
        AtSignOut, CookieName, FailedLogin, LoginError, LoginPurpose, LoginRounds, ProviderMetadata, ProviderName,
        ReturnTo, Session, SetCookie, SignedIn,
        testing::{NOW, document},
    },
    reason::Reason,
    seed::{Seed, SeedStream},
};

const FRAME: &str = "sec-fetch-dest: iframe\nsec-fetch-site: same-origin";
const API: &str = "/sigma/api/embeds/revenue";
const FETCH: &str = "sec-fetch-dest: empty\nsec-fetch-site: same-origin";

pub(super) fn stream() -> SeedStream {
    Seed::new([7; 32]).into_stream()
}

/// What is said to a request for which nothing has to be waited.
pub(super) fn answer(head: &str, asker: Asker) -> Said {
    let (facts, mut stream) = (facts(head, asker), stream());
    let mut asked = Asked::new(&facts, &mut stream);
    match decide(&facts.place, &facts.asker, &facts.request.visit) {
        Decision::Own(Own::UserInfo) => user_info(asked),
        Decision::Own(Own::EmbedPage) => embed_page(asked),
        Decision::Own(Own::EmbedPageWithoutUrl) => embed_page_without_url(asked),
        Decision::Own(Own::EmbedRedirect) => embed_redirect(asked),
        Decision::Own(Own::EmbedApi) => embed_api(asked),
        Decision::Own(Own::Style) => style(asked),
        Decision::Own(Own::Script) => script(asked),
        Decision::Own(Own::AssertionKeys) => assertion_keys(asked),
        Decision::Own(Own::ConfirmSignOut) => confirm_sign_out(asked),
        Decision::SignIn(how) => link_to_sign_in(&mut asked, how).expect("a link"),
        Decision::Refuse(reason) => Said::refused(&facts, reason),
        decision @ (Decision::Own(
            Own::BeginSignIn | Own::EndSignIn | Own::KeepAnswer | Own::SignOut | Own::SignedOut | Own::TakeReport,
        )
        | Decision::Forward { .. }
        | Decision::Deny(_)) => panic!("{head}: {decision:?}"),
    }
}

/// What an endpoint says that has heard something.
pub(super) fn hearing<H>(facts: &Facts, heard: H, endpoint: impl FnOnce(Asked<'_, H>) -> Said) -> Said {
    endpoint(Asked::new(facts, &mut stream()).hearing(heard))
}

pub(super) fn nobody() -> Asker {
    Asker::of(None)
}

pub(super) fn location(said: &Said) -> &str {
    said.answer.headers().get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
}

fn json(said: &Said) -> Value {
    serde_json::from_slice(said.answer.body()).unwrap()
}

/// The names of the cookies, `-` before those that end.
pub(super) fn cookies(said: &Said) -> Vec<String> {
    let name = |cookie: &SetCookie| {
        let line = cookie.clone().into_header();
        let line = line.to_str().unwrap();
        let ends = if line.contains("Max-Age=0") { "-" } else { "" };
        format!("{ends}{}", line.split('=').next().unwrap())
    };
    said.cookies.iter().map(name).collect()
}

pub(super) fn metadata() -> ProviderMetadata {
    let settings = CONFIG.providers.values().next().unwrap().oidc().unwrap();
    let mut document = document(&settings.issuer);
    document["end_session_endpoint"] = "https://login.example.com/out".into();
    ProviderMetadata::parse(document.to_string().as_bytes(), settings).unwrap()
}

#[test]
fn assets_are_for_everybody() {
    for (path, content_type) in [("style.css", "text/css"), ("links.js", "text/javascript")] {
        let said = answer(&format!("GET /sigma/{path}"), nobody());
        assert_eq!((said.answer.status(), said.why), (StatusCode::OK, "asset"));
        assert!(said.cookies.is_empty() && said.events.is_empty());
        let header = |name| said.answer.headers()[name].to_str().unwrap();
        assert_eq!(header(header::CONTENT_TYPE), format!("{content_type}; charset=utf-8"));
        assert_eq!(header(header::CACHE_CONTROL), "public, max-age=300");
    }
}

#[test]
fn userinfo_tells_who_somebody_is_and_what_the_rules_give_and_nobody_of_nobody() {
    let said = answer("GET /oauth2/userinfo", ann(&["finance"]));
    let told = json(&said);
    assert_eq!(
        (told["email"].as_str(), told["sigma"]["teams"][0].as_str()),
        (Some("ann@example.com"), Some("Finance"))
    );
    let told = json(&answer("GET /oauth2/userinfo", ann(&["sales"])));
    assert_eq!(told["sigma"]["reason"], "not_mapped");
    let said = answer("GET /oauth2/userinfo", nobody());
    assert_eq!((said.why, json(&said)["login_url"].as_str()), ("not_signed_in", Some("/oauth2/start?rd=%2F")));
}

#[test]
fn the_embed_api_gives_a_signed_url_and_one_record_of_it() {
    let said = answer(&format!("GET {API}\n{FETCH}"), ann(&["finance"]));
    assert!(json(&said)["url"].as_str().unwrap().starts_with("https://app.sigmacomputing.com/acme/"), "{said:?}");
    assert!(matches!(&said.events[..], [Event::Minted(record)] if record.email == "ann@example.com"));
}

#[test]
fn an_embed_is_refused_on_the_record_with_the_claims_that_were_missing() {
    let refused = |head: &str, asker: Asker| {
        let said = answer(head, asker);
        (said.why, said.events)
    };
    let fetch = format!("GET {API}\n{FETCH}");
    let embed = |reason, detail: Option<&str>| {
        let embed = Some(CONFIG.catalogue.by_name("revenue").unwrap().name.clone());
        vec![Event::Refused { reason, embed, detail: detail.map(str::to_owned) }]
    };
    let unknown = Some("mapping finance: groups: the claim is missing");
    let read = Some("groups: there, and nothing that is asked for");
    assert_eq!(refused(&fetch, ann(&["sales"])), ("not_mapped", embed(Reason::NotMapped, read)));
    assert_eq!(refused(&fetch, ann(&[])), ("not_mapped", embed(Reason::NotMapped, unknown)));
    let foreign = format!("GET {API}\nsec-fetch-site: cross-site");
    assert_eq!(refused(&foreign, ann(&[])), ("cross_site", embed(Reason::CrossSite, None)));
    let framed = answer("GET /sigma/embed/revenue\nsec-fetch-dest: iframe\nsec-fetch-site: cross-site", ann(&[]));
    let policy = framed.answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(framed.why == "cross_site" && !policy.contains("frame-ancestors"), "its words are read: {policy}");
    assert_eq!(refused(&fetch, nobody()), ("not_signed_in", vec![]));
    let other = format!("GET /sigma/api/embeds/other\n{FETCH}");
    assert_eq!(refused(&other, ann(&["finance"])), ("embed_unknown", vec![]));
}

#[test]
fn a_stable_link_is_the_embed_page_with_a_url_for_whoever_looks_at_it_and_a_sign_in_for_nobody() {
    let said = |how: &str, asker| answer(&format!("GET /sigma/embed/revenue?Region=NL\n{how}"), asker);
    let settings = |said: &Said| {
        let page = String::from_utf8(said.answer.body().to_vec()).unwrap();
        let (_, rest) = page.split_once("id=\"embed\">").expect("the settings");
        serde_json::from_str::<Value>(rest.split_once("</script>").unwrap().0).unwrap()
    };
    for how in [NAVIGATION, FRAME] {
        let page = said(how, ann(&["finance"]));
        assert!(matches!(&page.events[..], [Event::Minted(_)]), "{how}");
        let told = settings(&page);
        assert!(told["minted"]["url"].as_str().unwrap().starts_with("https://app.sigmacomputing.com/acme/"), "{how}");
        assert_eq!((&told["embed"], &told["title"]), (&"revenue".into(), &"Revenue".into()));
        assert_eq!((&told["sigma"], &told["api"]), (&"https://app.sigmacomputing.com".into(), &API.into()));
    }
    let bare = said(FETCH, ann(&["finance"]));
    assert_eq!((bare.why, bare.events.len()), ("embed_page", 0));
    assert!(settings(&bare)["minted"].is_null(), "nothing about a person");
    assert_eq!(said(FRAME, ann(&["sales"])).why, "not_mapped");
    let refused = said(&format!("{FRAME}\nreferer: https://crm.example.com/page"), nobody());
    assert_eq!((refused.why, refused.answer.status()), ("not_signed_in", StatusCode::UNAUTHORIZED));
    assert_eq!(settings(&refused)["refusal"]["login_url"], "/oauth2/start?rd=%2Fpage");
}

#[test]
fn without_fetch_metadata_a_stable_link_leads_to_sigma() {
    let led = answer("GET /sigma/embed/revenue", ann(&["finance"]));
    assert!(location(&led).starts_with("https://app.sigmacomputing.com/acme/"));
    assert!(led.answer.headers()[header::LOCATION].is_sensitive(), "a bearer secret");
    assert!(matches!(&led.events[..], [Event::Minted(_)]));
}

#[test]
fn sigmas_error_codes_are_counted_and_nothing_else_that_a_script_says() {
    let said = |body: Option<&'static str>| hearing(&facts("POST /x", ann(&[])), body.map(Into::into), events);
    let code = |body| match &said(Some(body)).events[..] {
        [Event::EmbedError { code, .. }] => Some(*code),
        _ => None,
    };
    assert_eq!(code(r#"{"embed":"revenue","code":"EINVAL"}"#), Some("EINVAL"));
    assert_eq!(code(r#"{"embed":"revenue","code":"<script>"}"#), Some("OTHER"));
    assert_eq!(code(r#"{"embed":"other","code":"EINVAL"}"#), None);
    assert_eq!(code("no JSON"), None);
    assert_eq!(said(None).why, "body_too_large");
}

#[test]
fn a_sign_in_begins_with_a_cookie_of_its_own_and_a_redirect_to_the_provider() {
    let facts = facts("GET /oauth2/start?rd=%2Fpage", nobody());
    let settings = CONFIG.providers.values().next().unwrap().oidc().unwrap();
    let round = || Round { settings, purpose: LoginPurpose::SignIn, hint: None };
    let described = |metadata| Described { round: round(), return_to: ReturnTo::default(), metadata };
    let begun = may_begin(&mut Asked::new(&facts, &mut stream()), &ReturnTo::default()).map(|round| round.purpose);
    assert_eq!(begun.unwrap(), LoginPurpose::SignIn);
    let metadata = metadata();
    let said = hearing(&facts, described(Ok(&metadata)), begin);
    assert!(location(&said).starts_with("https://login.example.com/authorize?"), "{said:?}");
    assert!(matches!(&cookies(&said)[..], [name] if name.starts_with("__Host-sg-l-")));
    let down = LoginError::ProviderUnreachable { cause: "down".to_owned() };
    let wrong = LoginError::ProviderDocuments { cause: "wrong".to_owned() };
    for (error, why) in [(down, "provider_unreachable"), (wrong, "provider_documents")] {
        let told = error.to_string();
        let said = hearing(&facts, described(Err(error)), begin);
        assert_eq!((said.why, said.cookies.len()), (why, 0));
        assert!(matches!(&said.events[..], [Event::SignIn { detail: Some(cause), .. }] if *cause == told));
    }
}

#[test]
fn a_third_sign_in_without_a_session_is_a_loop_and_ends_the_count() {
    let (keys, site) = (&CONFIG.session.keys, "crm.example.com");
    let rounds = (0..3).fold(LoginRounds::default(), |rounds, _| rounds.finished(NOW));
    let head = format!("GET /oauth2/start\ncookie: __Host-sg-n={}", rounds.seal(keys, site, [7; 12]));
    let facts = facts(&head, nobody());
    let said = may_begin(&mut Asked::new(&facts, &mut stream()), &ReturnTo::default()).unwrap_err();
    assert_eq!((said.why, &cookies(&said)[..]), ("login_loop", &["-__Host-sg-n".to_owned()][..]));
}

#[test]
fn where_no_sign_in_begins_there_is_a_link_to_one() {
    let facts = facts("POST /form\nsec-fetch-dest: document", nobody());
    let mut stream = stream();
    let mut asked = Asked::new(&facts, &mut stream);
    assert!(link_to_sign_in(&mut asked, SignIn::Redirect).is_none());
    let link = SignIn::Link { reason: Reason::IdentityConflict, back: WayBack::Here };
    let said = link_to_sign_in(&mut asked, link).unwrap();
    let page = String::from_utf8(said.answer.body().to_vec()).unwrap();
    assert_eq!(said.why, "identity_conflict");
    assert!(page.contains("/oauth2/start?rd=%2Fform") && page.contains("in a new tab"), "{page}");
}

#[test]
fn a_method_that_an_endpoint_does_not_take_is_refused_with_those_that_it_takes() {
    for (head, expected) in [
        ("POST /oauth2/callback", "GET"),
        ("POST /oauth2/start", "GET"),
        ("PUT /oauth2/sign_out", "GET, POST"),
        ("GET /sigma/api/events", "POST"),
        ("DELETE /sigma/embed/revenue", "GET, HEAD"),
        ("POST /sigma/style.css", "GET, HEAD"),
    ] {
        let said = answer(head, ann(&["finance"]));
        assert_eq!(
            (said.why, said.answer.headers()[header::ALLOW].to_str().unwrap()),
            ("method_not_allowed", expected)
        );
    }
    let said = answer("GET /sigma/api/embeds/other\nsec-fetch-dest: empty\nsec-fetch-site: same-origin", ann(&[]));
    assert!(said.why == "embed_unknown" && !said.answer.headers().contains_key(header::ALLOW));
}

#[test]
fn what_a_provider_says_is_on_the_page_of_its_attempt_and_a_strangers_words_are_in_the_log_alone() {
    let facts = facts(&format!("GET /oauth2/callback\n{NAVIGATION}"), nobody());
    let query = "state=s&error=access_denied&error_description=Not+assigned";
    let refused = crate::identity::CallbackParameters::parse(query).unwrap().words().unwrap();
    let failed = finish(&facts, Err(LoginError::ProviderRefused { words: refused }));
    let page = |said: &Said| String::from_utf8(said.answer.body().to_vec()).unwrap();
    let detail = |said: &Said| match &said.events[..] {
        [Event::SignIn { detail: Some(detail), .. }] => detail.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(failed.why, "provider_refused");
    assert!(page(&failed).contains("<q>access_denied: Not assigned</q>"), "{}", page(&failed));
    assert!(detail(&failed).ends_with(r#"access_denied: "Not assigned""#));
    let without_state = query.strip_prefix("state=s&").unwrap();
    let twice = format!("{query}&state=t");
    for (query, why) in [(query, "attempt_missing"), (without_state, "state_mismatch"), (&twice, "state_mismatch")] {
        let head = format!("GET /oauth2/callback?{query}\n{NAVIGATION}");
        let stranger = returned(&facts_by_cookies(&head)).unwrap_err();
        assert_eq!(stranger.why, why);
        assert!(!page(&stranger).contains("assigned"), "{query}");
        let told = detail(&stranger);
        assert!(told.ends_with(r#"; it says access_denied: "Not assigned""#), "{told}");
    }
}

#[test]
fn an_answer_that_was_used_already_is_fine_for_whoever_is_signed_in_and_a_refusal_for_nobody() {
    let used = "GET /oauth2/callback?state=s&code=c";
    let said = returned(&facts(used, ann(&[]))).unwrap_err();
    assert_eq!((said.why, location(&said), said.events.len()), ("signed_in", "/", 0));
    let said = returned(&facts(used, nobody())).unwrap_err();
    assert_eq!((said.why, said.events.len()), ("attempt_missing", 1));
    let said = returned(&facts("GET /oauth2/callback?state=s&state=s", ann(&[]))).unwrap_err();
    assert_eq!(said.why, "state_mismatch");
}

/// What the callback says to Ann who has just signed in; `before` is the session in her cookie.
fn signed_in(before: Option<&Session>) -> Said {
    let cookie = before.map(|session| session.seal(&CONFIG.session, "crm.example.com", [8; 12]).unwrap());
    let head =
        format!("GET /oauth2/callback\ncookie: {}", cookie.map(|it| format!("__Host-sg={it}")).unwrap_or_default());
    finish(&facts_by_cookies(&head), Ok(ann_signed_in()))
}

pub(super) fn ann_signed_in() -> SignedIn {
    let identity = ann(&[]).visitor.unwrap().identity;
    SignedIn { identity, id_token_hint: None, read: vec!["groups: missing".to_owned()], address: None }
}

pub(super) fn finish(facts: &Facts, signed_in: Result<SignedIn, LoginError>) -> Said {
    hearing(facts, redeemed(ReturnTo::default(), signed_in), callback)
}

/// What came of Ann's attempt.
pub(super) fn redeemed(return_to: ReturnTo, signed_in: Result<SignedIn, LoginError>) -> Redeemed {
    let provider = ProviderName::parse("corp").unwrap();
    let (purpose, at_sign_out) = (LoginPurpose::SignIn, AtSignOut::Nothing);
    Redeemed {
        attempt: attempt(),
        provider,
        return_to,
        purpose,
        at_sign_out,
        signed_in: signed_in.map_err(FailedLogin::from),
    }
}

fn attempt() -> CookieName {
    CookieName::LoginAttempt(crate::identity::AttemptId::of_state("state"))
}

#[test]
fn a_session_begins_with_its_cookie_a_count_and_the_end_of_the_attempt() {
    let said = signed_in(None);
    let gone = format!("-{}", attempt());
    let (session, rounds, host) = ("__Host-sg", "__Host-sg-n", "-CRMSESSION");
    assert_eq!(said.why, "signed_in");
    assert_eq!(cookies(&said), [session, rounds, host, host, gone.as_str()]);
    assert!(matches!(&said.events[..], [Event::SignIn { result: "signed_in", user: Some(user), .. }] if user == "u-1"));
}

/// The session is there all the same, and no redirect hides that parameters are lost.
#[test]
fn an_address_that_was_too_long_to_be_kept_ends_on_a_page_that_says_so() {
    let facts = facts("GET /oauth2/callback", nobody());
    let address = format!("/reports?{}", "a".repeat(crate::limits::RETURN_TO_REQUEST_BYTES_MAX));
    let leads = |to: &str| redeemed(ReturnTo::of_request(to, &facts.site().url), Ok(ann_signed_in()));
    let said = hearing(&facts, leads(&address), callback);
    let page = String::from_utf8(said.answer.body().to_vec()).unwrap();
    assert_eq!((said.answer.status(), cookies(&said)[0].as_str()), (StatusCode::OK, "__Host-sg"));
    assert!(page.contains("too long") && page.contains(r#"href="/reports""#), "{page}");
    let whole = hearing(&facts, leads("//x.example/y"), callback);
    assert_eq!(location(&whole), "https://crm.example.com//x.example/y");
}

#[test]
fn what_the_rules_read_is_told_of_a_sign_in_only_where_that_is_switched_on() {
    let told = |is_on: bool| {
        let config = config(|text| if is_on { format!("[log]\nclaims = true\n{text}") } else { text });
        let facts = facts_under(&config, "GET /oauth2/callback", nobody());
        finish(&facts, Ok(ann_signed_in())).events
    };
    let [Event::SignIn { .. }, Event::ClaimsRead { user, read }] = &told(true)[..] else { panic!() };
    assert_eq!((user.as_str(), &read[..]), ("u-1", &["groups: missing".to_owned()][..]));
    assert!(matches!(&told(false)[..], [Event::SignIn { .. }]));
}

#[test]
fn the_hosts_cookies_end_with_the_person_but_not_with_the_session() {
    let (mut other, same) = (session(serde_json::json!({})), session(serde_json::json!({})));
    other.identity.subject = "u-2".to_owned();
    let forgets = |said: &Said| cookies(said).iter().any(|name| name == "-CRMSESSION");
    assert!(!forgets(&signed_in(Some(&same))));
    assert!(forgets(&signed_in(Some(&other))));
    let ends_older_ones_first = ["-__Host-sg", "-__Host-sg", "__Host-sg"];
    assert_eq!(cookies(&signed_in(Some(&same)))[..3], ends_older_ones_first);
}

#[test]
fn a_sign_in_that_failed_ends_its_attempt_but_one_that_can_be_loaded_again_does_not() {
    let facts = facts(&format!("GET /oauth2/callback\n{NAVIGATION}"), nobody());
    let failed = finish(&facts, Err(LoginError::AttemptExpired));
    assert_eq!((failed.why, &cookies(&failed)[..]), ("attempt_expired", &[format!("-{}", attempt())][..]));
    let busy = finish(&facts, Err(LoginError::Busy));
    assert_eq!((busy.why, busy.cookies.len()), ("provider_busy", 0));
    for said in [failed, busy] {
        assert!(matches!(&said.events[..], [Event::SignIn { user: None, detail: Some(_), .. }]), "{said:?}");
    }
}
