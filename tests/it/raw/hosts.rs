//! HS-08: which site a request is for. HTTP/2 and SNI are in the tests of TLS.

use super::lab::Lab;

#[tokio::test]
async fn hs_08_an_unknown_host_is_no_site_and_never_the_first() {
    let lab = Lab::start().await;
    for host in [
        "evil.test",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "crm.localhost.evil.test",
        "evilcrm.localhost",
        "xcrm.localhost",
        "crm.localhost-evil",
        "www.crm.localhost",
        "crm",
    ] {
        for target in ["/", "/public/a", "/oauth2/start", "/sigma/style.css"] {
            let answers = lab.exchange(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
            lab.assert_refused(&answers, &[404, 421], &format!("{host} {target}"));
            assert!(!answers.text().to_ascii_lowercase().contains("location:"), "{host}: {}", answers.text());
        }
    }
}

#[tokio::test]
async fn hs_08_every_spelling_of_a_known_host_is_the_same_site() {
    let lab = Lab::start().await;
    let port = lab.world.ports.gateway;
    for host in
        ["crm.localhost", "CRM.LocalHost", "crm.localhost.", &format!("CRM.localhost.:{port}"), "crm.localhost:1"]
    {
        let before = lab.requests().len();
        let lines = "Connection: close\r\n\r\n";
        let public = lab.exchange(format!("GET /public/a HTTP/1.1\r\nHost: {host}\r\n{lines}")).await;
        let protected = lab.exchange(format!("GET /app HTTP/1.1\r\nHost: {host}\r\n{lines}")).await;
        assert_eq!((public.statuses(), protected.statuses()), (vec![200], vec![401]), "{host}");
        let requests = lab.requests_after(before);
        assert_eq!(requests.len(), 1, "{host}");
        // What the gateway vouches for is the configured name.
        assert_eq!(requests[0].header("x-forwarded-host"), Some(lab.host().as_str()), "{host}");
    }
}

#[tokio::test]
async fn hs_08_a_host_that_contradicts_the_absolute_form_is_refused() {
    let lab = Lab::start().await;
    for (target, host) in [
        ("http://evil.test/public/a", "@HOST"),
        ("http://@HOST/public/a", "evil.test"),
        ("http://crm-signed.localhost/public/a", "@HOST"),
        ("http://@HOST/public/a", "crm.localhost:1"),
        ("http://crm.localhost:1/public/a", "@HOST"),
        ("http://u@@HOST/public/a", "@HOST"),
    ] {
        let answers = lab.exchange(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        lab.assert_refused(&answers, &[400], &format!("{target} {host}"));
    }
}

#[tokio::test]
async fn hs_08_the_host_application_sees_its_own_host_where_the_site_says_so() {
    let lab =
        Lab::with(|text| text.replace("forget_cookies =", "upstream_host = \"upstream\"\nforget_cookies =")).await;
    assert_eq!(lab.get("/public/a", "").await.statuses(), [200]);
    let request = lab.requests().remove(0);
    assert_eq!(request.header("host"), Some(lab.upstream.address.to_string().as_str()));
}

/// A session of one site is none at another, though both are this gateway.
#[tokio::test]
async fn hs_08_a_cookie_of_one_site_is_none_at_another() {
    let lab = Lab::start().await;
    let ana = lab.cookie_of("ana").await;
    let before = lab.requests().len();
    let answers = lab
        .exchange(format!("GET /app HTTP/1.1\r\nHost: crm-signed.localhost\r\n{ana}\r\nConnection: close\r\n\r\n"))
        .await;
    assert_eq!(answers.statuses(), [401], "{}", answers.text());
    assert!(lab.requests_after(before).is_empty());
}
