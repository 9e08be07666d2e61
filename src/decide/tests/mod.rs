//! What the tests of this stage share: one small configuration, its places, and who may ask for them.

mod arriving;
mod decision;
mod entry;
mod facts;
mod forward_auth;
mod front;
mod place;
mod recheck;
mod seeing_off;
mod standing;

use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderValue, Method};

use super::{Asker, Facts, Place, identify, locate};
use crate::{
    config::{Config, Draft, SecretSource, SecretValues},
    identity::{Cookies, Session, Visitor, testing::NOW},
    policy::tests::identity,
    request::{
        Admitted, Asserted, Authority, ClientConnection, HeaderRules, HostName, NormalPath, Screened, Target, Visit,
        VisitKind, admit,
    },
    secret::Secret,
};

const TEXT: &str = r#"[listen]
address = "127.0.0.1:8080"
[session]
keys = [{ env = "KEY" }]
[sigma.acme]
client_id = "id"
secret = { env = "SECRET" }
[identity.corp]
type = "oidc"
issuer = "https://login.example.com"
client_id = "sigma-gateway"
client_secret = { env = "SECRET" }
email_domains = ["example.com"]
[embed.revenue]
url = "https://app.sigmacomputing.com/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe"
allow = "mapped"
[embed.hidden]
url = "https://app.sigmacomputing.com/acme/workbook/Hidden-38xgywpg21TkRWtz3jVRCe"
allow = "mapped"
[[mapping]]
name = "finance"
when = { groups = ["finance"] }
teams = ["Finance"]
account_type = "View"
[[site]]
url = "https://crm.example.com"
upstream = "http://10.0.0.5:8000"
embeds = ["revenue"]
forget_cookies = ["CRMSESSION"]
[[site.route]]
path = "/public/"
access = "public"
[[site.route]]
path = "/optional/"
access = "optional"
[[site.route]]
path = "/finance/"
access = { when = { groups = "finance" } }
[[site.route]]
path = "/others/"
access = { when = { not = { groups = "finance" } } }
[[site.route]]
path = "/report"
embed = "revenue"
"#;

/// The configuration; read once, for its keys are derived.
pub(crate) static CONFIG: LazyLock<Arc<Config>> = LazyLock::new(|| config(|text| text));

/// An edited configuration.
pub(crate) fn config(edit: impl FnOnce(String) -> String) -> Arc<Config> {
    let secrets = [("KEY", "TDsfVFO5p5+MShuE0BTAVu916weppVYY4ycpnAqfCaI="), ("SECRET", "s3cret")];
    let secrets = secrets.map(|(name, value)| (SecretSource::Env(name.to_owned()), Ok(Secret::new(value.to_owned()))));
    let checked = Draft::parse(&edit(TEXT.to_owned())).check(&SecretValues::from_iter(secrets));
    Arc::new(checked.unwrap_or_else(|problems| panic!("{problems}")).0)
}

/// Where a path of the site leads.
pub(crate) fn place(path: &str) -> Place {
    let authority = Authority { name: HostName::parse("crm.example.com").expect("a host name"), port: None };
    locate(&CONFIG, &authority, &target(path)).expect("the site")
}

/// A path, and the query behind its `?`.
pub(crate) fn target(text: &str) -> Target {
    let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
    Target { path: NormalPath::parse(path).expect("a path"), query: query.map(str::to_owned) }
}

/// Ann, with these groups; none: nothing says whether she is in any.
pub(crate) fn ann(groups: &[&str]) -> Asker {
    let claims = if groups.is_empty() { serde_json::json!({}) } else { serde_json::json!({ "groups": groups }) };
    let session = Session { ends_at: NOW.plus(std::time::Duration::from_secs(60)), ..session(claims) };
    Asker::of(Some(Visitor::of(session, &CONFIG.session)))
}

pub(crate) fn session(claims: serde_json::Value) -> Session {
    Session::begin(identity(claims), &CONFIG.session, NOW)
}

/// An admitted request: its lines, the first one `METHOD TARGET`.
pub(crate) fn admitted(head: &str) -> Admitted {
    screened(head, &HeaderRules::default()).request
}

/// The same, and what is found while its head is screened.
fn screened(head: &str, rules: &HeaderRules) -> Screened {
    let mut lines = head.lines();
    let (method, target) = lines.next().and_then(|line| line.split_once(' ')).expect("a request line");
    let mut request = http::Request::builder().method(method).uri(target).header("host", "crm.example.com");
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    let (parts, ()) = request.body(()).expect("a request").into_parts();
    let connection = ClientConnection::from(std::net::SocketAddr::from(([192, 0, 2, 7], 50_000)));
    let screened = admit(parts, &connection).and_then(|request| request.screen(rules));
    screened.expect("an admitted request")
}

/// A request that `asker` sends, with all that is known of it.
pub(crate) fn facts(head: &str, asker: Asker) -> Facts {
    facts_under(&CONFIG, head, asker)
}

/// A request of whoever its cookies name.
pub(crate) fn facts_by_cookies(head: &str) -> Facts {
    let facts = facts(head, Asker::of(None));
    let asker = identify(&facts.place, &CONFIG.session, &facts.cookies, &Asserted::Unasked, NOW);
    Facts { asker, ..facts }
}

pub(crate) fn facts_under(config: &Arc<Config>, head: &str, asker: Asker) -> Facts {
    let request = admitted(head);
    let place = locate(config, &request.authority, &request.target).expect("the site");
    let cookies = Cookies::of(&request.headers);
    Facts { config: Arc::clone(config), place, request, cookies, asker, request_id: "id-1".into(), now: NOW }
}

/// How a top-level visit asks.
pub(crate) const NAVIGATION: &str = "sec-fetch-dest: document\nsec-fetch-site: none\nsec-fetch-mode: navigate";

fn visit(kind: VisitKind) -> Visit {
    let headers = match kind {
        VisitKind::Navigation | VisitKind::Form => [("sec-fetch-dest", "document"), ("sec-fetch-site", "none")],
        VisitKind::Frame => [("sec-fetch-dest", "iframe"), ("sec-fetch-site", "same-origin")],
        VisitKind::Fetch => [("sec-fetch-dest", "empty"), ("sec-fetch-site", "same-origin")],
        VisitKind::Prefetch => [("sec-fetch-dest", "document"), ("sec-purpose", "prefetch")],
        VisitKind::WebSocket => [("connection", "upgrade"), ("upgrade", "websocket")],
    };
    let map: HeaderMap = headers
        .into_iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    let visit = Visit::of(if kind == VisitKind::Form { &Method::POST } else { &Method::GET }, &map);
    let visit = Visit { opener: Some(HeaderValue::from_static("https://crm.example.com")), ..visit };
    assert_eq!(visit.kind, kind);
    visit
}
