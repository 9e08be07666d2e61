//! HS-03: fields that belong to one connection.

use super::{lab::Lab, message::Message};

#[tokio::test]
async fn hs_03_what_connection_names_ends_at_the_gateway_and_ours_is_added_afterwards() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    for connection in [
        "close, X-Forwarded-User, X-Forwarded-For, X-Forwarded-Email, Authorization, Content-Length, Host, X-Drop",
        "X-Drop,x-forwarded-user,HOST,content-length",
        "\tX-Drop\t,\t X-Forwarded-Groups ,, ,X-Forwarded-Proto\t",
        "keep-alive, X-Drop, Transfer-Encoding, Via, X-Request-Id",
        "X-Drop\r\nConnection: X-Forwarded-User, Host\r\nConnection: X-Forwarded-Host",
    ] {
        let before = lab.requests().len();
        let lines = "X-Drop: 1\r\nX-Keep: 1\r\nX-Forwarded-User: ceo\r\nContent-Length: 5\r\n";
        let head = format!("POST /app HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\nConnection: {connection}\r\n");
        let answers = lab.exchange(format!("{head}{ana}{lines}\r\nhello")).await;
        assert_eq!(answers.statuses(), [200], "{connection}: {}", answers.text());
        let request = lab.requests_after(before).remove(0);
        assert_eq!((request.text().as_str(), request.header("content-length")), ("hello", Some("5")), "{connection}");
        assert_eq!((request.header("x-drop"), request.header("x-keep")), (None, Some("1")), "{connection}");
        assert_ours(&request, &lab, connection);
    }
}

#[tokio::test]
async fn hs_03_a_connection_line_with_a_thousand_names_takes_nothing_of_ours_away() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    let before = lab.requests().len();
    let names: String = (0..1_000).map(|number| format!("x-name-{number}, ")).collect();
    let lines = format!("{ana}Connection: {names}X-Forwarded-User, Host, Cookie\r\nX-Name-999: 1\r\nX-Keep: 1\r\n");
    let answers = lab.get("/optional/a", &lines).await;
    assert_eq!(answers.statuses(), [200], "{}", answers.text());
    let request = lab.requests_after(before).remove(0);
    assert_eq!((request.header("x-name-999"), request.header("x-keep")), (None, Some("1")));
    assert_eq!(request.header("host"), Some(lab.host().as_str()));
    assert!(request.header("x-forwarded-for").is_some());
}

/// `Connection: Cookie` takes the session away before anybody looks for it: signed out, never another person.
#[tokio::test]
async fn hs_03_a_cookie_that_connection_names_signs_nobody_in() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\nConnection: Cookie\r\n", lab.cookie_of("ana").await);
    let before = lab.requests().len();
    assert_eq!(lab.get("/app", &ana).await.statuses(), [401]);
    assert!(lab.requests_after(before).is_empty());
}

#[tokio::test]
async fn hs_03_the_standard_hop_by_hop_fields_never_arrive() {
    let lab = Lab::start().await;
    let names =
        ["TE", "Keep-Alive", "Proxy-Connection", "Upgrade", "Trailer", "Proxy-Authorization", "Proxy-Authenticate"];
    let lines: String = names.map(|name| format!("{name}: trailers\r\n")).concat();
    assert_eq!(lab.get("/public/a", &lines).await.statuses(), [200]);
    let request = lab.requests().remove(0);
    for name in names.into_iter().chain(["Connection", "Transfer-Encoding"]) {
        assert_eq!(request.header(&name.to_ascii_lowercase()), None, "{name}");
    }
}

#[track_caller]
fn assert_ours(request: &Message, lab: &Lab, what: &str) {
    for (name, value) in [
        ("host", lab.host().as_str()),
        ("x-forwarded-user", "user-ana"),
        ("x-forwarded-email", "ana@example.com"),
        ("x-forwarded-groups", "finance"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", &lab.host()),
    ] {
        assert_eq!((request.header(name), request.lines_of(name)), (Some(value), 1), "{what}: {name}");
    }
    assert!(request.header("x-request-id").is_some() && request.header("via").is_some(), "{what}");
}
