//! `POST {sigma}/api/events`: our script reports Sigma's error events.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Asked, Said};
use crate::{
    decide::Event,
    reason::{Done, Reason},
    reply,
};

/// Sigma's error codes (common embed error codes and messages, `workbook:error`).
const SIGMA_CODES: [&str; 9] =
    ["EEXIST", "EPERM", "ESTALE", "ENOENT", "EACCES", "EINVAL", "ETIMEDOUT", "NETWORK", "UNKNOWN"];

/// The body of a report, as far as it was read; none: it was too long, too slow, or broke off.
pub(crate) type ReadBody = Option<Bytes>;

/// Takes a report.
#[must_use]
pub(crate) fn events(asked: Asked<'_, ReadBody>) -> Said {
    let Asked { facts, heard, .. } = asked;
    let Some(bytes) = heard else {
        return Said::refusal(facts, Reason::BodyTooLarge);
    };
    let report: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let field = |name: &str| report.get(name).and_then(Value::as_str).unwrap_or_default();
    let said = Said::new(reply::json(facts.context(), StatusCode::ACCEPTED, Done::Event, &json!({})));
    match facts.config.catalogue.by_name(field("embed")) {
        Some(embed) => said.telling(Event::EmbedError { embed: embed.name.clone(), code: code(field("code")) }),
        None => said,
    }
}

/// Of Sigma's codes only: what a script says ends in a label of a metric.
fn code(said: &str) -> &'static str {
    SIGMA_CODES.into_iter().find(|known| *known == said).unwrap_or("OTHER")
}
