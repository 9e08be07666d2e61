//! HS-01, HS-02, HS-05 and HS-06: what a client's headers may not say.

use super::{lab::Lab, message::Message};

/// Every name of every preset, those of other gateways, and the forwarding family.
pub(super) const NAMES: [&str; 46] = [
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Access-Token",
    "X-Auth-Request-User",
    "X-Auth-Request-Email",
    "X-Auth-Request-Groups",
    "X-Auth-Request-Preferred-Username",
    "X-Auth-Request-Redirect",
    "X-Auth-Request-Access-Token",
    "Remote-User",
    "Remote-Email",
    "Remote-Groups",
    "Remote-Name",
    "X-Remote-User",
    "X-Remote-Group",
    "X-Remote-Email",
    "X-User",
    "X-Email",
    "X-Groups",
    "OIDC_CLAIM_email",
    "OIDC_CLAIM_sub",
    "OIDC-Claim-Groups",
    "X-Sigma-User",
    "X-Sigma-Team",
    "Sigma-Gateway",
    "Sigma-Gateway-User",
    "Forwarded",
    "Proxy",
    "X-Request-Id",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Uri",
    "X-Forwarded-Method",
    "X-Forwarded-Server",
    "X-Real-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "True-Client-IP",
    "X-Original-URL",
    "X-Original-Method",
    "X-Rewrite-URL",
];

/// What only a forger says.
pub(super) const FORGED: &str = "forged-ceo";

#[tokio::test]
async fn hs_01_no_identity_header_of_a_client_arrives_on_any_route() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    let lines: String = NAMES.map(|name| format!("{name}: {FORGED}\r\n")).concat();
    for (method, target, cookie, status, user) in [
        ("GET", "/app", ana.as_str(), 200, Some("user-ana")),
        ("POST", "/app", &ana, 200, Some("user-ana")),
        ("GET", "/app", "", 401, None),
        ("GET", "/public/a", &ana, 200, None),
        ("GET", "/public/a", "", 200, None),
        ("GET", "/optional/a", &ana, 200, Some("user-ana")),
        ("GET", "/optional/a", "", 200, None),
        ("OPTIONS", "/public/a", "", 200, None),
        ("OPTIONS", "/app", "", 401, None),
        ("GET", "/public/../a", "", 400, None),
        ("GET", "/oauth2/nothing", &ana, 404, None),
        ("GET", "/oauth2/start", "Accept: text/html\r\n", 303, None),
        ("GET", "/oauth2/userinfo", "", 401, None),
    ] {
        let before = lab.requests().len();
        let preflight = "Access-Control-Request-Method: PUT\r\n";
        let head = format!("{method} {target} HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n{preflight}");
        let answers = lab.exchange(format!("{head}{cookie}{lines}\r\n")).await;
        let what = format!("{method} {target}");
        assert_eq!(answers.statuses(), [status], "{what}: {}", answers.text());
        assert!(!answers.text().contains(FORGED), "{what}: {}", answers.text());
        let requests = lab.requests_after(before);
        assert_eq!(requests.len(), usize::from(status == 200), "{what}");
        for request in &requests {
            assert_unforged(request, &what);
            assert_eq!(request.header("x-forwarded-user"), user, "{what}");
            assert_eq!(request.header("x-forwarded-email"), user.map(|_| "ana@example.com"), "{what}");
        }
    }
}

#[tokio::test]
async fn hs_02_no_alias_of_a_managed_name_arrives() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    let before = lab.requests().len();
    let mut sent = 0;
    for name in NAMES {
        let aliases = aliases(name);
        sent += aliases.len();
        // A head has at most a hundred lines.
        for lines in aliases.chunks(90) {
            let lines: String = lines.iter().map(|alias| format!("{alias}: {FORGED}\r\n")).collect();
            let answers = lab.get("/app", &format!("{ana}{lines}")).await;
            assert_eq!(answers.statuses(), [200], "{name}: {}", answers.text());
        }
    }
    assert!(sent > 500, "{sent}");
    for request in lab.requests_after(before) {
        assert_unforged(&request, &request.start);
        for name in ["x-forwarded-user", "x-forwarded-email", "x-forwarded-groups", "x-forwarded-for"] {
            assert_eq!(request.lines_of(name), 1, "{request:?}");
        }
        assert_eq!(request.header("x-forwarded-user"), Some("user-ana"));
    }
}

/// All that equal the name once every other character than letters and digits counts the same; and doubled lines.
pub(super) fn aliases(name: &str) -> Vec<String> {
    let mut aliases: Vec<String> = "_.!#$%&'*+^`|~".chars().map(|c| name.replace(['-', '_'], &c.to_string())).collect();
    let first = name.replacen('-', "_", 1);
    aliases.extend([name.to_ascii_lowercase(), name.to_ascii_uppercase(), name.to_owned(), name.to_owned(), first]);
    aliases
}

#[track_caller]
pub(super) fn assert_unforged(request: &Message, what: &str) {
    for (name, value) in &request.headers {
        assert!(!value.contains(FORGED), "{what}: {name}: {value}");
    }
}

/// The list of the gateway itself, and what it says of what it drops: the name as its list has it, once, and no value.
#[tokio::test]
async fn hs_07_no_header_by_which_another_product_names_people_arrives_on_any_route() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    let list = include_str!("../../../src/request/identity_headers.txt").lines();
    let list: Vec<&str> = list.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let names: Vec<String> = list.iter().map(|line| line.replace('*', "Any")).collect();
    assert!(names.len() > 250, "{}", names.len());
    let before = lab.requests().len();
    for target in ["/app", "/public/a", "/optional/a"] {
        for names in names.chunks(40) {
            let lines: String = names
                .iter()
                .map(|name| format!("{name}: {FORGED}\r\n{}: {FORGED}\r\n", name.replace(['-', '_'], ".")))
                .collect();
            let answers = lab.get(target, &format!("{ana}{lines}")).await;
            assert_eq!(answers.statuses(), [200], "{target} {names:?}: {}", answers.text());
        }
    }
    for request in lab.requests_after(before) {
        assert_unforged(&request, &request.start);
    }
    let events = lab.world.log("event");
    for line in &list {
        let said = events.iter().filter(|event| event["header"] == *line).count();
        assert_eq!(said, 1, "{line}");
    }
    assert!(!events.iter().any(|event| event.to_string().contains(FORGED)));
}

#[tokio::test]
async fn hs_07_a_name_that_the_site_keeps_arrives_and_what_ordinary_applications_need() {
    let keep = "keep_headers = [\"SM_USER\", \"X-Original-URL\"]\nembeds = ";
    let lab = Lab::with(|text| text.replace("embeds = ", keep)).await;
    let list = include_str!("../../fixtures/raw/everyday_headers.txt").lines();
    let names: Vec<&str> = list.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    for names in names.chunks(60) {
        let lines: String = names.iter().map(|name| format!("{name}: {}\r\n", value_of(name))).collect();
        let answers = lab.get("/public/a", &lines).await;
        assert_eq!(answers.statuses(), [200], "{names:?}: {}", answers.text());
        let requests = lab.requests();
        let request = requests.last().unwrap();
        for name in names {
            assert_eq!(request.header(&name.to_ascii_lowercase()), Some(value_of(name)), "{name}");
        }
    }
    lab.get("/public/a", "SM_USER: 1\r\nSM-User: 2\r\nX-Original-URL: 3\r\nSM_USERDN: 4\r\nX-User: 5\r\n").await;
    let requests = lab.requests();
    let kept = ["sm_user", "sm-user", "x-original-url", "sm_userdn", "x-user"];
    let seen = kept.map(|name| requests.last().unwrap().header(name));
    assert_eq!(seen, [Some("1"), Some("2"), Some("3"), None, None]);
}

/// What a header may say where not every text is one.
fn value_of(name: &str) -> &'static str {
    if name == "Range" { "bytes=0-1" } else { "1" }
}

#[tokio::test]
async fn hs_05_no_user_agent_is_a_way_around_the_sign_in() {
    let lab = Lab::start().await;
    for agent in [
        "GoogleHC/1.0",
        "GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)",
        "ELB-HealthChecker/2.0",
        "kube-probe/1.30",
        "Envoy/HC",
        "Consul Health Check",
        "Prometheus/2.50",
        "Amazon-Route53-Health-Check-Service",
        "sigma-gateway",
    ] {
        for target in ["/app", "/", "/healthz", "/ping", "/ready", "/readyz", "/metrics", "/robots.txt", "/favicon.ico"]
        {
            for method in ["GET", "HEAD", "POST"] {
                let head = format!("{method} {target} HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n");
                let answers = lab.exchange(format!("{head}User-Agent: {agent}\r\n\r\n")).await;
                assert!(answers.text().starts_with("HTTP/1.1 401"), "{agent} {method} {target}: {}", answers.text());
            }
        }
    }
    assert!(lab.requests().is_empty());
}

/// Health, readiness and metrics are on the admin address alone, at exactly one path each.
#[tokio::test]
async fn hs_05_health_and_metrics_are_only_on_the_admin_address() {
    let lab = Lab::start().await;
    for target in ["/healthz", "/healthz/../admin", "/healthz;x", "/healthz?/", "//healthz", "/metrics", "/readyz"] {
        let answers = lab.get(target, "").await;
        assert!(matches!(answers.statuses()[..], [400 | 401]), "{target}: {}", answers.text());
    }
    let admin = lab.world.gateway.admin.unwrap();
    for (method, target, status) in [
        ("GET", "/healthz", 200),
        ("GET", "/healthz/../admin", 404),
        ("GET", "/healthz;x", 404),
        ("GET", "//healthz", 404),
        ("GET", "/healthz/", 404),
        ("GET", "/HEALTHZ", 404),
        ("POST", "/healthz", 405),
        ("GET", "/app", 404),
        ("GET", "/public/a", 404),
    ] {
        let mut wire = super::client::Wire::open(admin).await;
        let lines = "Host: crm.localhost\r\nConnection: close\r\n";
        wire.send(format!("{method} {target} HTTP/1.1\r\n{lines}\r\n").as_bytes()).await;
        let answers = wire.finish().await;
        assert_eq!(answers.statuses(), [status], "{method} {target}: {}", answers.text());
    }
    assert!(lab.requests().is_empty());
}

/// A published kind of list: names that caches, frameworks and gateways act on.
#[tokio::test]
async fn hs_06_no_header_out_of_a_list_changes_the_decision_or_the_identity() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    let names: Vec<&str> = include_str!("../../fixtures/raw/header_names.txt").split_whitespace().collect();
    assert!(names.len() > 100, "{}", names.len());
    for value in ["1", "admin", "http://evil.test", "127.0.0.1"] {
        for names in names.chunks(30) {
            let lines: String = names.iter().map(|name| format!("{name}: {value}\r\n")).collect();
            let what = format!("{value} {names:?}");
            let before = lab.requests().len();
            let refused = lab.get("/app", &lines).await;
            assert_eq!(refused.statuses(), [401], "{what}: {}", refused.text());
            let redirect = lab.get("/app", &format!("Accept: text/html\r\n{lines}")).await;
            assert_eq!(redirect.statuses(), [303], "{what}: {}", redirect.text());
            assert!(!redirect.text().contains("evil.test"), "{what}: {}", redirect.text());
            let (public, own) = (lab.get("/public/a", &lines).await, lab.get("/app", &format!("{ana}{lines}")).await);
            assert_eq!((public.statuses(), own.statuses()), (vec![200], vec![200]), "{what}");
            let requests = lab.requests_after(before);
            let seen: Vec<_> =
                requests.iter().map(|request| (request.asks(), request.header("x-forwarded-user"))).collect();
            assert_eq!(seen, [("GET /public/a", None), ("GET /app", Some("user-ana"))], "{what}");
            assert!(requests.iter().all(|request| request.header("host") == Some(&lab.host())), "{what}");
        }
    }
}
