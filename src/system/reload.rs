//! Reload: when the configuration file or one of its secrets changes, or on SIGHUP.
//!
//! A good file takes the place of the old configuration, whole; a bad one changes nothing and is reported. Changes are
//! seen by events on the folders (an editor and Kubernetes both replace files rather than write them) and, because
//! events get lost on network and overlay file systems, by a slow look at a digest of the contents.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::files::{Fingerprint, LoadError, Snapshot};
use crate::{
    config::{Config, Warning},
    limits::{RELOAD_DEBOUNCE, RELOAD_DEBOUNCE_ROUNDS_MAX, RELOAD_POLL},
};

/// What came of a change or of a SIGHUP.
#[derive(Debug)]
pub(crate) enum ReloadOutcome {
    /// The new configuration is in force.
    Applied {
        /// What works, but probably not as meant.
        warnings: Vec<Warning>,
        /// The sockets of `[listen]` have changed, which takes effect at a restart only.
        restart_needed: bool,
    },
    /// The file is wrong; the old configuration stays in force.
    Refused(LoadError),
    /// Somebody asks, and the file is as wrong as when that was told: a change and a SIGHUP come together.
    StillRefused(LoadError),
    /// The files are what is in force already.
    Unchanged,
}

/// Holds the configuration in force to the files.
#[derive(Debug)]
pub(crate) struct Reloader {
    current: Arc<ArcSwap<Config>>,
    in_force: Fingerprint,
    seen: Fingerprint,
}

/// Follows the file at `path` until `stop`; `in_force` is the fingerprint of what `current` was loaded from. `report` hears each
/// outcome, and whether somebody asked for it (SIGHUP).
///
/// # Cancel safety
/// Dropped at any await, the configuration in force stays as it is: it is replaced in one step.
pub(crate) async fn watch(
    path: PathBuf,
    in_force: Fingerprint,
    current: Arc<ArcSwap<Config>>,
    mut report: impl FnMut(ReloadOutcome, bool) + Send,
    stop: CancellationToken,
) {
    let mut reloader = Reloader::new(current, in_force);
    let mut folders = Folders::new();
    let mut hangup = signal(SignalKind::hangup()).ok();
    // The first tick is at once: it sees what has changed since the file was loaded.
    let mut poll = interval(RELOAD_POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_asked = tokio::select! {
            () = stop.cancelled() => return,
            () = folders.changed.notified() => { settle(&folders.changed).await; false }
            _ = poll.tick() => false,
            () = received(&mut hangup) => true,
        };
        let Some(snapshot) = read(&path).await else { continue };
        folders.follow(snapshot.folders());
        if let Some(outcome) = reloader.look(snapshot, is_asked) {
            report(outcome, is_asked);
        }
    }
}

impl Reloader {
    /// Starts with a configuration and the fingerprint of what it was loaded from.
    #[must_use]
    pub(crate) const fn new(current: Arc<ArcSwap<Config>>, in_force: Fingerprint) -> Self {
        Self { current, in_force, seen: in_force }
    }

    /// Looks at a snapshot; `None` where nothing has changed since the last look and nobody has asked.
    pub(crate) fn look(&mut self, snapshot: Snapshot, is_asked: bool) -> Option<ReloadOutcome> {
        let fingerprint = snapshot.fingerprint();
        let is_known = fingerprint == self.seen;
        if is_known && !is_asked {
            return None;
        }
        self.seen = fingerprint;
        if fingerprint == self.in_force {
            return Some(ReloadOutcome::Unchanged);
        }
        match snapshot.load() {
            Ok(loaded) => {
                let restart_needed = self.current.load().listen.needs_restart_for(&loaded.config.listen);
                self.current.store(Arc::new(loaded.config));
                self.in_force = fingerprint;
                Some(ReloadOutcome::Applied { warnings: loaded.warnings, restart_needed })
            }
            Err(error) if is_known => Some(ReloadOutcome::StillRefused(error)),
            Err(error) => Some(ReloadOutcome::Refused(error)),
        }
    }
}

/// Events on the folders. Without a working watcher the slow look remains.
struct Folders {
    watcher: Option<RecommendedWatcher>,
    followed: BTreeSet<PathBuf>,
    changed: Arc<Notify>,
}

impl Folders {
    fn new() -> Self {
        let changed = Arc::new(Notify::new());
        let wake = Arc::clone(&changed);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if may_be_change(&event) {
                wake.notify_one();
            }
        });
        Self { watcher: watcher.ok(), followed: BTreeSet::new(), changed }
    }

    fn follow(&mut self, folders: &BTreeSet<PathBuf>) {
        let Some(watcher) = &mut self.watcher else { return };
        for gone in self.followed.difference(folders) {
            // It may have been removed together with its watch.
            let _ = watcher.unwatch(gone);
        }
        let follow = |folder: &&PathBuf| {
            self.followed.contains(*folder) || watcher.watch(folder, RecursiveMode::NonRecursive).is_ok()
        };
        self.followed = folders.iter().filter(follow).cloned().collect();
    }
}

/// Our own reading is an access: it must not wake us again.
fn may_be_change(event: &notify::Result<notify::Event>) -> bool {
    !event.as_ref().is_ok_and(|event| matches!(event.kind, EventKind::Access(_)))
}

/// Waits until the folders are at rest: an editor writes in several steps.
async fn settle(changed: &Notify) {
    for _ in 0..RELOAD_DEBOUNCE_ROUNDS_MAX {
        if timeout(RELOAD_DEBOUNCE, changed.notified()).await.is_err() {
            return;
        }
    }
}

/// Waits for a signal; for ever where there is none to wait for.
async fn received(hangup: &mut Option<Signal>) {
    let signal = match hangup {
        Some(hangup) => hangup.recv().await,
        None => None,
    };
    if signal.is_none() {
        std::future::pending::<()>().await;
    }
}

async fn read(path: &Path) -> Option<Snapshot> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || Snapshot::read(&path)).await.ok()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, time::Duration};

    use tokio::sync::mpsc;

    use super::*;
    use crate::system::load_config;

    /// A folder with a configuration that is right.
    struct World {
        folder: tempfile::TempDir,
        path: PathBuf,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("gateway.toml");
            fs::write(folder.path().join("session.key"), KEY).unwrap();
            let world = Self { folder, path };
            world.write(GOOD);
            world
        }

        fn write(&self, text: &str) {
            fs::write(&self.path, text).unwrap();
        }

        fn loaded(&self) -> (Arc<ArcSwap<Config>>, Fingerprint) {
            let loaded = load_config(&self.path).unwrap_or_else(|error| panic!("{error}"));
            (Arc::new(ArcSwap::from_pointee(loaded.config)), loaded.fingerprint)
        }

        fn snapshot(&self) -> Snapshot {
            Snapshot::read(&self.path)
        }
    }

    fn hours(current: &ArcSwap<Config>) -> u64 {
        current.load().session.max_age.as_secs() / 3_600
    }

    #[test]
    fn a_good_file_takes_the_place_of_the_old_one() {
        let world = World::new();
        let (current, in_force) = world.loaded();
        let mut reloader = Reloader::new(Arc::clone(&current), in_force);
        world.write(&GOOD.replace("8h", "4h"));
        let outcome = reloader.look(world.snapshot(), false);
        assert!(matches!(outcome, Some(ReloadOutcome::Applied { restart_needed: false, .. })), "{outcome:?}");
        assert_eq!(hours(&current), 4);
    }

    #[test]
    fn a_bad_file_changes_nothing_and_is_told_once_unless_somebody_asks() {
        let world = World::new();
        let (current, in_force) = world.loaded();
        let mut reloader = Reloader::new(Arc::clone(&current), in_force);
        world.write(&GOOD.replace("8h", "soon"));
        let outcome = reloader.look(world.snapshot(), false);
        assert!(matches!(outcome, Some(ReloadOutcome::Refused(LoadError::Invalid { .. }))), "{outcome:?}");
        assert_eq!(hours(&current), 8);
        assert!(reloader.look(world.snapshot(), false).is_none());
        assert!(matches!(reloader.look(world.snapshot(), true), Some(ReloadOutcome::StillRefused(_))));
        world.write(&GOOD.replace("8h", "late"));
        assert!(matches!(reloader.look(world.snapshot(), true), Some(ReloadOutcome::Refused(_))));
        world.write(GOOD);
        assert!(matches!(reloader.look(world.snapshot(), false), Some(ReloadOutcome::Unchanged)));
    }

    #[test]
    fn a_file_or_secret_that_is_gone_changes_nothing() {
        let world = World::new();
        let (current, in_force) = world.loaded();
        let mut reloader = Reloader::new(Arc::clone(&current), in_force);
        fs::remove_file(world.folder.path().join("session.key")).unwrap();
        assert!(matches!(
            reloader.look(world.snapshot(), false),
            Some(ReloadOutcome::Refused(LoadError::Invalid { .. }))
        ));
        fs::remove_file(&world.path).unwrap();
        assert!(matches!(
            reloader.look(world.snapshot(), false),
            Some(ReloadOutcome::Refused(LoadError::Unreadable { .. }))
        ));
        assert_eq!(hours(&current), 8);
    }

    #[test]
    fn files_as_they_were_are_silent_unless_somebody_asks() {
        let world = World::new();
        let (current, in_force) = world.loaded();
        let mut reloader = Reloader::new(current, in_force);
        assert!(reloader.look(world.snapshot(), false).is_none());
        assert!(matches!(reloader.look(world.snapshot(), true), Some(ReloadOutcome::Unchanged)));
    }

    #[test]
    fn another_listener_needs_a_restart() {
        let world = World::new();
        let (current, in_force) = world.loaded();
        let mut reloader = Reloader::new(current, in_force);
        world.write(&GOOD.replace("8080", "8081"));
        let outcome = reloader.look(world.snapshot(), false);
        assert!(matches!(outcome, Some(ReloadOutcome::Applied { restart_needed: true, .. })), "{outcome:?}");
    }

    #[tokio::test]
    async fn a_file_that_is_replaced_wakes_the_reload() {
        let world = World::new();
        let mut folders = Folders::new();
        folders.follow(&BTreeSet::from([world.folder.path().to_owned()]));
        let next = world.folder.path().join("next");
        fs::write(&next, GOOD).unwrap();
        fs::rename(next, &world.path).unwrap();
        timeout(Duration::from_secs(30), folders.changed.notified()).await.unwrap();
    }

    #[test]
    fn an_event_of_reading_is_no_change() {
        let event = |kind| Ok(notify::Event::new(kind));
        assert!(!may_be_change(&event(EventKind::Access(notify::event::AccessKind::Any))));
        assert!(may_be_change(&event(EventKind::Modify(notify::event::ModifyKind::Any))));
        assert!(may_be_change(&Err(notify::Error::generic("events were lost"))));
    }

    #[tokio::test]
    async fn the_files_are_followed_through_links_until_the_end() {
        let world = World::new();
        // As Kubernetes mounts a volume: the file is a link through a folder that is swapped.
        let folder = world.folder.path();
        fs::create_dir(folder.join("one")).unwrap();
        fs::rename(&world.path, folder.join("one/gateway.toml")).unwrap();
        symlink("one", folder.join("data")).unwrap();
        symlink("data/gateway.toml", &world.path).unwrap();

        let (current, in_force) = world.loaded();
        let (sender, mut outcomes) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let report = move |outcome, _| sender.send(outcome).unwrap();
        let watching = tokio::spawn(watch(world.path.clone(), in_force, Arc::clone(&current), report, stop.clone()));

        // The first swap is seen by the look at the start, the second one while watching.
        for hours_now in [2, 3] {
            let version = format!("version-{hours_now}");
            fs::create_dir(folder.join(&version)).unwrap();
            let text = GOOD.replace("8h", &format!("{hours_now}h"));
            fs::write(folder.join(&version).join("gateway.toml"), text).unwrap();
            symlink(&version, folder.join("next")).unwrap();
            fs::rename(folder.join("next"), folder.join("data")).unwrap();
            let outcome = timeout(Duration::from_secs(30), outcomes.recv()).await.unwrap();
            assert!(matches!(outcome, Some(ReloadOutcome::Applied { .. })), "{outcome:?}");
            assert_eq!(hours(&current), hours_now);
        }

        stop.cancel();
        timeout(Duration::from_secs(30), watching).await.unwrap().unwrap();
    }

    const KEY: &str = "9CxD6YvmMZgdNESttnVhhJHrvZla9L3o5um2phIsktg=";

    const GOOD: &str = r#"
[listen]
address = "127.0.0.1:8080"
[session]
keys = [{ file = "session.key" }]
max_age = "8h"
[identity.corp]
type = "oidc"
issuer = "https://login.example.com/realms/corp"
client_id = "sigma-gateway"
client_secret = { env = "CARGO_PKG_NAME" }
email_domains = ["example.com"]
[[site]]
url = "https://crm.example.com"
upstream = "http://10.0.0.5:8000"
"#;
}
