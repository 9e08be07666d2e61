//! The start page: what this is, who can sign in, and one link and one sentence per thing to try.

use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;

use super::{
    PEOPLE, Ports,
    documents::FORECAST_ID,
    page::{escape, fill, html, text},
    serve::{App, BoundPort, Server, StandInBody, Stopping},
};

/// The running start page.
pub(super) struct StartPage {
    server: Server,
    state: Arc<StartApp>,
}

impl StartPage {
    /// Serves on a bound port.
    pub(super) fn serve(bound: impl Into<BoundPort>, ports: Ports) -> Self {
        let state = Arc::new(StartApp { ports: Mutex::new(ports) });
        Self { server: Server::start(bound.into(), Arc::clone(&state), Stopping::default()), state }
    }

    /// Links to these ports from now on.
    pub(super) fn set_ports(&self, ports: Ports) {
        *self.state.ports.lock().unwrap_or_else(PoisonError::into_inner) = ports;
    }

    /// Ends gracefully.
    pub(super) async fn stop(self) {
        self.server.stop().await;
    }
}

struct StartApp {
    ports: Mutex<Ports>,
}

impl App for StartApp {
    async fn answer(&self, request: Request<Incoming>) -> Response<StandInBody> {
        let ports = *self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        match request.uri().path() {
            "/" => html(StatusCode::OK, page(&ports)),
            _ => text(StatusCode::NOT_FOUND, "the start page is at /\n"),
        }
    }
}

/// The page's text.
fn page(ports: &Ports) -> String {
    let people: String = PEOPLE.iter().map(person).collect();
    let links: String = to_try().iter().map(|case| row(case, ports)).collect();
    let common: String = SAME_IN_BOTH.iter().map(|case| common_row(case, ports)).collect();
    fill(
        include_str!("assets/start.html"),
        &[
            ("css", include_str!("assets/start.css")),
            ("people", &people),
            ("webkit", if ports.is_secure { "" } else { WEBKIT }),
            ("rows", &links),
            ("common", &common),
            ("link_site", &ports.link_site()),
            ("signed_site", &ports.signed_site()),
            ("sigma", &ports.sigma_url()),
            ("issuer", &ports.issuer()),
            ("upstream", &ports.upstream()),
            ("admin_port", &ports.admin.to_string()),
        ],
    )
}

/// WebKit keeps no `Secure` cookie on `http://*.localhost` (docs/decisions/0037).
const WEBKIT: &str =
    "<p>Safari keeps no sign-in over http: start the demo with <code>--tls ca.pem</code> for it.</p>\n";

fn person(person: &super::Person) -> String {
    format!(
        "<li><b>{}</b> <span class=\"tag\">{}</span><br><code>{}</code> · groups <code>{}</code><br>{}</li>\n",
        escape(&person.full_name()),
        escape(person.role),
        escape(&person.email()),
        escape(&person.groups.join(", ")),
        escape(person.sees),
    )
}

/// Something to try that looks different in the two deliveries.
struct Case {
    name: &'static str,
    path: String,
    link: &'static str,
    signed: &'static str,
}

/// Something to try that is the same in both.
struct CommonCase {
    name: &'static str,
    path: &'static str,
    expect: &'static str,
}

fn row(case: &Case, ports: &Ports) -> String {
    let cell = |site: String, expect: &str| {
        format!("<td><a href=\"{site}{0}\">{0}</a><br>{1}</td>", escape(&case.path), escape(expect))
    };
    format!(
        "<tr><th scope=\"row\">{}</th>{}{}</tr>\n",
        case.name,
        cell(ports.link_site(), case.link),
        cell(ports.signed_site(), case.signed)
    )
}

fn common_row(case: &CommonCase, ports: &Ports) -> String {
    let anchor = |site: String, name: &str| format!("<a href=\"{site}{}\">{name}</a>", case.path);
    format!(
        "<tr><th scope=\"row\">{}</th><td class=\"sites\">{} · {}</td><td>{}</td></tr>\n",
        case.name,
        anchor(ports.link_site(), "link"),
        anchor(ports.signed_site(), "signed"),
        escape(case.expect)
    )
}

fn to_try() -> Vec<Case> {
    let case = |name, path: &str, link, signed| Case { name, path: path.to_owned(), link, signed };
    vec![
        case(
            "A frame that names its embed",
            "/dashboard",
            "The frame shows who you are in Sigma; the page's source holds a stable link and no secret.",
            "The frame shows the same; the page's source holds a signed URL, another one at every load.",
        ),
        case(
            "A page nobody may edit",
            "/customers/acme",
            "The embed stands inside the customer page although its template has only an empty div.",
            "The same, with a signed URL in the page.",
        ),
        case(
            "Plain unsigned Sigma links",
            "/links",
            "Frame and link were pasted without a signature; both work, the text below them is untouched.",
            "The frame gets a signed URL, the link still a stable link: it is followed later, or twice.",
        ),
        case(
            "An old link that redirects to Sigma",
            "/reports/old",
            "You land on a page of the gateway that holds the frame; F5 works.",
            "You land on Sigma with a signed URL in the address bar; F5 shows the replay page.",
        ),
        case(
            "Sigma URLs in JSON",
            "/widgets",
            "A script makes three frames from an API answer that holds stable links.",
            "A script makes three frames from an API answer that holds signed URLs.",
        ),
        case(
            "An old report path",
            "/reports/revenue.aspx",
            "The path answers with the embed instead of the CRM's old table.",
            "The same: a route to an embed is a stable link in both.",
        ),
        case(
            "A stable link of its own",
            "/sigma/embed/pipeline",
            "Ben, Cara and Eve see the pipeline, F5 and Back work; Ana and Dan read why not.",
            "The same: stable links mint when they are followed.",
        ),
        case(
            "Any workbook, by a wildcard",
            &format!("/sigma/embed/any/{FORECAST_ID}"),
            "A workbook that no table of the configuration names opens by its id.",
            "The same.",
        ),
    ]
}

const SAME_IN_BOTH: [CommonCase; 10] = [
    CommonCase {
        name: "Who am I",
        path: "/whoami",
        expect: "The CRM sees your address and only those groups that some rule uses.",
    },
    CommonCase {
        name: "Request head",
        path: "/echo",
        expect: "What the CRM receives: identity headers, and none of the gateway's cookies.",
    },
    CommonCase {
        name: "Form with its own cookie",
        path: "/notes",
        expect: "JSESSIONID passes, and the redirect to the CRM's internal address comes back as this site.",
    },
    CommonCase {
        name: "Upload",
        path: "/upload",
        expect: "A file of any size streams through; the answer is its byte count and checksum.",
    },
    CommonCase {
        name: "Download with ranges",
        path: "/download/file.bin",
        expect: "Validators and ranges of a file are untouched.",
    },
    CommonCase { name: "Page in pieces", path: "/slow-stream", expect: "The rows appear one by one, then the frame." },
    CommonCase { name: "WebSocket", path: "/socket", expect: "Whatever you say comes back." },
    CommonCase {
        name: "Public page",
        path: "/public/info",
        expect: "Opens without a sign-in, and the CRM learns no name.",
    },
    CommonCase {
        name: "What the gateway knows",
        path: "/oauth2/userinfo",
        expect: "JSON: who you are and what you get in Sigma; never a token.",
    },
    CommonCase {
        name: "Sign out",
        path: "/oauth2/sign_out",
        expect: "A confirmation, because this page is another site; then the gateway's session and the CRM's cookie are gone.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_linked_in_both_deliveries_with_something_to_expect() {
        let page = page(&Ports::from_base(8080).unwrap());
        let paths = to_try().into_iter().map(|case| case.path);
        for path in paths.chain(SAME_IN_BOTH.iter().map(|case| case.path.to_owned())) {
            for site in ["http://crm.localhost:8080", "http://crm-signed.localhost:8080"] {
                assert!(page.contains(&format!("href=\"{site}{path}\"")), "{site}{path}");
            }
        }
        assert!(to_try().iter().all(|case| case.link.ends_with('.') && case.signed.ends_with('.')));
    }

    #[test]
    fn the_page_names_everybody_and_needs_nothing_from_elsewhere() {
        let page = page(&Ports::from_base(8080).unwrap());
        assert!(PEOPLE.iter().all(|person| page.contains(&person.email())));
        assert!(!page.contains("{{") && !page.contains("<script") && !page.contains("<link") && !page.contains("<img"));
    }

    #[test]
    fn safari_is_told_of_tls_where_there_is_none() {
        let ports = Ports::from_base(8080).unwrap();
        assert!(page(&ports).contains("--tls ca.pem"));
        assert!(!page(&ports.over_tls()).contains("--tls"));
    }
}
