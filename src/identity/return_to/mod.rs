//! Where a person goes after signing in or out: a place on the same site, whatever was asked for.

use std::{borrow::Cow, io::Read};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{
    Compression,
    read::{DeflateDecoder, DeflateEncoder},
};
use percent_encoding::percent_decode_str;
use url::{Position, Url};

use crate::limits::{FRAGMENT_BYTES_MAX, RETURN_TO_BYTES_MAX, RETURN_TO_DECODINGS_MAX, RETURN_TO_REQUEST_BYTES_MAX};

/// A path and query on the site: whatever a browser makes of its [`location`](Self::location) is on the site. Its `Debug`
/// shows the path alone: a query may hold a code of the application.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "Carried", try_from = "Carried")]
pub(crate) struct ReturnTo {
    target: String,
    is_cut: bool,
}

impl ReturnTo {
    /// The place that an `rd` parameter names on the site, or `/` for everything that is not plainly one.
    ///
    /// Anybody can write such a parameter, so a path with `//` in it and a query that names another site are not plain.
    /// `sign_in` is the prefix of the sign-in endpoints: nobody is sent back into a sign-in.
    #[must_use]
    pub(crate) fn parse(text: &str, site: &Url, sign_in: &str) -> Self {
        let is_plain = |text: &str| is_plain(text, site, sign_in);
        on_site(text, site).filter(|target| is_plain(text) && is_plain(target)).map_or_else(Self::default, Self::whole)
    }

    /// The place that a request was for, with all that the gateway forwards: its own path and query lead nowhere else.
    ///
    /// Beyond [`RETURN_TO_REQUEST_BYTES_MAX`] it is the path alone.
    #[must_use]
    pub(crate) fn of_request(target: &str, site: &Url) -> Self {
        let is_short = target.len() <= RETURN_TO_REQUEST_BYTES_MAX;
        let whole = is_short.then(|| as_asked(target, site)).flatten();
        whole.map_or_else(|| Self::cut(target, site), Self::whole)
    }

    /// The page of the site that a link of ours stands in, as its browser names it; none within the sign-in endpoints.
    #[must_use]
    pub(crate) fn of_page(target: &str, site: &Url, sign_in: &str) -> Self {
        let path = target.split('?').next().unwrap_or_default();
        if is_below(path, sign_in) { Self::default() } else { Self::of_request(target, site) }
    }

    /// Path and query.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.target
    }

    /// What a `Location` or a link says. A path that begins with two slashes would name a host without the origin.
    #[must_use]
    pub(crate) fn location(&self, site: &Url) -> Cow<'_, str> {
        if self.target.starts_with("//") {
            return Cow::Owned(site.origin().ascii_serialization() + &self.target);
        }
        Cow::Borrowed(&self.target)
    }

    /// The same place with a fragment, which no server sees: a page of ours hands it on. One that is no plain text, or longer than
    /// [`FRAGMENT_BYTES_MAX`], is left out.
    #[must_use]
    pub(crate) fn with_fragment(mut self, fragment: &str) -> Self {
        let is_plain = fragment.len() <= FRAGMENT_BYTES_MAX && fragment.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain && !fragment.is_empty() && !self.target.contains('#') {
            self.target = format!("{}#{fragment}", self.target);
        }
        self
    }

    /// Whether the query was too long to be kept.
    #[must_use]
    pub(crate) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    const fn whole(target: String) -> Self {
        Self { target, is_cut: false }
    }

    /// The path alone, or `/` where even that is too long.
    fn cut(target: &str, site: &Url) -> Self {
        let path = as_asked(path_alone(target), site);
        Self { target: path.as_deref().map_or("/", path_alone).to_owned(), is_cut: true }
    }
}

/// The path of a place; `/` where even that is too long to be carried.
fn path_alone(target: &str) -> &str {
    target.split(['?', '#']).next().filter(|path| path.len() <= RETURN_TO_BYTES_MAX).unwrap_or("/")
}

/// How a cookie carries it: as it is, packed where it is long, or the path alone where it is long even so.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
enum Carried {
    Whole(String),
    Packed { packed: String },
    Cut { cut: String },
}

impl From<ReturnTo> for Carried {
    fn from(ReturnTo { target, is_cut }: ReturnTo) -> Self {
        if is_cut {
            return Self::Cut { cut: target };
        }
        if target.len() <= RETURN_TO_BYTES_MAX {
            return Self::Whole(target);
        }
        match deflated(&target).filter(|packed| packed.len() <= RETURN_TO_BYTES_MAX) {
            Some(packed) => Self::Packed { packed },
            None => Self::Cut { cut: path_alone(&target).to_owned() },
        }
    }
}

impl TryFrom<Carried> for ReturnTo {
    type Error = &'static str;

    fn try_from(carried: Carried) -> Result<Self, Self::Error> {
        match carried {
            Carried::Whole(target) => Ok(Self::whole(target)),
            Carried::Packed { packed } => inflated(&packed).map(Self::whole).ok_or("not a packed place"),
            Carried::Cut { cut } => Ok(Self { target: cut, is_cut: true }),
        }
    }
}

/// Raw DEFLATE (RFC 1951) in base64url.
fn deflated(text: &str) -> Option<String> {
    let mut packed = Vec::new();
    DeflateEncoder::new(text.as_bytes(), Compression::best()).read_to_end(&mut packed).ok()?;
    Some(URL_SAFE_NO_PAD.encode(packed))
}

/// Never more than [`RETURN_TO_REQUEST_BYTES_MAX`], however much it would become.
fn inflated(text: &str) -> Option<String> {
    let packed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let mut target = String::new();
    let most = RETURN_TO_REQUEST_BYTES_MAX as u64;
    DeflateDecoder::new(packed.as_slice()).take(most + 1).read_to_string(&mut target).ok()?;
    (target.len() <= RETURN_TO_REQUEST_BYTES_MAX).then_some(target)
}

impl std::fmt::Debug for ReturnTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        f.debug_tuple("ReturnTo").field(&path).finish()
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self::whole("/".to_owned())
    }
}

/// What was asked of the site, in the spelling of the URL parser that browsers have (WHATWG). It stands behind the origin, so that
/// nothing in it can be read as a host.
fn as_asked(target: &str, site: &Url) -> Option<String> {
    if !target.starts_with('/') || target.chars().any(char::is_control) {
        return None;
    }
    let url = Url::parse(&(site.origin().ascii_serialization() + target)).ok()?;
    (url.origin() == site.origin()).then(|| url[Position::BeforePath..Position::AfterFragment].to_owned())
}

/// The oracle is the URL parser that browsers have (WHATWG): what it makes of `text` on the site must be on the site.
fn on_site(text: &str, site: &Url) -> Option<String> {
    let is_path = text.len() <= RETURN_TO_BYTES_MAX && text.starts_with('/') && !is_suspicious(text);
    if !is_path || decodings(text.split(['?', '#']).next()?).any(|path| is_suspicious(&path)) {
        return None;
    }
    let target = site.join(text).ok()?;
    let path = target[Position::BeforePath..Position::AfterFragment].to_owned();
    // The spelling that goes out is judged again: `/.//x` is only now `//x`.
    let stays = !is_suspicious(&path) && path.len() <= RETURN_TO_BYTES_MAX;
    let again = site.join(&path).ok()?;
    (stays && target.origin() == site.origin() && again.origin() == site.origin()).then_some(path)
}

/// What some browser, proxy or framework reads as the beginning of another host, or as the end of a header.
fn is_suspicious(text: &str) -> bool {
    let is_odd = |c: char| c == '\\' || c.is_control() || c.is_whitespace();
    text.starts_with("//") || text.chars().any(is_odd)
}

/// The path as the next ones may decode it, while that still changes it.
fn decodings(path: &str) -> impl Iterator<Item = String> {
    let next = |text: &String| {
        let decoded = percent_decode_str(text).decode_utf8_lossy().into_owned();
        (decoded != *text).then_some(decoded)
    };
    std::iter::successors(next(&path.to_owned()), next).take(RETURN_TO_DECODINGS_MAX)
}

fn is_plain(target: &str, site: &Url, sign_in: &str) -> bool {
    let target = target.split('#').next().unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut spellings = std::iter::once(path.to_owned()).chain(decodings(path));
    let leads_away = |value: &str| {
        (value.starts_with("//") || value.contains("://"))
            && site.join(value).map_or(true, |url| url.origin() != site.origin())
    };
    spellings.all(|path| !path.contains("//") && !is_below(&path, sign_in))
        && !url::form_urlencoded::parse(query.as_bytes()).any(|(_, value)| leads_away(&value))
}

fn is_below(path: &str, prefix: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let rest = path.strip_prefix(&prefix.to_ascii_lowercase());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ';']))
}

#[cfg(test)]
mod tests;
