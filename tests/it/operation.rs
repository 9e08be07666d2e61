//! Running it: health, readiness, metrics, logs, reload, drain.

use std::net::TcpListener;

use http::{Method, StatusCode};
use sigma_gateway::{
    config::Config,
    demo::Fault,
    gateway::{Scribe, Start},
    system::Clock,
};

use super::{
    browser::{As, Browser},
    world::World,
};

#[tokio::test]
async fn health_readiness_and_metrics_are_on_the_admin_address_only() {
    let world = World::start().await;
    let mut browser = Browser::default();
    world.sign_in(&mut browser, "ana", &world.crm("/")).await;
    assert_eq!(browser.get(As::Curl, &world.admin("/healthz")).await.text(), "ok\n");
    let ready = browser.get(As::Curl, &world.admin("/readyz")).await;
    assert_eq!((ready.status, ready.json()["ready"].as_bool()), (StatusCode::OK, Some(true)));
    let metrics = browser.get(As::Curl, &world.admin("/metrics")).await.text();
    assert!(metrics.contains(r#"sigma_gateway_logins_total{provider="login",result="signed_in"} 1"#), "{metrics}");
    for path in ["/healthz", "/readyz", "/metrics"] {
        let page = browser.get(As::Curl, &world.crm(path)).await;
        assert!(page.header("sigma-gateway").is_none() && page.status == StatusCode::NOT_FOUND, "{path}");
        let post = browser.send(As::Curl, Method::POST, &world.admin(path), &[], "").await;
        assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn a_provider_outage_is_named_by_readiness_and_takes_no_replica_out() {
    let world = World::start().await;
    world.stand_ins.provider.set_fault(Some(Fault::Down));
    let page = Browser::default().get(As::Navigation, &world.crm("/")).await;
    let ready = Browser::default().get(As::Curl, &world.admin("/readyz")).await;
    assert_eq!(ready.status, StatusCode::OK);
    if page.status == StatusCode::SERVICE_UNAVAILABLE {
        assert_eq!(page.header("sigma-gateway"), Some("provider_unreachable"));
        assert!(page.header("retry-after").is_some());
    }
}

#[tokio::test]
async fn each_request_has_one_access_line_and_each_mint_one_audit_line_without_the_token() {
    let world = World::with(|text| text.replace("access = \"off\"", "access = \"stdout\"")).await;
    let mut browser = world.browser_of("ana").await;
    let before = world.log("access").len();
    let link = browser.get(As::Frame, &world.crm("/sigma/embed/revenue?Region=secret-region")).await;
    let lines = world.log("access");
    assert_eq!(lines.len(), before + 1);
    let line = lines.last().unwrap();
    assert_eq!((line["path"].as_str(), line["status"].as_u64()), (Some("/sigma/embed/revenue"), Some(200)));
    assert_eq!((line["user"].as_str(), line["reason"].as_str()), (Some("user-ana"), Some("minted")));
    assert_eq!(line["request_id"].as_str(), link.header("x-request-id"));
    let mints = world.audit("mint");
    assert_eq!(mints.len(), 1);
    assert_eq!((mints[0]["email"].as_str(), mints[0]["embed"].as_str()), (Some("ana@example.com"), Some("revenue")));
    assert_eq!(mints[0]["teams"], serde_json::json!(["Finance"]));
    let all = format!("{:?}{:?}{:?}", world.log("access"), world.log("audit"), world.log("event"));
    assert!(!all.contains("eyJ") && !all.contains("secret-region") && !all.contains("__Host-sg"));
}

#[tokio::test]
async fn a_request_of_an_unknown_host_or_an_ambiguous_path_is_refused_before_anything_else() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let unknown = browser.send(As::Curl, Method::GET, &world.crm("/"), &[("host", "evil.test")], "").await;
    let reason = unknown.header("sigma-gateway").map(str::to_owned);
    assert_eq!((unknown.status, reason.as_deref()), (StatusCode::MISDIRECTED_REQUEST, Some("unknown_host")));
    let metrics = browser.get(As::Curl, &world.admin("/metrics")).await.text();
    assert!(!metrics.contains("evil.test"));
}

#[tokio::test]
async fn a_drained_gateway_takes_no_further_connection() {
    let world = World::start().await;
    let address = world.gateway.address;
    assert!(tokio::net::TcpStream::connect(address).await.is_ok());
    world.gateway.drain().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    world.stand_ins.stop().await;
}

#[tokio::test]
async fn a_changed_file_is_in_force_at_once_and_a_bad_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::from_file(folder.path()).await;
    let mut browser = world.browser_of("ana").await;
    let link = world.crm("/sigma/embed/revenue");
    assert!(browser.get(As::Frame, &link).await.signed_url().is_some());
    let file = folder.path().join("gateway.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("[embed.revenue]", "[embed.revenue]\nenabled = false")).unwrap();
    world.until(|| world.metrics().contains(r#"config_reloads_total{result="applied"} 1"#)).await;
    assert_eq!(browser.get(As::Frame, &link).await.header("sigma-gateway"), Some("embed_disabled"));
    std::fs::write(&file, "[listen]\nadress = 1\n").unwrap();
    let is_it = |problems: &String| problems.contains("gateway.toml:2: listen.adress");
    world.until(|| world.refused_configurations().iter().any(is_it)).await;
    assert!(world.metrics().contains(r#"config_reloads_total{result="refused"}"#));
    assert_eq!(browser.get(As::Frame, &link).await.header("sigma-gateway"), Some("embed_disabled"));
}

#[tokio::test]
async fn a_browser_that_leaves_before_the_answer_has_its_log_line_and_its_place_back() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = format!("upstream = \"http://127.0.0.1:{}\"", silent.local_addr().unwrap().port());
    let world = World::with(|text| {
        let text = text.replace("access = \"off\"", "access = \"stdout\"");
        let old = text.lines().find(|line| line.starts_with("upstream = ")).unwrap().to_owned();
        text.replace(&old, &upstream)
    })
    .await;
    let port = world.ports.gateway;
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET /public/x HTTP/1.1\r\nHost: crm.localhost:{port}\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let _held = silent.accept().await.unwrap();
    drop(stream);
    world.until(|| world.log("access").iter().any(|line| line["reason"] == "client_left")).await;
    assert!(world.metrics().contains("requests_in_flight 0"));
}

#[tokio::test]
async fn what_a_client_writes_makes_no_long_log_line() {
    let world = World::with(|text| text.replace("access = \"off\"", "access = \"stdout\"")).await;
    let mut browser = Browser::default();
    let long = browser.send(As::Curl, Method::from_bytes(&[b'A'; 4_000]).unwrap(), &world.crm("/"), &[], "").await;
    assert_eq!((long.status, long.header("sigma-gateway")), (StatusCode::NOT_IMPLEMENTED, Some("bad_method")));
    browser.get(As::Curl, &world.crm(&format!("/{}", "a".repeat(8_000)))).await;
    assert!(world.log("access").iter().all(|line| line.to_string().len() < 1_500));
}

#[tokio::test]
async fn a_gateway_whose_second_address_is_taken_leaves_the_first_one_free() {
    let world = World::start().await;
    let mut config = Config::clone(&world.gateway.shared.config.load());
    // The admin address is that of the running gateway; the public one is nobody's.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    config.listen.address = free;
    let scribe = Scribe::to(std::io::sink());
    let started = Start { config, file: None, clock: Clock::default(), scribe, workers: 2 }.run();
    let error = started.map(drop).expect_err("an address is taken").to_string();
    assert_eq!(error, format!("address {} is in use by another process", world.gateway.admin.unwrap()));
    assert!(TcpListener::bind(free).is_ok());
}
