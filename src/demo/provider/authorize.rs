//! The authorization endpoint: checks the request, asks who it is, answers with a code.

use http::{Response, StatusCode, header};
use url::{Url, form_urlencoded};

use crate::demo::{
    PEOPLE, Person,
    page::{FormFields, escape, fill, html, redirect, with_header},
    serve::StandInBody,
};

/// A checked authorization request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AuthorizationRequest {
    pub(super) reply: Reply,
    pub(super) nonce: String,
    pub(super) challenge: String,
}

/// Where and how the answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) mode: ResponseMode,
}

/// How the browser carries the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Query,
    FormPost,
}

/// Why the request is refused, and whether the client may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AuthorizationError {
    /// Nobody may be redirected: the client or its redirect URI is not known (RFC 6749 4.1.2.1).
    Untrusted(&'static str),
    /// The client is told, by its redirect URI.
    Told { reply: Reply, error: &'static str, description: &'static str },
}

/// Checks a request for this client.
pub(super) fn parse(
    form: &FormFields,
    client_id: &str,
    redirect_uris: &[String],
) -> Result<AuthorizationRequest, AuthorizationError> {
    if form.field("client_id") != Some(client_id) {
        return Err(AuthorizationError::Untrusted("client_id is not known here"));
    }
    let redirect_uri = form.field("redirect_uri").filter(|uri| redirect_uris.iter().any(|known| known == uri));
    let Some(redirect_uri) = redirect_uri else {
        return Err(AuthorizationError::Untrusted("redirect_uri is not exactly one that the client registered"));
    };
    let mode = match form.field("response_mode") {
        Some("form_post") => ResponseMode::FormPost,
        _ => ResponseMode::Query,
    };
    let state = form.field("state").unwrap_or_default().to_owned();
    let reply = Reply { redirect_uri: redirect_uri.to_owned(), state, mode };
    match check(form) {
        Ok((nonce, challenge)) => Ok(AuthorizationRequest { reply, nonce, challenge }),
        Err((error, description)) => Err(AuthorizationError::Told { reply, error, description }),
    }
}

type Complaint = (&'static str, &'static str);

/// Nonce and challenge of a request that has everything; state, nonce and PKCE are not optional here.
fn check(form: &FormFields) -> Result<(String, String), Complaint> {
    if form.field("response_type") != Some("code") {
        return Err(("unsupported_response_type", "response_type must be code"));
    }
    if !matches!(form.field("response_mode"), None | Some("query" | "form_post")) {
        return Err(("invalid_request", "response_mode must be query or form_post"));
    }
    if !form.field("scope").is_some_and(|scope| scope.split(' ').any(|word| word == "openid")) {
        return Err(("invalid_scope", "scope must have openid"));
    }
    if form.field("state").is_none() {
        return Err(("invalid_request", "state is required"));
    }
    let nonce = form.field("nonce").ok_or(("invalid_request", "nonce is required"))?;
    if form.field("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method must be S256"));
    }
    let challenge = form.field("code_challenge").filter(|challenge| challenge.len() == 43);
    let challenge = challenge.ok_or(("invalid_request", "code_challenge must have 43 characters"))?;
    if form.field("prompt") == Some("none") {
        return Err(("login_required", "nobody is ever signed in here"));
    }
    Ok((nonce.to_owned(), challenge.to_owned()))
}

/// The page that asks who it is: one button per person, the request in hidden fields.
pub(super) fn chooser(form: &FormFields) -> Response<StandInBody> {
    let hidden: String =
        form.fields().filter(|(name, _)| *name != "person").map(|(name, value)| hidden_field(name, value)).collect();
    let hint = form.field("login_hint");
    let buttons: String = PEOPLE.iter().map(|person| button(person, hint)).collect();
    let values = [("hidden", hidden.as_str()), ("buttons", &buttons)];
    let page = html(StatusCode::OK, fill(include_str!("../assets/login.html"), &values));
    // As real providers do: a sign-in inside a frame stays blank.
    with_header(page, header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'")
}

fn button(person: &Person, hint: Option<&str>) -> String {
    let is_hinted = hint.is_some_and(|hint| hint == person.id || hint == person.email());
    format!(
        "<button name=\"person\" value=\"{}\"{}><b>{}</b> <span>{} · {} · groups: {}</span></button>\n",
        person.id,
        if is_hinted { " autofocus class=\"hinted\"" } else { "" },
        escape(&person.full_name()),
        escape(&person.email()),
        escape(person.role),
        escape(&person.groups.join(", ")),
    )
}

fn hidden_field(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value))
}

/// Sends fields to the client, with `state` and (RFC 9207) `iss`.
pub(super) fn reply(reply: &Reply, issuer: Option<&str>, fields: &[(&str, &str)]) -> Response<StandInBody> {
    let state = Some(("state", reply.state.as_str())).filter(|(_, state)| !state.is_empty());
    let issuer = issuer.map(|issuer| ("iss", issuer));
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain(state).chain(issuer).collect();
    match reply.mode {
        ResponseMode::Query => redirect(StatusCode::SEE_OTHER, &with_query(&reply.redirect_uri, &fields)),
        ResponseMode::FormPost => {
            let hidden: String = fields.iter().map(|(name, value)| hidden_field(name, value)).collect();
            let values = [("action", &*escape(&reply.redirect_uri)), ("hidden", &hidden)];
            html(StatusCode::OK, fill(include_str!("../assets/form_post.html"), &values))
        }
    }
}

/// The page for a request whose client cannot be told.
pub(super) fn untrusted(message: &str) -> Response<StandInBody> {
    html(StatusCode::BAD_REQUEST, fill(include_str!("../assets/login_error.html"), &[("message", &escape(message))]))
}

/// A URL with fields added to its query.
pub(super) fn with_query(uri: &str, fields: &[(&str, &str)]) -> String {
    match Url::parse(uri) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(fields);
            url.into()
        }
        // Registered URIs are URLs; whatever else is there gets a plain query.
        Err(_) => format!("{uri}?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()),
    }
}
