//! Connections that the host application signs in: bounds, ages, losses.

use std::net::IpAddr;

use http::{HeaderValue, header::AUTHORIZATION};
use tokio::time::sleep;

use super::*;
use crate::{
    connect::{PinOwner, PinSlot, Signers, Whose},
    identity::SessionMark,
    reason::Reason,
};

const CHALLENGE: Act = Act::Write("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 2\r\n\r\nno");
const ONE: &str = "192.0.2.1";

/// A request of a session on a client connection, with a value of `Authorization`.
async fn ask(
    pool: &UpstreamPool,
    upstream: &Upstream,
    (slot, address, session): (&PinSlot, &str, u8),
    (method, authorization): (&str, &'static str),
) -> Result<String, UpstreamError> {
    let session = || SessionMark::numbered(session);
    let address: IpAddr = address.parse().unwrap();
    let owner = PinOwner { slot, address, session: &session };
    let head = || with(head(method), authorization);
    Ok(text(pool.send_for(Whose { owner: Some(owner), rest: None }, &upstream.at, head, empty(), waits()).await?).await)
}

fn with(mut head: Parts, authorization: &'static str) -> Parts {
    if !authorization.is_empty() {
        head.headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
    }
    head
}

const SIGN_IN: (&str, &str) = ("GET", "NTLM x");
const PLAIN: (&str, &str) = ("GET", "");

#[tokio::test]
async fn it_serves_its_session_and_no_other_and_never_the_pool() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let (pool, slot) = (pool(|_| {}), PinSlot::default());
    for request in [SIGN_IN, PLAIN, ("POST", ""), SIGN_IN] {
        ask(&pool, &upstream, (&slot, ONE, 1), request).await.unwrap();
    }
    assert_eq!((upstream.counts(), pool.kept()), ((1, 4), 0));
    text(send(&pool, &upstream, "GET").await.unwrap()).await;
    assert_eq!((upstream.counts().0, pool.kept()), (2, 1), "somebody else has a connection of the pool");
    ask(&pool, &upstream, (&slot, ONE, 2), PLAIN).await.unwrap();
    assert_eq!((upstream.counts().0, pool.kept()), (2, 1), "so has another session on the same client connection");
    ask(&pool, &upstream, (&slot, ONE, 1), SIGN_IN).await.unwrap();
    assert_eq!(pool.kept(), 0, "and what was signed in before is gone");
}

#[tokio::test]
async fn another_host_application_never_gets_it() {
    let (one, other) = (Upstream::start(&[&[WHOLE]]).await, Upstream::start(&[&[WHOLE]]).await);
    let (pool, slot) = (pool(|_| {}), PinSlot::default());
    ask(&pool, &one, (&slot, ONE, 1), SIGN_IN).await.unwrap();
    ask(&pool, &other, (&slot, ONE, 1), PLAIN).await.unwrap();
    ask(&pool, &one, (&slot, ONE, 1), PLAIN).await.unwrap();
    assert_eq!((one.counts(), other.counts()), ((2, 2), (1, 1)));
}

#[tokio::test]
async fn beyond_the_places_of_an_upstream_a_sign_in_is_refused_unasked_and_all_others_go_on() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|limits| limits.pinned = 1);
    let (first, second) = (PinSlot::default(), PinSlot::default());
    ask(&pool, &upstream, (&first, ONE, 1), SIGN_IN).await.unwrap();
    let error = ask(&pool, &upstream, (&second, "192.0.2.2", 2), SIGN_IN).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Pinned) && error.reason() == Reason::UpstreamBusy);
    assert_eq!(upstream.counts(), (1, 1));
    assert_eq!(ask(&pool, &upstream, (&second, ONE, 2), PLAIN).await.unwrap(), "ok");
    assert_eq!(ask(&pool, &upstream, (&first, ONE, 1), SIGN_IN).await.unwrap(), "ok", "it has its place");
    drop(first);
    assert_eq!(ask(&pool, &upstream, (&second, ONE, 2), SIGN_IN).await.unwrap(), "ok");
}

#[tokio::test]
async fn one_client_address_has_a_part_of_the_places() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|limits| limits.pinned_per_address = 1);
    let slots = [PinSlot::default(), PinSlot::default(), PinSlot::default()];
    ask(&pool, &upstream, (&slots[0], ONE, 1), SIGN_IN).await.unwrap();
    let error = ask(&pool, &upstream, (&slots[1], "::ffff:192.0.2.1", 1), SIGN_IN).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Pinned));
    ask(&pool, &upstream, (&slots[2], "192.0.2.2", 1), SIGN_IN).await.unwrap();
}

#[tokio::test]
async fn without_a_place_a_challenge_passes_and_its_connection_is_closed() {
    let upstream = Upstream::start(&[&[CHALLENGE]]).await;
    let (pool, slot) = (pool(|limits| limits.pinned = 0), PinSlot::default());
    for count in 1..3 {
        assert_eq!(ask(&pool, &upstream, (&slot, ONE, 1), PLAIN).await.unwrap(), "no");
        assert_eq!((upstream.counts(), pool.kept()), ((count, count), 0));
    }
}

#[tokio::test]
async fn it_is_closed_at_its_age_without_any_traffic_and_its_place_is_free() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|limits| {
        (limits.kept_age, limits.pinned_age, limits.pinned) = (Duration::from_millis(40), Duration::from_millis(60), 1);
    });
    let (old, new) = (PinSlot::default(), PinSlot::default());
    ask(&pool, &upstream, (&old, ONE, 1), SIGN_IN).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    ask(&pool, &upstream, (&new, ONE, 1), SIGN_IN).await.unwrap();
    ask(&pool, &upstream, (&old, ONE, 1), PLAIN).await.unwrap();
    assert_eq!(upstream.counts(), (3, 3));
}

#[tokio::test]
async fn it_outlives_the_age_of_shared_connections() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let (pool, slot) = (pool(|limits| limits.kept_age = Duration::from_millis(20)), PinSlot::default());
    ask(&pool, &upstream, (&slot, ONE, 1), SIGN_IN).await.unwrap();
    sleep(Duration::from_millis(120)).await;
    ask(&pool, &upstream, (&slot, ONE, 1), PLAIN).await.unwrap();
    assert_eq!(upstream.counts(), (1, 2));
}

#[tokio::test]
async fn once_no_site_leads_there_it_is_closed() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|limits| (limits.kept_age, limits.pinned) = (Duration::from_millis(40), 1)).leading_to(|_| false);
    let (old, new) = (PinSlot::default(), PinSlot::default());
    ask(&pool, &upstream, (&old, ONE, 1), SIGN_IN).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    ask(&pool, &upstream, (&new, ONE, 1), SIGN_IN).await.unwrap();
}

#[tokio::test]
async fn what_a_lost_one_was_asked_is_repeated_where_that_has_no_effect() {
    for (method, counts) in [("GET", Some((2, 3))), ("POST", None)] {
        let upstream = Upstream::start(&[&[WHOLE], &[Act::Close]]).await;
        let (pool, slot) = (pool(|_| {}), PinSlot::default());
        ask(&pool, &upstream, (&slot, ONE, 1), SIGN_IN).await.unwrap();
        let again = ask(&pool, &upstream, (&slot, ONE, 1), (method, "")).await;
        assert_eq!(again.is_ok(), counts.is_some(), "{method}: {again:?}");
        assert_eq!(upstream.counts(), counts.unwrap_or((1, 2)), "{method}");
        // The one that it was repeated on is nobody's.
        assert_eq!(pool.kept(), usize::from(counts.is_some()), "{method}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_ends_it() {
    const SHORT: Act = Act::Write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    let upstream = Upstream::start(&[&[SHORT, Act::Wait(100), Act::Close]]).await;
    let (pool, slot) = (pool(|limits| limits.pinned = 1), PinSlot::default());
    let session = || SessionMark::numbered(1);
    for _ in 0..2 {
        let owner = PinOwner { slot: &slot, address: ONE.parse().unwrap(), session: &session };
        let answer = pool
            .send_for(
                Whose { owner: Some(owner), rest: None },
                &upstream.at,
                || with(head("GET"), "NTLM x"),
                empty(),
                waits(),
            )
            .await
            .unwrap();
        assert!(answer.into_body().collect().await.is_err());
    }
    assert_eq!(upstream.counts(), (2, 2));
}

#[tokio::test]
async fn once_an_application_signs_connections_in_no_scheme_of_a_request_is_trusted() {
    let upstream = Upstream::start(&[&[WHOLE], &[WHOLE], &[CHALLENGE], &[WHOLE]]).await;
    let pool = pool(|_| {});
    let basic = || with(head("GET"), "Basic eDp5");
    let ask = async || text(pool.send(&upstream.at, basic, empty(), HEAD_MAX).await.unwrap()).await;
    assert_eq!((ask().await.as_str(), pool.kept()), ("ok", 1));
    // Beside it a second one, which is kept.
    let (one, two) = (send(&pool, &upstream, "GET").await.unwrap(), send(&pool, &upstream, "GET").await.unwrap());
    text(one).await;
    text(two).await;
    assert_eq!(pool.kept(), 2);
    assert_eq!((text(send(&pool, &upstream, "GET").await.unwrap()).await.as_str(), pool.kept()), ("ok", 2));
    let before = upstream.counts().0;
    assert_eq!((text(send(&pool, &upstream, "GET").await.unwrap()).await.as_str(), pool.kept()), ("no", 1));
    assert_eq!((ask().await.as_str(), pool.kept()), ("ok", 0));
    assert_eq!(upstream.counts().0, before + 1, "the one that was kept is gone");
    text(send(&pool, &upstream, "GET").await.unwrap()).await;
    assert_eq!(pool.kept(), 1, "without any it is lent as before");
}

#[tokio::test]
async fn what_one_core_has_seen_of_an_application_all_know() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let signers = Arc::<Signers>::default();
    let [one, other] = [pool(|_| {}), pool(|_| {})].map(|pool| pool.knowing(Arc::clone(&signers)));
    text(send(&other, &upstream, "GET").await.unwrap()).await;
    assert_eq!(other.kept(), 1);
    let session = PinSlot::default();
    ask(&one, &upstream, (&session, ONE, 1), SIGN_IN).await.unwrap();
    signers.flag(&upstream.at).store(true, Ordering::SeqCst);
    let basic = || with(head("GET"), "Basic eDp5");
    text(other.send(&upstream.at, basic, empty(), HEAD_MAX).await.unwrap()).await;
    assert_eq!((other.kept(), upstream.counts()), (0, (3, 3)), "what was kept before is not used");
}

/// Whether a connection goes back to the pool behind such a request without a session.
async fn is_lent(pool: &UpstreamPool, upstream: &Upstream, authorization: &'static str) -> bool {
    let answer = pool.send(&upstream.at, || with(head("GET"), authorization), empty(), HEAD_MAX).await.unwrap();
    text(answer).await;
    pool.kept() > 0
}

#[tokio::test]
async fn what_is_not_known_to_speak_for_one_request_is_kept_for_its_session_or_closed() {
    for odd in ["'NTLM' x", "Basic x NTLM y", "xNTLM y", "GSS-SPNEGO x", "krb5 x", "Windows x", "Basic", "Basic x, y"] {
        let (upstream, pool, slot) = (Upstream::start(&[&[WHOLE]]).await, pool(|_| {}), PinSlot::default());
        assert!(!is_lent(&pool, &upstream, odd).await, "{odd}");
        for request in [("GET", odd), PLAIN, ("GET", odd)] {
            assert_eq!(ask(&pool, &upstream, (&slot, ONE, 1), request).await.unwrap(), "ok", "{odd}");
        }
        assert_eq!((upstream.counts(), pool.kept()), ((2, 4), 0), "{odd}: one of its own");
    }
    for known in ["Basic eDp5", "Bearer a.b-c_d", "Digest username=\"ntlm\", realm=\"a, b\", nc=00000001"] {
        let (upstream, pool) = (Upstream::start(&[&[WHOLE]]).await, pool(|_| {}));
        assert!(is_lent(&pool, &upstream, known).await, "{known}");
    }
}

#[tokio::test]
async fn without_a_place_an_unknown_scheme_costs_its_connection_and_no_more() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let (pool, slot) = (pool(|limits| limits.pinned = 0), PinSlot::default());
    for count in 1..3 {
        assert_eq!(ask(&pool, &upstream, (&slot, ONE, 1), ("GET", "GenieKey x")).await.unwrap(), "ok");
        assert_eq!((upstream.counts(), pool.kept()), ((count, count), 0));
    }
}

#[tokio::test]
async fn an_application_that_answers_a_sign_in_of_its_connection_is_known_for_one() {
    const NO: Act = Act::Write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
    const SCRIPTS: [(Script, bool); 2] = [(&[&[WHOLE]], true), (&[&[NO]], false)];
    for (script, is_known) in SCRIPTS {
        let (upstream, pool, slot) = (Upstream::start(script).await, pool(|_| {}), PinSlot::default());
        ask(&pool, &upstream, (&slot, ONE, 1), SIGN_IN).await.unwrap();
        assert_eq!(is_lent(&pool, &upstream, "Basic eDp5").await, !is_known, "{script:?}");
    }
}

#[tokio::test]
async fn what_is_in_use_when_an_application_becomes_known_does_not_come_back_after_any_authorization() {
    for (used_before, used_now, kept) in [("Basic eDp5", "", 0), ("", "Basic eDp5", 0), ("", "", 1)] {
        let upstream = Upstream::start(&[&[WHOLE]]).await;
        let (signers, pool) = (Arc::<Signers>::default(), pool(|_| {}));
        let pool = pool.knowing(Arc::clone(&signers));
        assert!(is_lent(&pool, &upstream, used_before).await);
        let in_use = pool.send(&upstream.at, || with(head("GET"), used_now), empty(), HEAD_MAX).await.unwrap();
        signers.flag(&upstream.at).store(true, Ordering::SeqCst);
        let other = send(&pool, &upstream, "GET").await.unwrap();
        text(in_use).await;
        assert_eq!(pool.kept(), kept, "{used_before:?} {used_now:?}");
        drop(other);
    }
}

#[tokio::test]
async fn an_answer_to_head_leaves_a_session_its_own_connection() {
    let upstream = Upstream::start(&[&[Act::Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")], &[WHOLE]]).await;
    let (pool, slot) = (pool(|_| {}), PinSlot::default());
    for request in [("HEAD", "NTLM x"), SIGN_IN] {
        ask(&pool, &upstream, (&slot, ONE, 1), request).await.unwrap();
    }
    assert_eq!(upstream.counts(), (1, 2), "a handshake may begin with one");
}
