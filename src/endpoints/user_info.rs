//! `GET {sign_in}/userinfo`: who I am and what Sigma grant I get; never a token.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Asked, Said, viewing::viewer};
use crate::{
    identity::EmailAddress,
    policy::{Grant, Granted},
    reason::{Done, Reason},
    reply,
};

/// Tells the visitor of themselves.
#[must_use]
pub(crate) fn user_info(asked: Asked<'_>) -> Said {
    let Asked { facts, .. } = asked;
    let Some(visitor) = &facts.asker.visitor else {
        return Said::refusal(facts, Reason::NotSignedIn);
    };
    let identity = &visitor.identity;
    let sigma = match viewer(facts, visitor).granted {
        Ok((_, granted)) => grant_json(&granted),
        Err(reason) => json!({ "reason": reason.as_str() }),
    };
    let body = json!({
        "user": identity.subject,
        "provider": identity.provider.as_str(),
        "by": visitor.by(),
        "email": identity.email.as_ref().ok().map(EmailAddress::as_str),
        "session_ends_at": visitor.session_ends_at().0,
        "sigma": sigma,
    });
    Said::new(reply::json(facts.context(), StatusCode::OK, Done::Userinfo, &body))
}

fn grant_json(granted: &Granted) -> Value {
    let mappings: Vec<_> = granted.mappings.iter().map(|name| name.as_str()).collect();
    match &granted.grant {
        Grant::Internal => json!({ "user": "internal", "mappings": mappings }),
        Grant::Embed(grant) => json!({
            "user": "embed",
            "mappings": mappings,
            "teams": grant.teams,
            "account_type": grant.account_type,
            "user_attributes": grant.user_attributes,
        }),
    }
}
