//! PN-06: the gateway's own paths.

use super::lab::Lab;

#[tokio::test]
async fn pn_06_no_spelling_of_an_own_path_is_ever_forwarded() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    let before = lab.requests().len();
    for path in ["/oauth2/start", "/oauth2/callback", "/oauth2/sign_out", "/oauth2/userinfo", "/sigma/style.css"]
        .into_iter()
        .chain([
            "/sigma/links.js",
            "/sigma/to",
            "/sigma/api/events",
            "/sigma/embed/revenue",
            "/sigma/api/embeds/revenue",
            "/oauth2/jwks",
        ])
    {
        for spelling in spellings(path) {
            for (method, cookie) in [("GET", ""), ("GET", ana.as_str()), ("POST", &ana)] {
                let head = format!("{method} {spelling} HTTP/1.1\r\nHost: @HOST\r\n{cookie}Connection: close\r\n");
                let answers = lab.exchange(format!("{head}Content-Length: 0\r\n\r\n")).await;
                let statuses = answers.statuses();
                assert!(matches!(statuses[..], [400 | 404]), "{method} {spelling}: {}", answers.text());
            }
        }
    }
    let forwarded = lab.requests_after(before);
    assert!(forwarded.is_empty(), "{forwarded:?}");
}

/// Any other spelling of an own path.
fn spellings(path: &str) -> Vec<String> {
    let (prefix, rest) = path[1..].split_once('/').unwrap();
    let first = format!("%{:02x}", prefix.as_bytes()[0]);
    let tail = &prefix[1..];
    vec![
        format!("/{}/{rest}", prefix.to_ascii_uppercase()),
        format!("/{first}{tail}/{rest}"),
        format!("/%25{}{tail}/{rest}", &first[1..]),
        format!("/%c1%{:02x}{tail}/{rest}", 0x80 | (prefix.as_bytes()[0] & 0x3f)),
        format!("/%C0%AF{prefix}/{rest}"),
        format!("/{prefix}%c0%80/{rest}"),
        format!("/{prefix}%2f{rest}"),
        format!("/{prefix};x/{rest}"),
        format!("/{prefix}//{rest}"),
        format!("//{prefix}/{rest}"),
        format!("/{prefix}/./{rest}"),
        format!("/x/../{prefix}/{rest}"),
        format!("/%5c{prefix}/{rest}"),
        format!("/{prefix}/{rest}/"),
        format!("/{prefix}/{rest}%20"),
        format!("/{prefix}/{rest};x"),
        format!("/{prefix}./{rest}"),
        format!("/{prefix}/{rest}%00"),
    ]
}

/// What the host application has below these paths, nobody can see.
#[tokio::test]
async fn pn_06_what_the_host_application_serves_below_own_paths_is_out_of_reach() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    let before = lab.requests().len();
    for path in [
        "/oauth2",
        "/oauth2/",
        "/oauth2/admin",
        "/sigma",
        "/sigma/",
        "/sigma/x",
        "/sigma/embed/",
        "/sigma/style.css.map",
    ] {
        let answers = lab.get(path, &ana).await;
        assert_eq!(answers.statuses(), [404], "{path}: {}", answers.text());
    }
    assert!(lab.requests_after(before).is_empty());
}
