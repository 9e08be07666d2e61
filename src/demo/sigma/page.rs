//! What the stand-in shows: who came in with what, or which rule was broken.

use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::{Opening, Refusal, ViewerKind};
use crate::{
    demo::{
        page::{escape, fill, html},
        serve::StandInBody,
    },
    time::UnixSeconds,
};

/// The page of an opened document.
pub(super) fn opened(opening: &Opening, slug: &str, now: UnixSeconds) -> Response<StandInBody> {
    let rows: String = rows(opening)
        .iter()
        .map(|(name, value)| format!("<tr><th scope=\"row\">{name}</th><td>{}</td></tr>\n", escape(value)))
        .collect();
    let variables: Map<String, Value> =
        opening.controls.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let page = fill(
        include_str!("../assets/sigma_open.html"),
        &[
            ("css", CSS),
            ("slug", &escape(slug)),
            ("seconds_left", &now.until(opening.expires_at).as_secs().to_string()),
            ("warning", if opening.is_highest_by_omission() { WARNING } else { "" }),
            ("variables", &script_value(&Value::Object(variables))),
            ("document", &escape(&opening.document)),
            ("rows", &rows),
        ],
    );
    html(StatusCode::OK, page)
}

/// The page of a refused URL; the statuses are ours, Sigma's are not documented.
pub(super) fn refused(refusal: &Refusal, slug: &str) -> Response<StandInBody> {
    let message = refusal.to_string();
    let (status, title) = match (refusal.name(), refusal.code()) {
        ("replayed", _) => (StatusCode::UNAUTHORIZED, "Replayed embed URL"),
        ("expired", _) => (StatusCode::UNAUTHORIZED, "Expired embed URL"),
        (_, "ENOENT") => (StatusCode::NOT_FOUND, "Not found"),
        (_, "EACCES") => (StatusCode::FORBIDDEN, "No permission"),
        _ => (StatusCode::BAD_REQUEST, "Invalid embed request"),
    };
    let advice = if *refusal == Refusal::Replayed { REPLAY_ADVICE } else { "" };
    let page = fill(
        include_str!("../assets/sigma_refused.html"),
        &[
            ("css", CSS),
            ("slug", &escape(slug)),
            ("title", title),
            ("code", refusal.code()),
            ("name", refusal.name()),
            ("code_json", &script_value(&Value::from(refusal.code()))),
            ("message_json", &script_value(&Value::from(message.as_str()))),
            ("advice", advice),
            ("message", &escape(&message)),
        ],
    );
    html(status, page)
}

fn rows(opening: &Opening) -> Vec<(&'static str, String)> {
    let kind = match opening.kind {
        ViewerKind::Embed => "embed user, made from the token",
        ViewerKind::Internal => "internal user, with an account of the organization",
    };
    let account_type = match (&opening.account_type, opening.kind) {
        (Some(account_type), _) => account_type.clone(),
        (None, ViewerKind::Embed) => "the highest there is".to_owned(),
        (None, ViewerKind::Internal) => "as in the organization".to_owned(),
    };
    vec![
        ("User", opening.sub.clone()),
        ("Name", or_none(opening.names.join(" "))),
        ("Kind", kind.to_owned()),
        ("Teams", or_none(opening.teams.join(", "))),
        ("Account type", account_type),
        ("User attributes", or_none(pairs(opening.user_attributes.iter()))),
        ("Controls", or_none(pairs(opening.controls.iter().map(|(name, value)| (name, value))))),
        ("Interface", or_none(pairs(opening.parameters.iter().map(|(name, value)| (name, value))))),
        ("Token", opening.jti.clone()),
    ]
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    pairs.map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join("; ")
}

fn or_none(text: String) -> String {
    if text.is_empty() { "none".to_owned() } else { text }
}

/// JSON that may stand in a script element.
fn script_value(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

const CSS: &str = include_str!("../assets/sigma.css");
const WARNING: &str = "<div class=\"alert\" role=\"alert\"><strong>No account type in the token: Sigma gives this user the \
     highest account type.</strong></div>";
const REPLAY_ADVICE: &str = "<p>That is right after a copied URL, a reload of the frame, or Back without the gateway's \
     script. Load the page around the frame, and it gets a new URL.</p>";
