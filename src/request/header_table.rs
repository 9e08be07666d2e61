//! The names that no client may bring: the gateway's own, and those of other products in `identity_headers.txt`.
//!
//! One sorted table, made once. Most names of a browser are told apart by a first look at three of their letters.

use std::sync::LazyLock;

use super::folded_name;

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderOwner {
    /// The gateway sets it, or says by it who sent the request: no site keeps a client's.
    Gateway,
    /// Another product; a site may keep it.
    Other,
}

/// A name, or the beginning of a family of names.
#[derive(Debug)]
pub(super) struct HeaderEntry {
    /// As servers fold it.
    folded: String,
    is_family: bool,
    /// As the table spells it.
    pub(super) name: &'static str,
    pub(super) owner: HeaderOwner,
}

/// Whether a (folded) name is one that no client may bring, unless a site keeps it.
#[cfg(any(test, feature = "fuzzing"))]
#[must_use]
pub(crate) fn is_managed(folded: &str) -> bool {
    find(folded).is_some()
}

/// The entry of a folded name.
pub(super) fn find(folded: &str) -> Option<&'static HeaderEntry> {
    TABLE.find(folded)
}

struct Table {
    /// Ascending; none begins with a family that is there as well.
    entries: Vec<HeaderEntry>,
    /// Which values of [`first_look`] some entry has.
    seen: [u64; LOOKS / 64],
}

impl Table {
    fn new(entries: impl Iterator<Item = (&'static str, HeaderOwner)>) -> Self {
        let mut sorted: Vec<HeaderEntry> = entries.map(|(name, owner)| HeaderEntry::new(name, owner)).collect();
        // Of two owners the gateway is the first, and a family comes before its members.
        sorted.sort_by(|one, other| one.folded.cmp(&other.folded).then(other.is_family.cmp(&one.is_family)));
        let mut entries: Vec<HeaderEntry> = Vec::with_capacity(sorted.len());
        for entry in sorted {
            if !entries.last().is_some_and(|last| last.matches(&entry.folded)) {
                entries.push(entry);
            }
        }
        let mut seen = [0; LOOKS / 64];
        for entry in &entries {
            let look = first_look(&entry.folded);
            seen[look / 64] |= 1 << (look % 64);
        }
        Self { entries, seen }
    }

    fn find(&self, folded: &str) -> Option<&HeaderEntry> {
        let look = first_look(folded);
        if self.seen[look / 64] & (1 << (look % 64)) == 0 {
            return None;
        }
        // Whatever lies between a family and a member of it would begin with the family, and is not in the table.
        let after = self.entries.partition_point(|entry| entry.folded.as_str() <= folded);
        self.entries[..after].last().filter(|entry| entry.matches(folded))
    }
}

impl HeaderEntry {
    fn new(name: &'static str, owner: HeaderOwner) -> Self {
        let is_family = name.ends_with('*');
        Self { folded: folded_name(name.trim_end_matches('*')), is_family, name, owner }
    }

    fn matches(&self, folded: &str) -> bool {
        if self.is_family { folded.starts_with(&self.folded) } else { folded == self.folded }
    }
}

/// A number below [`LOOKS`] that follows from the first three characters, those behind `x-` where it begins so.
fn first_look(folded: &str) -> usize {
    let (offset, rest) = folded.strip_prefix("x-").map_or((0, folded), |rest| (LOOKS / 2 + 7, rest));
    let letters = rest.bytes().take(FIRST_LETTERS);
    letters.fold(offset, |look, byte| look.wrapping_mul(31).wrapping_add(usize::from(byte))) % LOOKS
}

/// How many characters the first look takes; a family has as many, behind its `x-`.
const FIRST_LETTERS: usize = 3;
const LOOKS: usize = 4_096;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let own = OWN.iter().map(|name| (*name, HeaderOwner::Gateway));
    Table::new(own.chain(others().map(|name| (name, HeaderOwner::Other))))
});

/// The lines of the data file.
fn others() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("identity_headers.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The identity headers of every preset, the forwarding family, our own.
const OWN: &[&str] = &[
    "Forwarded",
    "Proxy", // httpoxy: CGI makes HTTP_PROXY of it
    "Remote-Email*",
    "Remote-Groups*",
    "Remote-Name*",
    "Remote-User*",
    "Sigma-Gateway",
    "Sigma-Gateway-*",
    "True-Client-IP",
    "X-Auth-Request-*",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "X-Forwarded",
    "X-Forwarded-*",
    "X-Real-IP",
    "X-Request-Id",
    "X-Sigma-*",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_list_is_one_name_that_is_found_by_every_spelling() {
        let mut seen = BTreeSet::new();
        for line in OWN.iter().copied().chain(others()) {
            let name = line.trim_end_matches('*');
            let sent = if line.ends_with('*') { format!("{name}anything") } else { name.to_owned() };
            assert!(http::HeaderName::from_bytes(sent.as_bytes()).is_ok(), "{line}");
            assert!(seen.insert(folded_name(name)), "{line} is there twice");
            assert_eq!(find(&folded_name(&sent)).map(|entry| entry.name), Some(line), "another line covers it");
            for spelled in [sent.clone(), sent.to_ascii_uppercase(), sent.replace(['-', '_'], ".")] {
                assert!(is_managed(&folded_name(&spelled)), "{spelled}");
            }
        }
        assert!(seen.len() > 250, "{}", seen.len());
    }

    #[test]
    fn no_family_is_so_short_that_the_first_look_misses_it() {
        for family in OWN.iter().copied().chain(others()).filter_map(|line| line.strip_suffix('*')) {
            let folded = folded_name(family);
            let rest = folded.strip_prefix("x-").unwrap_or(&folded);
            assert!(rest.len() >= FIRST_LETTERS, "{family}");
        }
    }

    #[test]
    fn a_name_that_a_family_covers_is_the_familys_and_what_is_ours_is_not_the_lists() {
        let name_of = |name: &str| find(&folded_name(name)).map(|entry| (entry.name, entry.owner));
        assert_eq!(name_of("sm_user"), Some(("SM_*", HeaderOwner::Other)));
        assert_eq!(name_of("X-Forwarded-Email"), Some(("X-Forwarded-*", HeaderOwner::Gateway)));
        assert_eq!(name_of("x-remote-user"), Some(("X-Remote-*", HeaderOwner::Other)));
        assert_eq!(name_of("remote_user"), Some(("Remote-User*", HeaderOwner::Gateway)));
        assert_eq!(name_of("x-original-url"), Some(("X-Original-URL", HeaderOwner::Other)));
        assert_eq!(name_of("x-original-filename"), None);
    }

    #[test]
    fn every_name_is_found_as_a_walk_over_the_whole_table_finds_it() {
        let walk = |folded: &str| TABLE.entries.iter().find(|entry| entry.matches(folded)).map(|entry| entry.name);
        let names = OWN.iter().copied().chain(others()).map(|line| line.trim_end_matches('*'));
        for name in names {
            for sent in [name.to_owned(), format!("{name}x"), format!("{name}-x"), name[..name.len() - 1].to_owned()] {
                let folded = folded_name(&sent);
                assert_eq!(find(&folded).map(|entry| entry.name), walk(&folded), "{sent}");
            }
        }
    }
}
