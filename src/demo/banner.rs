//! What `demo` prints when everything listens.

use std::{fmt::Write as _, path::Path};

use super::{PEOPLE, Ports};

/// The text: where to begin, who can sign in, what to try. The first URL is the start page.
#[must_use]
pub(crate) fn banner(ports: &Ports) -> String {
    let mut text = format!("\nOpen {} in a browser.\n\n", ports.start_url());
    let places = [
        ("CRM, stable links", ports.link_site() + "/"),
        ("CRM, signed URLs", ports.signed_site() + "/"),
        ("OpenID provider", ports.issuer()),
        ("Sigma stand-in", ports.sigma_url()),
        ("CRM, not protected", ports.upstream()),
        ("admin", format!("http://127.0.0.1:{}/readyz", ports.admin)),
    ];
    for (name, url) in places {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<19} {url}");
    }
    text.push_str("\nWho can sign in (no password; press the button):\n");
    for person in PEOPLE {
        let _ = writeln!(text, "  {:<5} {:<21} groups: {}", person.id, person.role, person.groups.join(", "));
    }
    text.push_str("\nWhat to try:\n");
    for line in TO_TRY {
        let _ = writeln!(text, "  - {line}");
    }
    text.push_str("\nEverything is on 127.0.0.1. Ctrl-C stops it.\n");
    if !ports.is_secure {
        text.push_str("Safari and other browsers of WebKit sign nobody in here over http: start with --tls ca.pem.\n");
    }
    text
}

/// What is to be known of a demo over TLS, behind the banner.
#[must_use]
pub(crate) fn tls_note(ca: &Path) -> String {
    format!(
        "All of it is https, by a CA that was made for this start; its certificate is in {}. A browser either trusts it \
         (names under localhost alone, for a week; its key is gone) or asks about each name once.\n",
        ca.display()
    )
}

const TO_TRY: [&str; 5] = [
    "sign in as ana and open /dashboard: the frame shows team Finance, account type View, region EMEA",
    "go Back, Forward, reload: every visit of the frame gets a URL of its own",
    "open /customers/acme: a page nobody edited has the embed, by [[site.insert]]",
    "open /links: plain Sigma links became links that work",
    "copy the frame's URL and open it: it was used already, Sigma shows the replay page",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_url_of_the_banner_is_the_start_page() {
        let text = banner(&Ports::from_base(8080).unwrap());
        let first = text.split_whitespace().find(|word| word.starts_with("http"));
        assert_eq!(first, Some("http://demo.localhost:8084/"));
    }

    #[test]
    fn webkit_is_told_of_tls_where_there_is_none() {
        let ports = Ports::from_base(8080).unwrap();
        assert!(banner(&ports).contains("--tls"));
        assert!(!banner(&ports.over_tls()).contains("--tls"));
        assert!(tls_note(Path::new("/tmp/ca.pem")).contains("/tmp/ca.pem"));
    }

    #[test]
    fn the_banner_names_everybody_who_can_sign_in() {
        let text = banner(&Ports::from_base(8080).unwrap());
        assert!(PEOPLE.iter().all(|person| text.contains(&format!("\n  {}", person.id))));
    }
}
