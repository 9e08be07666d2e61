//! A gateway with everything around it, on ports that the system chooses, with a clock that tests move.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use sigma_gateway::{
    config::{Config, Draft, SecretSource, SecretValues},
    demo::{self, Ports, Secrets, StandInOptions, StandIns},
    gateway::{Running, Scribe, Start},
    system::{self, Clock, Fingerprint},
};

use super::browser::{As, Browser, Page};

/// The demo's world.
pub(crate) struct World {
    pub(crate) stand_ins: StandIns,
    pub(crate) gateway: Running,
    pub(crate) clock: Clock,
    pub(crate) ports: Ports,
    lines: Lines,
}

/// What the log got.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|text| text).await
    }

    /// With an edited configuration.
    pub(crate) async fn with(edit: impl FnOnce(String) -> String) -> Self {
        Self::with_config(|ports, secrets| (check(&edit(demo::config_text(ports)), secrets), None)).await
    }

    /// With a configuration that is a file of this folder, and watched.
    pub(crate) async fn from_file(folder: &Path) -> Self {
        Self::from_edited_file(folder, |text| text).await
    }

    /// The same, with an edited configuration; other files that it names are in the folder already.
    pub(crate) async fn from_edited_file(folder: &Path, edit: impl FnOnce(String) -> String) -> Self {
        Self::with_config(|ports, secrets| {
            let file = folder.join("gateway.toml");
            fs::write(&file, edit(demo::config_text(ports))).unwrap();
            for (name, secret) in secrets.values() {
                fs::write(folder.join(name), secret.expose()).unwrap();
            }
            let loaded = system::load_config(&file).unwrap_or_else(|error| panic!("{error}"));
            (loaded.config, Some((file, loaded.fingerprint)))
        })
        .await
    }

    async fn with_config(make: impl FnOnce(&Ports, &Secrets) -> (Config, Option<(PathBuf, Fingerprint)>)) -> Self {
        let clock = Clock::default();
        let stand_in_clock = demo::StandInClock::new({
            let clock = clock.clone();
            move || clock.now()
        });
        let options = StandInOptions::new(Ports::ephemeral(), stand_in_clock, system::seed());
        let mut stand_ins = StandIns::start(options).await.unwrap();
        stand_ins.set_gateway_ports(free_port(), free_port());
        let ports = stand_ins.ports();
        let (config, file) = make(&ports, stand_ins.secrets());
        let lines = Lines::default();
        let scribe = Scribe::to(lines.clone());
        let gateway = Start { config, file, clock: clock.clone(), scribe, workers: 1 }.run().unwrap();
        Self { stand_ins, gateway, clock, ports, lines }
    }

    /// A URL of the site with stable links.
    pub(crate) fn crm(&self, path: &str) -> String {
        self.ports.link_site() + path
    }

    /// A URL of the site with signed URLs.
    pub(crate) fn signed(&self, path: &str) -> String {
        self.ports.signed_site() + path
    }

    /// A URL of the admin address.
    pub(crate) fn admin(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports.admin)
    }

    /// Signs somebody in by visiting a page of a site; gives that page.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, person: &str, url: &str) -> Page {
        let login = browser.get(As::Navigation, url).await;
        let provider = login.location().unwrap_or_else(|| panic!("no redirect: {} {}", login.status, login.text()));
        let answer = browser.get(As::Navigation, &format!("{provider}&person={person}")).await;
        let callback = answer.location().unwrap_or_else(|| panic!("provider: {} {}", answer.status, answer.text()));
        browser.visit(callback.as_str()).await
    }

    /// A browser in which somebody is signed in at both sites.
    pub(crate) async fn browser_of(&self, person: &str) -> Browser {
        let mut browser = Browser::default();
        self.sign_in(&mut browser, person, &self.crm("/")).await;
        self.sign_in(&mut browser, person, &self.signed("/")).await;
        browser
    }

    /// The metrics now.
    pub(crate) fn metrics(&self) -> String {
        self.gateway.shared.metrics()
    }

    /// What refused configurations were told so far. A file may be read while it is half written: that is refused too, and read again.
    pub(crate) fn refused_configurations(&self) -> Vec<String> {
        let errors = self.log("event").into_iter().filter(|line| line["level"] == "error");
        errors.filter_map(|line| line["problems"].as_str().map(str::to_owned)).collect()
    }

    /// The log lines of a kind so far.
    pub(crate) fn log(&self, kind: &str) -> Vec<serde_json::Value> {
        self.gateway.shared.scribe.flush();
        let text = String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a JSON line"));
        lines.filter(|line| line["kind"] == kind).collect()
    }

    /// Waits, for at most ten seconds, until a condition holds.
    pub(crate) async fn until(&self, condition: impl Fn() -> bool) {
        for _ in 0..500 {
            if condition() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the condition did not hold within ten seconds");
    }

    /// The audit lines of an event so far.
    pub(crate) fn audit(&self, event: &str) -> Vec<serde_json::Value> {
        self.log("audit").into_iter().filter(|line| line["event"] == event).collect()
    }
}

/// A checked configuration with the demo's secrets.
pub(crate) fn check(text: &str, secrets: &Secrets) -> Config {
    let values: SecretValues =
        secrets.values().into_iter().map(|(file, secret)| (SecretSource::File(file.to_owned()), Ok(secret))).collect();
    let checked = Draft::parse(text).check(&values);
    checked.unwrap_or_else(|problems| panic!("{problems}")).0
}

/// A port that is free now, below those that the system hands out: nobody takes it before the gateway does.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 500).unwrap() * 20;
    (0..2_000)
        .map(|_| first + NEXT.fetch_add(1, Ordering::Relaxed))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("one of two thousand ports is free")
}
