//! The dates of a JWT (RFC 7519 2 and 4.1), held against a clock.

use std::time::Duration;

use serde_json::Value;

use super::error::{JwsError, JwsFault};
use crate::{
    identity::{Claims, cause::kind},
    time::UnixSeconds,
};

/// Whether a member is there: null says nothing.
pub(in crate::identity::sources) fn says(members: &Claims, name: &str) -> bool {
    members.0.get(name).is_some_and(|value| !value.is_null())
}

/// The date of a member.
pub(in crate::identity::sources) fn date(members: &Claims, name: &str) -> Result<UnixSeconds, JwsError> {
    let value = members.0.get(name);
    value.and_then(numeric_date).ok_or_else(|| {
        let of_range = if value.is_some_and(Value::is_number) { " that is no date in seconds" } else { "" };
        JwsFault::Time.with(format!("`{name}` is {}{of_range}", kind(value)))
    })
}

/// A moment after which nothing counts.
pub(in crate::identity::sources) fn check_not_past(
    name: &str,
    moment: UnixSeconds,
    (now, leeway): (UnixSeconds, Duration),
) -> Result<(), JwsError> {
    if now >= moment.plus(leeway) {
        Err(JwsFault::Time.with(format!("`{name}` is {}", ago(moment, now))))
    } else {
        Ok(())
    }
}

/// A moment before which nothing counts.
pub(in crate::identity::sources) fn check_not_ahead(
    name: &str,
    moment: UnixSeconds,
    (now, leeway): (UnixSeconds, Duration),
) -> Result<(), JwsError> {
    if moment <= now.plus(leeway) {
        Ok(())
    } else {
        Err(JwsFault::Time.with(format!("`{name}` is {}", ahead(moment, now))))
    }
}

/// How long ago, for an operator.
pub(in crate::identity::sources) fn ago(moment: UnixSeconds, now: UnixSeconds) -> String {
    format!("{:?} ago", between(moment, now))
}

/// How far ahead, for an operator.
fn ahead(moment: UnixSeconds, now: UnixSeconds) -> String {
    format!("{:?} ahead of the clock here", between(now, moment))
}

fn between(from: UnixSeconds, to: UnixSeconds) -> Duration {
    Duration::from_secs(to.0.saturating_sub(from.0))
}

/// RFC 7519 2 `NumericDate`: a JSON number, of this calendar (milliseconds are none).
fn numeric_date(value: &Value) -> Option<UnixSeconds> {
    const YEAR_10_000: u64 = 253_402_300_800;
    let number = value.as_number()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, and a fraction is cut")]
    let fraction = || number.as_f64().filter(|seconds| (0.0..1e12).contains(seconds)).map(|seconds| seconds as u64);
    number.as_u64().or_else(fraction).filter(|seconds| *seconds < YEAR_10_000).map(UnixSeconds)
}
