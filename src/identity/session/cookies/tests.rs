//! Our cookies: found, set, expired, kept away.

use super::*;

fn headers(lines: &[&str]) -> HeaderMap {
    lines.iter().map(|line| (COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap())).collect()
}

fn stripped(lines: &[&str]) -> Option<String> {
    Cookies::of(&headers(lines)).for_host().map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap())
}

#[test]
fn our_cookies_are_found_over_several_lines_and_others_are_not_ours() {
    let id = AttemptId::of_state("state");
    let name = CookieName::LoginAttempt(id.clone());
    let headers = headers(&["a=1; __Host-sg=s1", &format!(" {name}=v ;__Host-sg-n=3"), "__HOST-sg=x; __Host-sgx=y"]);
    let jar = Cookies::of(&headers);
    assert_eq!(jar.session_values().collect::<Vec<_>>(), ["s1"]);
    assert_eq!(jar.attempts().collect::<Vec<_>>(), [(&id, "v")]);
    assert_eq!(jar.rounds_values().collect::<Vec<_>>(), ["3"]);
    assert!(jar.has(&name) && !jar.has(&CookieName::LoginAttempt(AttemptId::of_state("other"))));
}

#[test]
fn broken_and_oversized_cookies_are_passed_over() {
    let long = format!("__Host-sg={}", "A".repeat(COOKIE_BYTES_MAX));
    let headers = headers(&["__Host-sg", "__Host-sg-l-XYZ=1; =; ;;", &long, "__Host-sg=\u{e9}"]);
    let jar = Cookies::of(&headers);
    assert_eq!(jar.session_values().collect::<Vec<_>>(), ["\u{e9}"]);
    assert_eq!(jar.attempts().count(), 0);
}

#[test]
fn ten_thousand_cookies_are_bounded_work_and_the_same_value_twice_is_one() {
    let many: Vec<String> = (0..10_000).map(|i| format!("__Host-sg={i}")).collect();
    assert_eq!(Cookies::of(&headers(&[&many.join("; ")])).session_values().count(), OWN_COOKIES_MAX);
    assert_eq!(Cookies::of(&headers(&["__Host-sg=a", "__Host-sg=a"])).session_values().count(), 1);
}

/// Browsers name older cookies first: what forty restored tabs began stands before the session and the newest attempt.
#[test]
fn the_newest_attempts_and_the_session_are_read_behind_many_old_attempts() {
    let id = |tab: usize| AttemptId::of_state(&format!("tab {tab}"));
    let attempt = |tab| format!("{}={tab}", CookieName::LoginAttempt(id(tab)));
    let line = |tabs, session: &str| (0..tabs).map(attempt).chain([session.to_owned()]).collect::<Vec<_>>().join("; ");
    for tabs in [1, OWN_COOKIES_MAX - 1, OWN_COOKIES_MAX, 10 * OWN_COOKIES_MAX] {
        let jar = Cookies::of(&headers(&[&line(tabs, "__Host-sg=a")]));
        assert_eq!(jar.session_values().collect::<Vec<_>>(), ["a"], "{tabs}");
        let kept: Vec<_> = jar.attempts().map(|(id, _)| id.clone()).collect();
        let newest: Vec<_> = (tabs.saturating_sub(OWN_COOKIES_MAX - 1)..tabs).map(id).collect();
        assert_eq!(kept, newest, "{tabs}");
    }
}

#[test]
fn the_host_application_gets_every_other_cookie_byte_for_byte() {
    assert_eq!(stripped(&["a=1;b = \"2\" ;c=\u{e9}"]).as_deref(), Some("a=1;b = \"2\" ;c=\u{e9}"));
    assert_eq!(stripped(&["a=1; __Host-sg=x; b=2"]).as_deref(), Some("a=1; b=2"));
    assert_eq!(stripped(&["__Host-sg=x; b=2"]).as_deref(), Some("b=2"));
    assert_eq!(stripped(&["a=1", "__Host-sg-n=1", "b=2"]).as_deref(), Some("a=1; b=2"));
    assert_eq!(stripped(&["__Host-sgx=y; __HOST-sg=z"]).as_deref(), Some("__Host-sgx=y; __HOST-sg=z"));
    assert_eq!(stripped(&["__Host-sg=x", "__Host-sg-l-0=1; __Host-sg"]), None);
    assert_eq!(stripped(&[]), None);
}

#[test]
fn an_assertion_in_a_cookie_as_well_is_kept_from_the_host_application() {
    let withheld = |line: &str| {
        let mut cookies = Cookies::of(&headers(&[line]));
        cookies.withhold("a.b.c");
        cookies.for_host().map(|value| value.to_str().unwrap().to_owned())
    };
    for (line, left) in [
        ("a=1; CF_Authorization=a.b.c; b=2", Some("a=1; b=2")),
        ("BearerToken=a.b.c", None),
        ("BearerToken=\"a.b.c\"; b=2", Some("b=2")),
        ("a=1; x= a.b.c ", Some("a=1")),
        ("a.b.c; b=2", Some("b=2")),
        ("__Host-sg=x; a=1; t=a.b.c", Some("a=1")),
        ("a=1;b = \"2\" ;c=a.b.cd; d=xa.b.c", Some("a=1;b = \"2\" ;c=a.b.cd; d=xa.b.c")),
        ("a=1", Some("a=1")),
    ] {
        assert_eq!(withheld(line).as_deref(), left, "{line}");
    }
}

#[test]
fn our_cookies_have_the_attributes_of_the_host_prefix_and_expire_with_the_same() {
    let text = |cookie: SetCookie| cookie.into_header().to_str().unwrap().to_owned();
    let kept = text(SetCookie::keep(&CookieName::Session, "v", Duration::from_secs(60)));
    assert_eq!(kept, "__Host-sg=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60");
    let expired = text(SetCookie::expire(&CookieName::LoginRounds));
    assert_eq!(expired, "__Host-sg-n=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
}

#[test]
fn a_session_is_expired_as_it_was_set_and_in_a_partition() {
    let lines = SetCookie::expire_sessions().map(SetCookie::into_header);
    assert_eq!(lines[0], "__Host-sg=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
    assert_eq!(lines[1], "__Host-sg=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0");
    assert!(lines.iter().all(SetCookie::is_session));
}

#[test]
fn host_application_cookies_are_forgotten_with_and_without_domain() {
    let lines: Vec<String> = SetCookie::forget(&HostCookie::parse("JSESSIONID; Path=/app").unwrap(), "crm.example.com")
        .into_iter()
        .map(|cookie| cookie.into_header().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "JSESSIONID=; Secure; Path=/app; Max-Age=0",
            "JSESSIONID=; Secure; Path=/app; Domain=crm.example.com; Max-Age=0"
        ]
    );
    for text in ["a b", "", "a=b", "a; Path=b", "a; Path=/b;c", "a; Domain=x"] {
        assert_eq!(HostCookie::parse(text), Err(HostCookieError), "{text}");
    }
}

#[test]
fn the_host_application_cannot_set_our_names_in_any_case() {
    let sets = |line| sets_ours(&HeaderValue::from_static(line));
    assert!(sets("__Host-sg=x; Path=/") && sets(" __HOST-SG-l-0 =x") && sets("__host-sg;") && sets("__Host-sg-n="));
    assert!(!sets("sg=__Host-sg") && !sets("__Host-session=1") && !sets(""));
}

proptest::proptest! {
    #[test]
    fn nothing_of_ours_reaches_the_host_application(
        lines in proptest::collection::vec("([ ;=a]|__Host-sg|-l-|-n|é){0,12}", 0..4),
    ) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let read = Cookies::of(&headers(&lines));
        let left: HeaderMap = read.for_host().map(|value| (COOKIE, value.clone())).into_iter().collect();
        let jar = Cookies::of(&left);
        let found = jar.session_values().count() + jar.attempts().count() + jar.rounds_values().count();
        proptest::prop_assert_eq!(found, 0);
        proptest::prop_assert!(!left.values().any(|line| line.as_bytes().split(|b| *b == b';').any(is_ours_pair)));
    }
    #[test]
    fn what_is_left_is_the_other_pairs_joined_as_they_were(
        lines in proptest::collection::vec("([ ;=a]|__Host-sg|-l-|-n|é){0,12}", 0..4),
    ) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let model = |lines: &[&str]| {
            let is_theirs = |pair: &&str| !is_ours_pair(pair.as_bytes());
            if let [line] = lines && line.split(';').all(|pair| is_theirs(&pair)) {
                return Some((*line).to_owned());
            }
            let left = lines.iter().map(|line| line.split(';').filter(is_theirs).collect::<Vec<_>>().join(";"));
            let left: Vec<String> = left.map(|line| line.trim_ascii().to_owned()).filter(|line| !line.is_empty()).collect();
            (!left.is_empty()).then(|| left.join("; "))
        };
        proptest::prop_assert_eq!(stripped(&lines), model(&lines));
    }
}

#[test]
fn a_reading_shares_the_lines_and_shows_nothing() {
    let read = Cookies::of(&headers(&["theme=dark; __Host-sg=SECRET"]));
    assert_eq!(read.session_values().collect::<Vec<_>>(), ["SECRET"]);
    assert_eq!(format!("{read:?}"), "Cookies(redacted)");
}
