//! RS-10: each request is for itself, whatever else is on its connection.

use super::{lab::Lab, message::Message};

#[tokio::test]
async fn rs_10_on_a_shared_connection_every_request_has_the_identity_of_its_own_cookie() {
    let lab = Lab::start().await;
    let (ana, ben) = (lab.cookie_of("ana").await, lab.cookie_of("ben").await);
    let before = lab.requests().len();
    let mut wire = lab.open().await;
    for round in 0..3 {
        for (cookie, user) in [(&ana, Some("user-ana")), (&String::new(), None), (&ben, Some("user-ben"))] {
            let bytes = request("GET", &format!("/r{round}"), cookie, "");
            wire.send(&lab.fill(bytes)).await;
            let answer = wire.answer().await;
            assert_eq!(answer.status(), if user.is_some() { 200 } else { 401 });
            if user.is_some() {
                assert_eq!(user_of(lab.requests().last().unwrap()), user);
            }
        }
    }
    assert_eq!(lab.requests_after(before).len(), 6);
    // The gateway's own connection was shared as well.
    assert!(lab.upstream.bytes().len() < 6);
}

#[tokio::test]
async fn rs_10_pipelined_requests_have_the_identity_of_their_own_cookies_in_order() {
    let lab = Lab::start().await;
    let (ana, ben) = (lab.cookie_of("ana").await, lab.cookie_of("ben").await);
    let before = lab.requests().len();
    let none = String::new();
    let bytes = [
        request("GET", "/1", &ana, ""),
        request("GET", "/2", &none, ""),
        request("GET", "/optional/3", &none, ""),
        request("POST", "/4", &ben, "hello"),
        request("GET", "/public/5", &ana, ""),
        request("GET", "/optional/6", &ben, ""),
        request("GET", "/7", &ana, "").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
    ];
    let answers = lab.exchange(bytes.concat()).await;
    assert_eq!(answers.statuses(), [200, 401, 200, 200, 200, 200, 200], "{}", answers.text());
    let requests = lab.requests_after(before);
    let seen: Vec<_> = requests.iter().map(|request| (request.target(), user_of(request))).collect();
    assert_eq!(
        seen,
        [
            ("/1", Some("user-ana")),
            ("/optional/3", None),
            ("/4", Some("user-ben")),
            ("/public/5", None),
            ("/optional/6", Some("user-ben")),
            ("/7", Some("user-ana")),
        ]
    );
    for (answer, request) in answers.forwarded().zip(&requests) {
        assert_eq!(answer.text(), format!("{} [{}]", request.asks(), request.text()));
    }
}

/// The body of a refused request is no request.
#[tokio::test]
async fn rs_10_the_body_of_a_refused_request_is_never_read_as_one() {
    let lab = Lab::start().await;
    let body = "GET /public/smuggled HTTP/1.1\r\nHost: @HOST\r\n\r\n";
    let filled = String::from_utf8(lab.fill(body)).unwrap();
    let close = request("GET", "/public/last", "", "").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let answers = lab.exchange(request("POST", "/admin", "", &filled) + &close).await;
    assert_eq!(answers.list[0].status(), 401, "{}", answers.text());
    assert!(answers.is_closed);
    assert!(lab.requests().iter().all(|request| request.target() == "/public/last"), "{:?}", lab.requests());
}

/// RFC 9112 9.3: of an answer that came before the body was sent nobody knows what the connection holds.
#[tokio::test]
async fn rs_10_an_upstream_connection_with_an_unread_body_is_not_used_again() {
    let lab = Lab::start().await;
    let mut slow = lab.open().await;
    slow.send(&lab.fill("POST /public/early HTTP/1.1\r\nHost: @HOST\r\nContent-Length: 100\r\n\r\nhalf")).await;
    assert_eq!(slow.answer().await.status(), 200);
    let answers = lab.get("/public/next", "").await;
    assert_eq!(answers.statuses(), [200]);
    let bytes = lab.upstream.bytes();
    assert_eq!(bytes.len(), 2, "the second request has a connection of its own");
    assert!(!String::from_utf8_lossy(&bytes[0]).contains("/public/next"));
}

#[tokio::test]
async fn rs_10_a_client_that_leaves_in_the_middle_of_a_body_cuts_its_upstream_connection() {
    let lab = Lab::start().await;
    let mut leaver = lab.open().await;
    leaver.send(&lab.fill("POST /public/a HTTP/1.1\r\nHost: @HOST\r\nContent-Length: 100\r\n\r\nhalf")).await;
    lab.world.until(|| lab.upstream.requests().len() == 1).await;
    drop(leaver);
    lab.world.until(|| lab.upstream.has_ended(0)).await;
    let answers = lab.get("/public/next", "").await;
    assert_eq!(answers.statuses(), [200]);
    let requests = lab.requests();
    assert_eq!((requests.len(), requests[0].is_whole), (2, false));
    // Nobody is at fault.
    lab.world.until(|| lab.world.log("access").iter().any(|line| line["reason"] == "client_left")).await;
    let told = lab.world.log("event");
    assert!(told.iter().all(|line| line["path"] != "/public/a"), "{told:?}");
}

fn request(method: &str, target: &str, cookie: &str, body: &str) -> String {
    let cookie = if cookie.is_empty() { String::new() } else { format!("{cookie}\r\n") };
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    format!("{method} {target} HTTP/1.1\r\nHost: @HOST\r\n{cookie}{length}\r\n{body}")
}

fn user_of(request: &Message) -> Option<&str> {
    request.header("x-forwarded-user")
}
