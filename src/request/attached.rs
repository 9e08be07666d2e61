//! The header by which a proxy in front attaches a signed identity to each request: exactly one line with one value, or it says
//! nothing that counts. What the value says is for `identity` to verify.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::folded_name;

/// The one header of a source; nothing of its name under another spelling, in a query or in a cookie is ever read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttachedHeader {
    name: HeaderName,
    folded: String,
    form: AttachedForm,
}

/// How the value holds the assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttachedForm {
    /// It is the assertion.
    Whole,
    /// The same, and an empty one is none: Pomerium sends that where it has nothing to say.
    WholeOrEmpty,
    /// RFC 6750: behind the scheme `Bearer`. With another scheme the line is the application's.
    Bearer,
}

/// What a request brings for a source.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Presented {
    /// Nothing.
    Missing,
    /// One line with one value.
    Said(AttachedValue),
    /// More than one could mean, or nothing that is an assertion.
    Unclear(Unclear),
}

/// One value of one line, as it came; its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AttachedValue {
    line: HeaderValue,
    from: usize,
}

/// Why what is there is not one value of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unclear {
    /// Two lines.
    #[error("two lines of the header")]
    Doubled,
    /// Another spelling of the name, alone or beside it.
    #[error("another spelling of the header's name")]
    Alias,
    /// A comma, white space, a byte that is no visible ASCII.
    #[error("not one value")]
    Several,
    /// A line without a value.
    #[error("a line without a value")]
    Empty,
    /// `Connection` names the header: it was taken out before it was read.
    #[error("a header that `Connection` names")]
    Nominated,
}

/// What a request brings for each source that its site accepts, in the order of the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attached(Vec<Presented>);

impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("Missing"),
            Self::Said(_) => f.write_str("Said"),
            Self::Unclear(unclear) => write!(f, "Unclear({unclear:?})"),
        }
    }
}

impl std::fmt::Debug for AttachedValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AttachedValue")
    }
}

impl AttachedValue {
    /// The assertion: visible ASCII without comma and white space.
    #[must_use]
    pub(crate) fn assertion(&self) -> &str {
        self.line.to_str().ok().and_then(|line| line.get(self.from..)).unwrap_or_default()
    }

    /// One value, whatever it says.
    ///
    /// # Errors
    /// See [`Unclear`].
    fn of(line: &HeaderValue, from: usize) -> Result<Self, Unclear> {
        let value = line.as_bytes().get(from..).unwrap_or_default();
        if value.is_empty() {
            return Err(Unclear::Empty);
        }
        let is_of_one = |byte: &u8| byte.is_ascii_graphic() && *byte != b',';
        if value.iter().all(is_of_one) { Ok(Self { line: line.clone(), from }) } else { Err(Unclear::Several) }
    }
}

impl Presented {
    /// For tests: as if a line had said this.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn of_test(text: &str) -> Self {
        let line = HeaderValue::from_str(text).map_err(|_| Unclear::Several);
        line.and_then(|line| AttachedValue::of(&line, 0)).map_or_else(Self::Unclear, Self::Said)
    }

    /// Together with what another spelling of the name brings.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missing, other) => other,
            (first, Self::Missing) => first,
            (Self::Said(_) | Self::Unclear(_), Self::Said(_) | Self::Unclear(_)) => Self::Unclear(Unclear::Alias),
        }
    }
}

impl AttachedHeader {
    /// A header of a preset.
    #[must_use]
    pub(crate) fn of(lower_case: &'static str, form: AttachedForm) -> Self {
        Self { name: HeaderName::from_static(lower_case), folded: folded_name(lower_case), form }
    }

    /// The credentials of a program (RFC 6750 2.1).
    #[must_use]
    pub(crate) fn bearer() -> Self {
        Self::of("authorization", AttachedForm::Bearer)
    }

    /// A header of the operator's naming.
    pub(super) fn named(name: HeaderName) -> Self {
        Self { folded: folded_name(name.as_str()), name, form: AttachedForm::Whole }
    }

    /// Whether it is the line of credentials, which applications have a use for.
    pub(super) fn is_credentials(&self) -> bool {
        self.form == AttachedForm::Bearer
    }

    /// Its name, as servers fold it.
    #[must_use]
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }

    /// What the lines of this name bring, which is it or another spelling of it; `None`: they are the application's.
    fn read(&self, name: &HeaderName, headers: &HeaderMap) -> Option<Presented> {
        let mut lines = headers.get_all(name).iter();
        let (first, second) = (lines.next()?, lines.next());
        if *name != self.name {
            return Some(Presented::Unclear(Unclear::Alias));
        }
        let from = match self.form {
            AttachedForm::Whole | AttachedForm::WholeOrEmpty => 0,
            // Admission takes one line of credentials alone; were there two, each counts.
            AttachedForm::Bearer => {
                let mut of_scheme = headers.get_all(name).iter().filter_map(|line| behind_scheme(line.as_bytes()));
                of_scheme.next()?
            }
        };
        if second.is_some() {
            return Some(Presented::Unclear(Unclear::Doubled));
        }
        Some(match AttachedValue::of(first, from) {
            Ok(value) => Presented::Said(value),
            Err(Unclear::Empty) if self.form == AttachedForm::WholeOrEmpty => Presented::Missing,
            Err(unclear) => Presented::Unclear(unclear),
        })
    }
}

impl Attached {
    /// Nothing, for so many sources.
    pub(super) fn nothing(sources: usize) -> Self {
        Self(vec![Presented::Missing; sources])
    }

    /// What is there for a source, by its position among those that the site accepts.
    #[must_use]
    pub(crate) fn get(&self, at: usize) -> &Presented {
        self.0.get(at).unwrap_or(&Presented::Missing)
    }

    /// What is there for each source, in the order of the site.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Presented> {
        self.0.iter()
    }

    /// Takes what lines of a name bring; whether they are the source's, and not the application's.
    pub(super) fn take(&mut self, at: usize, header: &AttachedHeader, name: &HeaderName, headers: &HeaderMap) -> bool {
        let (Some(slot), Some(presented)) = (self.0.get_mut(at), header.read(name, headers)) else { return false };
        *slot = std::mem::replace(slot, Presented::Missing).and(presented);
        true
    }

    /// What was there is gone, unread.
    pub(super) fn lose(&mut self, at: usize) {
        if let Some(slot) = self.0.get_mut(at) {
            *slot = Presented::Unclear(Unclear::Nominated);
        }
    }

    /// Puts the line of a source back, as it came: for an application that verifies it itself.
    pub(crate) fn put_back(&self, at: usize, header: &AttachedHeader, headers: &mut HeaderMap) {
        if let Presented::Said(value) = self.get(at) {
            headers.insert(header.name.clone(), value.line.clone());
        }
    }
}

/// Where the credentials begin, behind `Bearer` in any case of letters and its blanks (RFC 9110 11.4). What others may read as that
/// scheme is of it too, and is then no value: another mark behind the word, and the word behind a comma.
fn behind_scheme(line: &[u8]) -> Option<usize> {
    let is_listed = |more: &[u8]| {
        behind_word(more.trim_ascii()).is_some_and(|rest| rest.trim_ascii_start() != rest || rest.is_empty())
    };
    if line.split(|byte| *byte == b',').skip(1).any(is_listed) {
        return Some(0);
    }
    let rest = behind_word(line)?;
    Some(SCHEME.len() + rest.iter().take_while(|byte| **byte == b' ').count())
}

/// What follows the word, where nothing of a longer name of a scheme does (RFC 9110 5.6.2).
fn behind_word(line: &[u8]) -> Option<&[u8]> {
    let (word, rest) = line.split_at_checked(SCHEME.len())?;
    let is_longer = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    (word.eq_ignore_ascii_case(SCHEME) && !rest.first().is_some_and(is_longer)).then_some(rest)
}

const SCHEME: &[u8] = b"bearer";
