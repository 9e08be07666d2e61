//! Content codings, as far as heads speak of them.

use http::{HeaderMap, HeaderValue, header};

/// How a body is coded; what is changed is coded again as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As it is.
    Identity,
    /// `gzip`
    Gzip,
    /// `deflate`, in either form
    Deflate,
    /// `br`
    Brotli,
    /// `zstd`
    Zstd,
    /// One upon the other, as they were put on.
    Twice(Layer, Layer),
}

/// One of two codings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl From<Layer> for Coding {
    fn from(layer: Layer) -> Self {
        match layer {
            Layer::Gzip => Self::Gzip,
            Layer::Deflate => Self::Deflate,
            Layer::Brotli => Self::Brotli,
            Layer::Zstd => Self::Zstd,
        }
    }
}

/// The coding of a body by its `Content-Encoding`; `None` for one that is not undone here: three and more, or one that needs a
/// dictionary.
///
/// Words that browsers do not know (`none`, `utf-8`, `text/html`, an empty one) are no coding: they show the body as it is.
pub(in crate::rewrite) fn coding(headers: &HeaderMap) -> Option<Coding> {
    let mut found = (None, None);
    for line in headers.get_all(header::CONTENT_ENCODING) {
        for word in line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
            let layer = match () {
                () if is(&["gzip", "x-gzip"]) => Layer::Gzip,
                () if is(&["deflate"]) => Layer::Deflate,
                () if is(&["br"]) => Layer::Brotli,
                () if is(&["zstd"]) => Layer::Zstd,
                () if is(&["dcb", "dcz"]) => return None,
                () => continue,
            };
            found = match found {
                (None, _) => (Some(layer), None),
                (first, None) => (first, Some(layer)),
                (Some(_), Some(_)) => return None,
            };
        }
    }
    Some(match found {
        (None, _) => Coding::Identity,
        (Some(one), None) => one.into(),
        (Some(inner), Some(outer)) => Coding::Twice(inner, outer),
    })
}

/// What `Accept-Encoding` of a request is told to the host application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rewrite) enum Accepted {
    /// What the browser says.
    AsItIs,
    /// gzip, where the browser takes it: quickly undone and done again, and known to every application. One word for all
    /// requests that may be pages or pictures: some applications know a browser again by it.
    Gzip,
}

impl Accepted {
    /// Scripts, styles and fonts are never looked into, and are what is worth a better coding.
    pub(in crate::rewrite) fn of(headers: &HeaderMap, may_be_rewritten: bool) -> Self {
        const ASSETS: &[&str] =
            &["script", "style", "font", "worker", "sharedworker", "serviceworker", "manifest", "xslt"];
        let destination = headers.get("sec-fetch-dest").map(HeaderValue::as_bytes).unwrap_or_default();
        let is_asset = ASSETS.iter().any(|name| destination == name.as_bytes());
        if is_asset && !may_be_rewritten { Self::AsItIs } else { Self::Gzip }
    }

    pub(in crate::rewrite) fn apply(self, headers: &mut HeaderMap) {
        match self {
            Self::AsItIs => {}
            Self::Gzip => {
                let coding = if accepts_gzip(headers) { "gzip" } else { "identity" };
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
            }
        }
    }
}

/// Whether `Accept-Encoding` takes gzip (RFC 9110 12.5.3): by name, else by `*`.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let words: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    let weight_of = |names: &[&str]| {
        words.iter().find_map(|word| {
            let (name, parameters) = word.split_once(';').unwrap_or((word, ""));
            let is_it = names.iter().any(|wanted| name.trim().eq_ignore_ascii_case(wanted));
            is_it.then(|| weight(parameters))
        })
    };
    weight_of(&["gzip", "x-gzip"]).or_else(|| weight_of(&["*"])).is_some_and(|weight| weight > 0.0)
}

fn weight(parameters: &str) -> f32 {
    let value = parameters.split(';').find_map(|word| word.trim().strip_prefix("q="));
    value.map_or(1.0, |value| value.trim().parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[&'static str]) -> HeaderMap {
        let lines = lines.iter().map(|line| HeaderValue::from_static(line));
        lines.map(|line| (header::CONTENT_ENCODING, line)).collect()
    }

    #[test]
    fn a_coding_is_known_in_any_spelling_and_a_word_that_browsers_do_not_know_is_none() {
        for (lines, expected) in [
            (&[][..], Some(Coding::Identity)),
            (&["gzip"], Some(Coding::Gzip)),
            (&[" GZIP "], Some(Coding::Gzip)),
            (&["x-gzip"], Some(Coding::Gzip)),
            (&["deflate"], Some(Coding::Deflate)),
            (&["br"], Some(Coding::Brotli)),
            (&["ZSTD"], Some(Coding::Zstd)),
            (&["identity"], Some(Coding::Identity)),
            (&[""], Some(Coding::Identity)),
            (&["none"], Some(Coding::Identity)),
            (&["UTF-8"], Some(Coding::Identity)),
            (&["text/html"], Some(Coding::Identity)),
            (&["deflate-none"], Some(Coding::Identity)),
            (&["7bit", "binary,8bit"], Some(Coding::Identity)),
            (&["x-deflate"], Some(Coding::Identity)),
            (&["identity, gzip"], Some(Coding::Gzip)),
            (&["utf-8", "gzip"], Some(Coding::Gzip)),
            (&["gzip,"], Some(Coding::Gzip)),
            (&["gzip, gzip"], Some(Coding::Twice(Layer::Gzip, Layer::Gzip))),
            (&["gzip, none", "br"], Some(Coding::Twice(Layer::Gzip, Layer::Brotli))),
            (&["gzip;q=1"], Some(Coding::Identity)),
            (&["gzip, gzip, gzip"], None),
            (&["dcb"], None),
        ] {
            assert_eq!(coding(&head(lines)), expected, "{lines:?}");
        }
        let latin = HeaderValue::from_bytes(b"gzip\xe9, br").unwrap();
        assert_eq!(coding(&HeaderMap::from_iter([(header::CONTENT_ENCODING, latin)])), Some(Coding::Brotli));
    }
}
