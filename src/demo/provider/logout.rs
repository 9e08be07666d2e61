//! The end-session endpoint (RP-Initiated Logout 2). Pure.

use crate::demo::page::FormFields;

/// What happens after a sign-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AfterLogout {
    /// Back to the client, with its `state`.
    Redirect { uri: String, state: Option<String> },
    /// Nobody asked to be sent anywhere: a page of the provider.
    Page,
    /// The request is wrong.
    Refused(&'static str),
}

/// Decides where a signed-out browser goes.
pub(super) fn after_logout(form: &FormFields, client_id: &str, redirect_uris: &[String]) -> AfterLogout {
    if form.field("client_id").is_some_and(|id| id != client_id) {
        return AfterLogout::Refused("client_id is not known here");
    }
    let Some(uri) = form.field("post_logout_redirect_uri") else { return AfterLogout::Page };
    if form.field("client_id").is_none() {
        return AfterLogout::Refused("post_logout_redirect_uri needs a client_id");
    }
    if !redirect_uris.iter().any(|known| known == uri) {
        return AfterLogout::Refused("post_logout_redirect_uri is not exactly one that the client registered");
    }
    AfterLogout::Redirect { uri: uri.to_owned(), state: form.field("state").map(str::to_owned) }
}
