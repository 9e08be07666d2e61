//! A gateway whose first site leads to a recorder.

use std::path::Path;

use super::{
    client::{Answers, Wire},
    message::Message,
    recorder::Recorder,
};
use crate::{browser::Browser, world::World};

/// The gateway, the recorder behind it, and how to speak to both.
pub(crate) struct Lab {
    pub(crate) world: World,
    pub(crate) upstream: Recorder,
}

impl Lab {
    pub(crate) async fn start() -> Self {
        Self::with(|text| text).await
    }

    /// With an edited configuration; beside `/public/` there are `/public/staff/` for those who are signed in, and
    /// `/optional/`.
    pub(crate) async fn with(edit: impl FnOnce(String) -> String) -> Self {
        let upstream = Recorder::start().await;
        let world = World::with(|text| edit(routed(&text, &format!("http://{}", upstream.address)))).await;
        Self { world, upstream }
    }

    /// The same, with a configuration that is a file of this folder.
    pub(crate) async fn in_folder(folder: &Path, edit: impl FnOnce(String) -> String) -> Self {
        let upstream = Recorder::start().await;
        let url = format!("http://{}", upstream.address);
        let world = World::from_edited_file(folder, |text| edit(routed(&text, &url))).await;
        Self { world, upstream }
    }

    /// The site as a `Host` header has it.
    pub(crate) fn host(&self) -> String {
        format!("crm.localhost:{}", self.world.ports.gateway)
    }

    pub(crate) async fn open(&self) -> Wire {
        Wire::open(self.world.gateway.address).await
    }

    /// Sends bytes on a connection of their own and reads until its end. `@HOST` stands for the site.
    pub(crate) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> Answers {
        let mut wire = self.open().await;
        wire.send(&self.fill(bytes)).await;
        wire.finish().await
    }

    /// `@HOST` replaced.
    pub(crate) fn fill(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let (host, mut rest) = (self.host(), bytes.as_ref());
        let mut filled = Vec::with_capacity(rest.len());
        while let Some(at) = super::message::find(rest, b"@HOST") {
            filled.extend_from_slice(&rest[..at]);
            filled.extend_from_slice(host.as_bytes());
            rest = &rest[at + 5..];
        }
        filled.extend_from_slice(rest);
        filled
    }

    /// A good GET that asks the gateway to close, with further header lines.
    pub(crate) async fn get(&self, target: &str, lines: &str) -> Answers {
        self.exchange(format!("GET {target} HTTP/1.1\r\nHost: @HOST\r\n{lines}Connection: close\r\n\r\n")).await
    }

    /// Signs a person in; gives the `Cookie` line, without the line's end.
    pub(crate) async fn cookie_of(&self, person: &str) -> String {
        let mut browser = Browser::default();
        self.world.sign_in(&mut browser, person, &self.world.crm("/")).await;
        let host = "crm.localhost";
        let pairs: Vec<_> = browser
            .cookie_names(host)
            .into_iter()
            .map(|name| format!("{name}={}", browser.cookie(host, &name).unwrap()))
            .collect();
        assert!(!pairs.is_empty());
        format!("Cookie: {}", pairs.join("; "))
    }

    /// What the recorder got after `skipped` requests. None of it could be read in two ways.
    pub(crate) fn requests_after(&self, skipped: usize) -> Vec<Message> {
        let requests = self.upstream.requests();
        for request in &requests {
            assert!(request.faults.is_empty(), "{request:?}");
        }
        requests.into_iter().skip(skipped).collect()
    }

    /// Everything the recorder got.
    pub(crate) fn requests(&self) -> Vec<Message> {
        self.requests_after(0)
    }

    /// Refused: the status, then the end of the connection, and the host application has seen nothing.
    #[track_caller]
    pub(crate) fn assert_refused(&self, answers: &Answers, statuses: &[u16], what: &str) {
        assert_eq!(answers.list.len(), 1, "{what}: {}", answers.text());
        assert!(statuses.contains(&answers.list[0].status()), "{what}: {}", answers.text());
        assert!(answers.is_closed, "{what}: the connection is still open");
        let requests = self.requests();
        assert!(requests.is_empty(), "{what}: {requests:?}");
    }
}

/// Both sites lead to the recorder, and have the routes of the tests.
pub(super) fn routed(text: &str, upstream: &str) -> String {
    let text = text.replace("access = \"off\"", "access = \"stdout\"");
    let lines = text.lines().map(|line| {
        let is_upstream = line.starts_with("upstream = ");
        if is_upstream { format!("upstream = \"{upstream}\"") } else { line.to_owned() }
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let public = "[[site.route]]\npath = \"/public/\"\naccess = \"public\"\n";
    let more = "\n[[site.route]]\npath = \"/public/staff/\"\naccess = \"signed-in\"\n\n\
        [[site.route]]\npath = \"/optional/\"\naccess = \"optional\"\n";
    assert!(text.contains(public), "{text}");
    text.replace(public, &format!("{public}{more}"))
}
