//! Over HTTP/2 nobody can sign a connection in: the browser is sent back to HTTP/1.1, where it can.

use super::{
    raw::{
        frames::{Field, Reply},
        secure::{Secure, fields},
    },
    signer::Signer,
};

/// RFC 9113 7.
const HTTP_1_1_REQUIRED: Option<u32> = Some(0xd);

struct Place {
    secure: Secure,
    app: Signer,
    session: String,
}

impl Place {
    async fn start() -> Self {
        let app = Signer::start().await;
        let upstream = format!("upstream = \"http://{}\"", app.address);
        let edit = |text: String| {
            let lines = text.lines().map(|line| if line.starts_with("upstream = ") { &upstream } else { line });
            lines.collect::<Vec<_>>().join("\n")
        };
        let secure = Secure::with(edit).await;
        let session = secure.cookie_of("ana").await;
        Self { secure, app, session }
    }

    /// A request with Ana's session and these fields.
    async fn ask(&self, method: &str, path: &str, more: &[(&str, &str)]) -> Reply {
        let cookie: Vec<Field> = fields([("cookie", self.session.as_str())]);
        let all = [self.secure.request_with(method, path, more), cookie].concat();
        self.secure.ask(&all, None).await
    }
}

#[tokio::test]
async fn a_request_that_signs_a_connection_in_is_sent_back_to_http_1_1() {
    let place = Place::start().await;
    let before = place.app.requests();
    for value in ["NTLM hello", "negotiate  x", "Kerberos"] {
        let reply = place.ask("GET", "/a", &[("authorization", value)]).await;
        assert_eq!((reply.status, reply.reset), (0, HTTP_1_1_REQUIRED), "{value}");
    }
    assert_eq!(place.app.requests(), before, "the application was not asked");
}

#[tokio::test]
async fn a_challenge_that_needs_a_connection_is_sent_back_to_http_1_1() {
    let place = Place::start().await;
    for (method, path) in [("GET", "/a"), ("HEAD", "/public/a"), ("GET", "/token"), ("GET", "/anyway"), ("POST", "/a")]
    {
        let reply = place.ask(method, path, &[]).await;
        assert_eq!((reply.status, reply.reset), (0, HTTP_1_1_REQUIRED), "{method} {path}");
        place.secure.lab.world.until(|| place.app.open().is_empty()).await;
    }
}

#[tokio::test]
async fn a_request_that_had_its_effect_is_not_asked_for_again() {
    let place = Place::start().await;
    let reply = place.ask("POST", "/anyway", &[]).await;
    assert_eq!((reply.status, reply.reset), (403, None));
}

#[tokio::test]
async fn a_challenge_beside_other_schemes_passes_without_what_needs_a_connection() {
    let place = Place::start().await;
    let reply = place.ask("GET", "/beside", &[]).await;
    assert_eq!((reply.status, reply.reset), (401, None));
}

#[tokio::test]
async fn without_a_session_it_is_refused_over_http_2_too() {
    let place = Place::start().await;
    let before = place.app.requests();
    let fields = place.secure.request_with("GET", "/public/open", &[("authorization", "NTLM hello")]);
    assert_eq!((place.secure.ask(&fields, None).await.status, place.app.requests()), (403, before));
    let challenged = place.secure.ask(&place.secure.request("GET", "/public/a"), None).await;
    assert_eq!((challenged.status, challenged.reset), (403, None));
    let open = place.secure.ask(&place.secure.request("GET", "/public/open"), None).await;
    assert!(open.status == 200 && open.text().ends_with(" nobody"), "{open:?}");
}

#[tokio::test]
async fn other_requests_of_the_connection_go_on() {
    let place = Place::start().await;
    let mut http2 = place.secure.open().await;
    let cookie = fields([("cookie", place.session.as_str())]);
    let sent_back = [place.secure.request("GET", "/a"), cookie.clone()].concat();
    assert_eq!(http2.ask(&sent_back, None).await.reset, HTTP_1_1_REQUIRED);
    let passed = http2.ask(&[place.secure.request("GET", "/open"), cookie].concat(), None).await;
    assert_eq!((passed.status, http2.is_over()), (200, false));
}
