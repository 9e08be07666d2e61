//! The keys of attached identities, over real sockets: rotated, unknown, of a server that is down, one document each.

use std::{fs, time::Duration};

use http::{Method, StatusCode};
use serde_json::json;

use super::{
    attached::{Front, HEADER, accepting},
    browser::{As, Browser, Page},
    certificates::Authority,
    key_server::{FrontKey, KeyServer},
    world::World,
};

#[tokio::test]
async fn a_key_that_was_rotated_in_costs_one_fetch_and_a_flood_of_unknown_ones_none_and_delays_nobody() {
    let front = Front::start(false).await;
    assert_eq!(front.ask_as("ana", "/echo").await.status, StatusCode::OK);
    front.world.until(|| front.server.asked() == 0).await;
    let next = FrontKey::new("k2");
    front.server.publish(&[&front.key, &next]);
    let rotated = next.sign(json!({ "typ": "JWT" }), &front.claims("ana"));
    for _ in 0..3 {
        let page = front.ask(&mut Browser::default(), As::Fetch, "/echo", &[(HEADER, &rotated)]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    }
    assert_eq!(front.server.asked(), 1, "one fetch for the new key");
    let stranger = FrontKey::new("nobody-knows");
    let flood = stranger.sign(json!({ "typ": "JWT" }), &front.claims("ana"));
    let many = (0..50).map(async |_| {
        let page = front.ask(&mut Browser::default(), As::Fetch, "/echo", &[(HEADER, &flood)]).await;
        assert_eq!(page.header("sigma-gateway"), Some("assertion_key"));
    });
    futures_util::future::join_all(many).await;
    assert_eq!(front.server.asked(), 0, "the budget of this pause is spent");
    front.server.set("/jwks", 503, "");
    assert_eq!(front.ask_as("ana", "/echo").await.status, StatusCode::OK, "a good one at hand answers at once");
}

#[tokio::test]
async fn a_server_of_keys_that_is_down_is_503_and_not_a_refusal_and_comes_back() {
    let (server, key) = (KeyServer::start().await, FrontKey::new("k1"));
    server.set("/jwks", 503, "");
    let port = server.port;
    let world = World::with(|text| accepting(&text, false, port)).await;
    let front = Front { world, server, key };
    for how in [As::Fetch, As::Navigation] {
        let assertion = front.assertion("ana");
        let page = front.ask(&mut Browser::default(), how, "/echo", &[(HEADER, &assertion)]).await;
        assert_eq!(
            (page.status, page.header("sigma-gateway")),
            (StatusCode::SERVICE_UNAVAILABLE, Some("assertion_keys"))
        );
        assert_eq!(page.header("retry-after"), Some("30"));
    }
    assert!(front.status("front").await.starts_with("down: "), "{}", front.status("front").await);
    assert!(front.world.metrics().contains(r#"provider_up{provider="front"} 0"#));
    let public = front.ask_as("ana", "/public/info").await;
    assert_eq!(public.status, StatusCode::OK);
    front.server.publish(&[&front.key]);
    let mut status = StatusCode::SERVICE_UNAVAILABLE;
    for _ in 0..100 {
        status = front.ask_as("ana", "/echo").await.status;
        if status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((status, front.status("front").await.as_str()), (StatusCode::OK, "ready"));
    front.server.set("/jwks", 503, "");
    assert_eq!(front.ask_as("ana", "/echo").await.status, StatusCode::OK, "keys at hand stay");
}

const SIGNER: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/front/50dc6c495c0c9188";

const KID: &str = "8cc8f2a1-5c2b-4a7e-9d3f-1e2d3c4b5a69";

/// Behind a load balancer, whose keys are at the place of AWS: through a proxy, by the CA of the source.
async fn behind_alb(listen: &str) -> (World, KeyServer, FrontKey) {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let leaf = authority.leaf("public-keys.auth.elb.eu-central-1.amazonaws.com");
    let server = KeyServer::start_behind_proxy(leaf.acceptor()).await;
    let (key, port) = (FrontKey::new(KID), server.port);
    server.set(&format!("/{KID}"), 200, &key.pem());
    fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let world = World::from_edited_file(folder.path(), |text| {
        let alb = format!(
            "[outbound]\nproxy = \"http://127.0.0.1:{port}\"\n\n[identity.alb]\ntype = \"aws-alb\"\nissuer = \
             \"https://idp.example.com\"\nclient_id = \"crm\"\nsigner = \"{SIGNER}\"\nca = \"ca.pem\"\nemail_domains = \
             [\"example.com\"]\n\n[embed.revenue]"
        );
        let text = text.replacen("[embed.revenue]", &alb, 1).replacen("[listen]\n", &format!("[listen]\n{listen}"), 1);
        let (head, rest) = text.split_once("[[site]]").unwrap();
        let (first, second) = rest.split_once("[[site]]").unwrap();
        let first = first.replacen("deliver = ", "accept = [\"alb\"]\ndeliver = ", 1);
        let second = second.replacen("deliver = ", "sign_in = \"login\"\ndeliver = ", 1);
        format!("{head}[[site]]{first}[[site]]{second}")
    })
    .await;
    (world, server, key)
}

/// Ana, as the load balancer has it, by that key.
async fn ask_by(world: &World, key: &FrontKey) -> Page {
    let exp = world.clock.now().0 + 120;
    let header =
        json!({ "typ": "JWT", "iss": "https://idp.example.com", "client": "crm", "signer": SIGNER, "exp": exp });
    let claims = json!({ "sub": "u-7", "email": "ana@example.com", "email_verified": "true" });
    let assertion = key.sign_padded(header, &claims);
    let lines = [("x-amzn-oidc-data", assertion.as_str()), ("x-amzn-oidc-identity", "somebody-else")];
    Browser::default().send(As::Fetch, Method::GET, &world.crm("/echo"), &lines, "").await
}

#[tokio::test]
async fn where_proxies_are_named_nobody_else_costs_a_fetch_of_an_unknown_key() {
    let (world, server, key) = behind_alb("trusted_proxies = [\"192.0.2.0/24\"]\n").await;
    let page = ask_by(&world, &key).await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::FORBIDDEN, Some("assertion_key")));
    assert_eq!(server.asked(), 0);
    let (world, server, key) = behind_alb("trusted_proxies = [\"127.0.0.0/8\"]\n").await;
    assert_eq!((ask_by(&world, &key).await.status, server.asked()), (StatusCode::OK, 1));
}

#[tokio::test]
async fn the_keys_of_a_load_balancer_come_one_by_one_and_a_name_without_a_key_is_remembered() {
    let (world, server, key) = behind_alb("").await;
    let ask = async |key: &FrontKey| ask_by(&world, key).await;
    let page = ask(&key).await;
    let text = page.text().to_ascii_lowercase();
    assert!(page.status == StatusCode::OK && text.contains("x-forwarded-user: u-7"), "{text}");
    assert!(!text.contains("amzn") && !text.contains("somebody-else"), "{text}");
    assert_eq!((ask(&key).await.status, server.asked()), (StatusCode::OK, 1), "fetched once");
    let stranger = FrontKey::new("00000000-0000-4000-8000-000000000000");
    for _ in 0..5 {
        let page = ask(&stranger).await;
        assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::FORBIDDEN, Some("assertion_key")));
    }
    assert_eq!(server.asked(), 1, "and not asked for again");
    let odd = ask(&FrontKey::new("../jwks")).await;
    assert_eq!((odd.header("sigma-gateway"), server.asked()), (Some("assertion_key"), 0), "no name of a key");
    assert_eq!(ask(&key).await.status, StatusCode::OK);
}
