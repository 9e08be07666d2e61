//! The CRM's pages: a layout with navigation and who is signed in, and one body per page. Pure.

use http::HeaderMap;

use crate::demo::{
    documents::{FORECAST, PIPELINE, REVENUE, workbook_url},
    page::{escape, fill},
};

/// What every page needs to know.
pub(super) struct Frame<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) sigma: &'a str,
}

impl Frame<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A whole page.
    pub(super) fn page(&self, title: &str, body: &str) -> String {
        let who = match self.header("x-forwarded-email") {
            Some(email) => format!(
                "Signed in as <b>{}</b> (from X-Forwarded-Email) · <a href=\"/oauth2/sign_out\">Sign out</a>",
                escape(email)
            ),
            None => "Nobody is signed in (no X-Forwarded-Email)".to_owned(),
        };
        let values = [("title", &*escape(title)), ("who", &who), ("body", body)];
        fill(include_str!("../assets/crm/layout.html"), &values)
    }

    pub(super) fn home(&self) -> String {
        self.page("Home", include_str!("../assets/crm/home.html"))
    }

    pub(super) fn dashboard(&self) -> String {
        self.page("Dashboard", include_str!("../assets/crm/dashboard.html"))
    }

    pub(super) fn customer(&self) -> String {
        self.page("Customer: Acme Ltd.", include_str!("../assets/crm/customer.html"))
    }

    pub(super) fn links(&self) -> String {
        let (forecast, revenue) = (workbook_url(self.sigma, FORECAST), workbook_url(self.sigma, REVENUE));
        let values = [("forecast", forecast.as_str()), ("revenue", revenue.as_str())];
        self.page("Links", &fill(include_str!("../assets/crm/links.html"), &values))
    }

    pub(super) fn report(&self) -> String {
        self.page("Revenue report", include_str!("../assets/crm/report.html"))
    }

    pub(super) fn widgets(&self) -> String {
        self.page("Widgets", include_str!("../assets/crm/widgets.html"))
    }

    pub(super) fn upload(&self) -> String {
        self.page("Upload", include_str!("../assets/crm/upload.html"))
    }

    pub(super) fn socket(&self) -> String {
        self.page("Socket", include_str!("../assets/crm/socket.html"))
    }

    pub(super) fn info(&self) -> String {
        self.page("Opening hours", "<p>Monday to Friday, 9 to 17. This page is public: nobody needs to sign in.</p>")
    }

    pub(super) fn not_found(&self) -> String {
        self.page("Not found", "<p>The CRM has no such page.</p>")
    }

    pub(super) fn notes(&self, session: &str, notes: &[String]) -> String {
        let items: String = notes.iter().map(|note| format!("<li>{}</li>\n", escape(note))).collect();
        let items = if items.is_empty() { "<li><i>none yet</i></li>".to_owned() } else { items };
        let values = [("session", &*escape(session)), ("items", &items)];
        self.page("Notes", &fill(include_str!("../assets/crm/notes.html"), &values))
    }

    pub(super) fn who_am_i(&self) -> String {
        let row = |name: &str| {
            let value = self.header(&name.to_ascii_lowercase()).unwrap_or("(none)");
            format!("<tr><th>{name}</th><td>{}</td></tr>\n", escape(value))
        };
        let rows: String = IDENTITY_HEADERS.iter().map(|name| row(name)).collect();
        self.page("Who am I", &format!("<p>What the CRM learns about you, from headers:</p>\n<table>\n{rows}</table>"))
    }

    /// The page that comes in pieces; joined, they are one page with a frame at its end.
    pub(super) fn pieces(&self) -> Vec<String> {
        const MARK: &str = "<!-- piece -->";
        let rows: String = (1..=4).map(|row| format!("<p>Row {row} of a slow report.</p>{MARK}\n")).collect();
        let end = "<iframe data-sigma-embed=\"revenue\" width=\"100%\" height=\"420\"></iframe>";
        self.page("Slow report", &(rows + end)).split_inclusive(MARK).map(str::to_owned).collect()
    }
}

/// The API answer with Sigma URLs.
pub(super) fn widgets_json(sigma: &str) -> serde_json::Value {
    let widget =
        |title: &str, workbook: &str| serde_json::json!({ "title": title, "url": workbook_url(sigma, workbook) });
    serde_json::json!({
        "widgets": [widget("Revenue", REVENUE), widget("Pipeline", PIPELINE), widget("Forecast", FORECAST)],
        "as_of": "2026-11-23",
    })
}

const IDENTITY_HEADERS: [&str; 4] =
    ["X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username"];
