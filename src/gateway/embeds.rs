//! The Sigma endpoints: stable link, embed API, the script's events; and who is looking.

use http::StatusCode;
use hyper::body::Incoming;
use serde_json::json;
use tokio::time::timeout;

use super::exchange::{Exchange, Outcome};
use crate::{
    connect::{collect, request_body},
    embed::{Embed, MintOutcome, Minted, StableLink, Surface, View, Viewer, mint, mint_outcome, view_of_link},
    identity::{EmailAddress, ReturnTo, Session},
    limits::{OWN_BODY_BYTES_MAX, OWN_BODY_TIMEOUT},
    policy::{Grant, Granted, mapping_doubts},
    reason::Reason,
    reply,
    request::{Endpoint, Entry, entry},
    system::{self, CodeLabel},
};

/// Sigma's error codes (common embed error codes and messages, `workbook:error`).
const SIGMA_CODES: [&str; 9] =
    ["EEXIST", "EPERM", "ESTALE", "ENOENT", "EACCES", "EINVAL", "ETIMEDOUT", "NETWORK", "UNKNOWN"];

impl Exchange {
    /// Answers one of our own endpoints.
    ///
    /// What is rare or long is boxed: every connection keeps room for the largest future of a request.
    pub(super) async fn own_endpoint(&self, endpoint: Endpoint, body: Incoming) -> Outcome {
        match entry(&endpoint, &self.request.visit) {
            Entry::Serve => {}
            Entry::OfferSignIn => return self.offer_sign_in(),
            Entry::Confirm => return self.confirm_sign_out(),
            Entry::Refuse(reason) => return self.refuse(reason),
        }
        match endpoint {
            Endpoint::SignInStart => Box::pin(self.start()).await,
            Endpoint::Callback => Box::pin(self.callback()).await,
            Endpoint::SignOut => self.sign_out(),
            Endpoint::UserInfo => self.user_info(),
            Endpoint::StableLink { name, rest } => self.stable_link(&name, &rest).await,
            Endpoint::EmbedApi { name, rest } => self.embed_api(&name, &rest),
            Endpoint::Script => self.asset(reply::script),
            Endpoint::Style => self.asset(reply::style),
            Endpoint::Events => Box::pin(self.events(body)).await,
            Endpoint::Unknown => self.refuse(Reason::NotFound),
        }
    }

    /// `GET {sigma}/embed/{name}`, or a route that answers as an embed.
    pub(super) async fn stable_link(&self, name: &str, rest: &str) -> Outcome {
        let Some(embed) = self.config.catalogue.by_name(name) else {
            return self.refuse(Reason::EmbedUnknown);
        };
        let outcome = mint_outcome(Surface::StableLink(embed.open), &self.request.visit, StatusCode::OK);
        if let MintOutcome::Refuse(reason) = outcome {
            return self.refuse_embed(embed, reason);
        }
        let Some(session) = &self.session else {
            return self.not_signed_in().await;
        };
        let view = match self.view(embed, rest) {
            Ok(view) => view,
            Err(reason) => return self.refuse_embed(embed, reason),
        };
        if outcome == MintOutcome::Page {
            let link = StableLink::of(embed, &view).path(self.config.paths.sigma());
            return Outcome::own(reply::embed_page(self.context(), embed.name.as_str(), &link), "embed_page");
        }
        match self.mint(embed, &view, session) {
            Ok(minted) => self.redirect_to(&minted),
            Err(reason) => self.refuse_embed(embed, reason),
        }
    }

    /// `GET {sigma}/api/embeds/{name}`: the embed API of Sigma's own guide; identity only from the session.
    fn embed_api(&self, name: &str, rest: &str) -> Outcome {
        let Some(embed) = self.config.catalogue.by_name(name) else {
            return self.refuse(Reason::EmbedUnknown);
        };
        let outcome = mint_outcome(Surface::EmbedApi, &self.request.visit, StatusCode::OK);
        if let MintOutcome::Refuse(reason) = outcome {
            return self.refuse_embed(embed, reason);
        }
        let Some(session) = &self.session else {
            return self.refuse_with_sign_in(self.why_nobody(), &self.return_to_referrer());
        };
        match self.view(embed, rest).and_then(|view| self.mint(embed, &view, session)) {
            Ok(minted) => {
                let body = json!({ "url": minted.url.expose(), "expires_at": minted.record.expires_at.0 });
                Outcome::own(reply::json(self.context(), StatusCode::OK, "minted", &body), "minted")
            }
            Err(reason) => self.refuse_embed(embed, reason),
        }
    }

    /// What the link's visitor wants to see; only embeds that the site may show.
    fn view(&self, embed: &Embed, rest: &str) -> Result<View, Reason> {
        if !self.site.shows(&embed.name) {
            return Err(Reason::EmbedNotAllowed);
        }
        view_of_link(embed, rest, self.request.target.query.as_deref()).map_err(|error| error.reason())
    }

    fn mint(&self, embed: &Embed, view: &View, session: &Session) -> Result<Minted, Reason> {
        let organization = self.config.catalogue.organization_of(embed).ok_or(Reason::EmbedUnknown)?;
        let mut stream = system::seed().into_stream();
        let minted = mint(organization, embed, view, &self.viewer(session), &mut stream, self.now)
            .map_err(|error| error.reason())?;
        self.audit_mint(&minted.record);
        Ok(minted)
    }

    /// Who is looking, by today's rules.
    pub(super) fn viewer(&self, session: &Session) -> Viewer {
        Viewer::of(&session.identity, &self.config.mappings, session.ends_at)
    }

    fn refuse_embed(&self, embed: &Embed, reason: Reason) -> Outcome {
        let identity = self.session.as_ref().map(|session| &session.identity);
        let doubts = identity.filter(|_| reason == Reason::NotMapped);
        let doubts = doubts.and_then(|identity| mapping_doubts(identity, &self.config.mappings));
        self.audit_refusal(reason, Some(embed.name.as_str()), doubts.as_deref());
        self.refuse(reason)
    }

    fn redirect_to(&self, minted: &Minted) -> Outcome {
        // The URL builder emits ASCII only.
        http::HeaderValue::from_str(minted.url.expose()).map_or_else(
            |_| self.refuse(Reason::Internal),
            |mut location| {
                location.set_sensitive(true);
                Outcome::own(reply::redirect(self.context(), &location, "minted"), "minted")
            },
        )
    }

    /// `GET {sign_in}/userinfo`: who I am and what Sigma grant I get; never a token.
    fn user_info(&self) -> Outcome {
        let Some(session) = &self.session else {
            return self.refuse_with_sign_in(self.why_nobody(), &ReturnTo::default());
        };
        let identity = &session.identity;
        let sigma = match self.viewer(session).standing {
            Ok((_, granted)) => grant_json(&granted),
            Err(reason) => json!({ "reason": reason.as_str() }),
        };
        let body = json!({
            "user": identity.subject,
            "provider": identity.provider.as_str(),
            "email": identity.email.as_ref().ok().map(EmailAddress::as_str),
            "session_ends_at": session.ends_at.0,
            "sigma": sigma,
        });
        Outcome::own(reply::json(self.context(), StatusCode::OK, "userinfo", &body), "userinfo")
    }

    /// `POST {sigma}/api/events`: the script reports Sigma's error events.
    async fn events(&self, body: Incoming) -> Outcome {
        if self.session.is_none() {
            return self.refuse_with_sign_in(self.why_nobody(), &self.return_to_referrer());
        }
        let body = timeout(OWN_BODY_TIMEOUT, collect(request_body(body, OWN_BODY_TIMEOUT, None), OWN_BODY_BYTES_MAX));
        let Ok(Ok(bytes)) = body.await else {
            return self.refuse(Reason::BodyTooLarge);
        };
        let event: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let field = |name: &str| event.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        if let Some(embed) = self.config.catalogue.by_name(field("embed")) {
            let code = SIGMA_CODES.iter().find(|known| **known == field("code")).copied().unwrap_or("OTHER");
            let labels = CodeLabel { embed: embed.name.as_str().to_owned(), code };
            self.shared.metrics.embed_errors.get_or_create(&labels).inc();
        }
        Outcome::own(reply::json(self.context(), StatusCode::ACCEPTED, "event", &json!({})), "event")
    }

    fn asset(&self, asset: fn(reply::Context<'_>) -> reply::Answer) -> Outcome {
        Outcome::own(asset(self.context()), "asset")
    }
}

fn grant_json(granted: &Granted) -> serde_json::Value {
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
