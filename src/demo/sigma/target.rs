//! The URL of an embed: path and query, without the token's content.

use percent_encoding::percent_decode_str;

use super::Refusal;

/// A taken-apart embed URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenedUrl<'a> {
    /// The path after the organization, decoded.
    pub(super) document: String,
    /// The token, as sent.
    pub(super) jwt: &'a str,
    /// Interface parameters, with their colon, without `:jwt`.
    pub(super) parameters: Vec<(String, String)>,
    /// Control values.
    pub(super) controls: Vec<(String, String)>,
}

impl<'a> OpenedUrl<'a> {
    /// Takes a path with its query apart.
    pub(super) fn parse(target: &'a str, slug: &str) -> Result<Self, Refusal> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let document = document(path, slug)?;
        let pairs: Vec<(&str, &str)> = query.split('&').filter(|pair| !pair.is_empty()).map(split_pair).collect();
        let jwt = only_jwt(&pairs)?;
        let mut parameters = Vec::new();
        let mut controls = Vec::new();
        for (key, value) in pairs.into_iter().filter(|(key, _)| *key != ":jwt") {
            let pair = (decode(key), decode(value));
            match key.starts_with(':') {
                true if PARAMETERS.contains(&key) => parameters.push(pair),
                true => return Err(Refusal::ParameterUnknown(pair.0)),
                // Accepted or not is undocumented; a gateway that relies on it would be found out only in production.
                false if pair.0.starts_with(':') => return Err(Refusal::KeyEncoded(key.to_owned())),
                false => controls.push(pair),
            }
        }
        Ok(Self { document, jwt, parameters, controls })
    }
}

fn split_pair(pair: &str) -> (&str, &str) {
    pair.split_once('=').unwrap_or((pair, ""))
}

fn only_jwt<'a>(pairs: &[(&'a str, &'a str)]) -> Result<&'a str, Refusal> {
    let found: Vec<&'a str> = pairs.iter().filter(|(key, _)| *key == ":jwt").map(|(_, value)| *value).collect();
    match found.as_slice() {
        [] => match pairs.iter().find(|(key, _)| decode(key) == ":jwt") {
            Some((key, _)) => Err(Refusal::KeyEncoded((*key).to_owned())),
            None => Err(Refusal::JwtMissing),
        },
        [jwt] => Ok(jwt),
        several => Err(Refusal::JwtRepeated(several.len())),
    }
}

/// `/<slug>/workbook/<name>-<id>[/tag/<tag>][/page/<id> | /element/<id>]`, `…/edit`, or `/<slug>/ask` (Sigma, create an
/// embed API with JSON web tokens).
fn document(path: &str, slug: &str) -> Result<String, Refusal> {
    let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    let (organization, rest) = segments.split_first().ok_or(Refusal::NotFound)?;
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let is_known = match rest.as_slice() {
        ["ask"] => true,
        ["workbook", workbook, view @ ..] => is_workbook(workbook) && is_view(view),
        _ => false,
    };
    if organization != slug || !is_known {
        return Err(Refusal::NotFound);
    }
    Ok(rest.join("/"))
}

/// The id is what follows the last `-`; it is base 62.
fn is_workbook(segment: &str) -> bool {
    let id = segment.rsplit('-').next().unwrap_or_default();
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_view(rest: &[&str]) -> bool {
    match rest {
        [] | ["edit"] => true,
        ["tag", tag, view @ ..] => !tag.is_empty() && view.first() != Some(&"tag") && is_view(view),
        ["page" | "element", id] => {
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        }
        _ => false,
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Interface parameters that work with a JWT (Sigma, embed URL parameters; release notes 01/2026 and 04/2026).
const PARAMETERS: [&str; 19] = [
    ":bookmark",
    ":embed",
    ":explore",
    ":hide_bookmarks",
    ":hide_element_interactions",
    ":hide_explore_toggle",
    ":hide_folder_navigation",
    ":hide_menu",
    ":hide_save_as",
    ":hide_schedule",
    ":hide_send",
    ":hide_tooltip",
    ":jwt",
    ":lng",
    ":lng_variant",
    ":menu_position",
    ":nodeId",
    ":responsive_height",
    ":theme",
];
