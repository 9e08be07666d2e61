//! `POST {sign_in}/callback`: an answer that came by form waits in a sealed cookie for the page that goes on to the callback. All
//! is decided there: to what another site posts, neither the person nor the attempt is known.

use http::header::CONTENT_TYPE;

use super::{Asked, ReadBody, Said, sign_in::failed};
use crate::{
    decide::Facts,
    identity::{LoginError, PostedAnswer, ReturnTo, SetCookie},
    limits::POSTED_ANSWER_AGE,
    reason::Reason,
    reply,
};

/// Keeps an answer.
#[must_use]
pub(crate) fn keep_answer(asked: Asked<'_, ReadBody>) -> Said {
    let Asked { facts, heard, stream } = asked;
    let content_type = content_type(facts);
    if !is_form(content_type) {
        return failed(facts, None, LoginError::not_a_form(content_type).into(), &ReturnTo::default());
    }
    let Some(body) = heard else { return Said::refusal(facts, Reason::BodyTooLarge) };
    let answer = PostedAnswer::of_form(&body);
    let Some((name, value)) = answer.seal(&facts.config.session.keys, facts.place.site_name(), stream.bytes()) else {
        return Said::refusal(facts, Reason::BodyTooLarge);
    };
    let callback = format!("{}?{}", facts.site().callback_url.path(), answer.reference());
    Said::new(reply::going_on(facts.context(), &callback)).setting([SetCookie::keep(&name, &value, POSTED_ANSWER_AGE)])
}

fn content_type(facts: &Facts) -> &str {
    facts.request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
