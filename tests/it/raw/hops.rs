//! RS-12: what is said from hop to hop: `Expect`, `Max-Forwards`, `Via`.

use super::lab::Lab;

#[tokio::test]
async fn rs_12_nobody_who_is_not_signed_in_is_asked_for_a_body() {
    let lab = Lab::start().await;
    let lines = "Host: @HOST\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    let refused = lab.exchange(format!("POST /app HTTP/1.1\r\n{lines}")).await;
    lab.assert_refused(&refused, &[401], "no session");
    assert!(!refused.text().contains("100 Continue"), "{}", refused.text());
    let accepted = lab.exchange(format!("POST /public/a HTTP/1.1\r\n{lines}hello")).await;
    assert_eq!(accepted.statuses(), [200], "{}", accepted.text());
    let request = lab.requests().remove(0);
    assert_eq!((request.text().as_str(), request.header("expect")), ("hello", None));
}

/// 400 in place of the 417 that RFC 9110 10.1.1 allows: a malformed header like any other.
#[tokio::test]
async fn rs_12_an_unknown_expectation_is_refused() {
    let lab = Lab::start().await;
    for value in ["foo", "100-continue, foo", "100-continue\r\nExpect: foo", "\"100-continue\"", ""] {
        let answers = lab.exchange(format!("GET /public/a HTTP/1.1\r\nHost: @HOST\r\nExpect: {value}\r\n\r\n")).await;
        lab.assert_refused(&answers, &[400, 417], value);
    }
}

#[tokio::test]
async fn rs_12_options_are_not_forwarded_further_than_max_forwards_says() {
    let lab = Lab::start().await;
    let options = |count: &str| {
        format!("OPTIONS /public/a HTTP/1.1\r\nHost: @HOST\r\nMax-Forwards: {count}\r\nConnection: close\r\n\r\n")
    };
    for count in ["0", "-1", "x", "", "1, 2"] {
        let answers = lab.exchange(options(count)).await;
        lab.assert_refused(&answers, &[400], count);
    }
    assert_eq!(lab.exchange(options("1")).await.statuses(), [200]);
    assert_eq!(lab.requests()[0].header("max-forwards"), Some("0"));
}

#[tokio::test]
async fn rs_12_via_is_added_and_a_circle_ends() {
    let lab = Lab::start().await;
    let strangers = (0..50).map(|hop| format!("1.1 hop-{hop}")).collect::<Vec<_>>().join(", ");
    assert_eq!(lab.get("/public/a", &format!("Via: {strangers}\r\n")).await.statuses(), [200]);
    let request = lab.requests().remove(0);
    assert!(request.headers.contains(&("via".to_owned(), "1.1 sigma-gateway".to_owned())), "{request:?}");
    let own = "Via: 1.1 sigma-gateway\r\n".repeat(4);
    let answers = lab.get("/public/a", &own).await;
    assert_eq!((answers.statuses(), lab.requests().len()), (vec![508], 1), "{}", answers.text());
}
