//! Reason → status and words: one row per reason, the only such table.

use http::{HeaderValue, StatusCode};

use crate::reason::Reason;

/// What a person reads about a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// What happened, as a title.
    pub title: &'static str,
    /// What happened, as a sentence.
    pub sentence: &'static str,
    /// What to do, or what to ask the administrator for.
    pub advice: &'static str,
}

/// The status of a reason.
#[must_use]
pub const fn status(reason: Reason) -> StatusCode {
    use Reason as R;
    match reason {
        R::NotSignedIn | R::IdentityConflict => StatusCode::UNAUTHORIZED,
        R::AttemptMissing
        | R::AttemptExpired
        | R::StateMismatch
        | R::ProviderChanged
        | R::LoginLoop
        | R::BadHost
        | R::BadPath
        | R::BadHeader => StatusCode::BAD_REQUEST,
        R::ProviderRefused
        | R::TokenMalformed
        | R::TokenIss
        | R::TokenAud
        | R::TokenNonce
        | R::TokenAlg
        | R::TokenSignature
        | R::TokenTime
        | R::GroupsOverage
        | R::EmailMissing
        | R::EmailUnverified
        | R::EmailDomain
        | R::SessionTooLarge
        | R::NotMapped
        | R::NoTeams
        | R::NoAccountType
        | R::UserKindConflict
        | R::ClaimMissing
        | R::ClaimType
        | R::AccessDenied
        | R::ClaimUnknown
        | R::EmbedDisabled
        | R::EmbedNotAllowed
        | R::ConnectionBound
        | R::CrossSite
        | R::WrongDestination
        | R::ConfirmSignOut => StatusCode::FORBIDDEN,
        R::EmbedUnknown | R::NotFound => StatusCode::NOT_FOUND,
        R::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        R::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        R::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
        R::BadMethod => StatusCode::NOT_IMPLEMENTED,
        R::UpstreamUnreachable | R::UpstreamBroken | R::TokenExchange => StatusCode::BAD_GATEWAY,
        R::Prefetch | R::UpstreamBusy | R::ProviderUnreachable | R::ProviderBusy => StatusCode::SERVICE_UNAVAILABLE,
        R::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        R::LoopDetected => StatusCode::LOOP_DETECTED,
        R::UrlTooLong | R::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// When it may be asked again, where that is known: `Retry-After`, in seconds.
pub(super) fn retry_after(reason: Reason) -> Option<HeaderValue> {
    if reason == Reason::ProviderUnreachable {
        return Some(HeaderValue::from_static("30"));
    }
    (reason == Reason::ProviderBusy).then_some(HeaderValue::from_static("2"))
}

/// The words of a reason.
#[must_use]
pub const fn words(reason: Reason) -> Words {
    let (title, sentence, advice) = row(reason);
    Words { title, sentence, advice }
}

const TRY_AGAIN: &str = "Go back and sign in again. If this page returns, show it to the administrator.";
const PROVIDER: &str = "The sign-in service sent something that cannot be trusted, so nobody was signed in.";
const ASK: &str = "Show this page to the administrator of this application: the words below name the cause.";
const NO_EMBED: &str = "No dashboard for you here";
const ASK_MAPPING: &str =
    "You can go on using this application. To see the dashboard, ask its administrator to add you to a group that may.";

#[rustfmt::skip]
const fn row(reason: Reason) -> (&'static str, &'static str, &'static str) {
    use Reason as R;
    match reason {
        R::NotSignedIn => ("Please sign in", "You are not signed in, or your session has ended.", "Sign in to go on."),
        R::IdentityConflict => ("Two people at once", "Somebody is signed in here, and the service in front of this application does not say that it is the same person.", "Sign in again to go on. If it does not help, tell the administrator of the application."),
        R::AttemptMissing => ("The sign-in could not be finished", "Your browser came back without the cookie that this sign-in began with.", "Usual causes: cookies are blocked, the sign-in began in another browser or on another address, or this page was opened from the history. Start again from the application."),
        R::AttemptExpired => ("The sign-in took too long", "A sign-in must be finished within ten minutes.", "Start again from the application."),
        R::StateMismatch => ("The sign-in could not be finished", "The answer does not belong to the sign-in that this browser began.", "Start again from the application."),
        R::ProviderChanged => ("The sign-in could not be finished", "The sign-in service was replaced while you signed in.", "Start again from the application."),
        R::LoginLoop => ("Your browser does not keep the sign-in", "You signed in three times in a row, and each time the browser came back without the session.", "Usual causes: cookies are blocked, the address in the browser is not the one that the administrator configured, the application is opened over http instead of https, or the service in front of it has signed in somebody else."),
        R::ProviderRefused => ("The sign-in service said no", "The sign-in service ended the sign-in without signing you in.", TRY_AGAIN),
        R::TokenExchange => ("The sign-in could not be finished", "The sign-in service did not confirm the sign-in.", TRY_AGAIN),
        R::TokenMalformed | R::TokenIss | R::TokenAud | R::TokenNonce | R::TokenAlg | R::TokenSignature => ("The sign-in was refused", PROVIDER, ASK),
        R::TokenTime => ("The sign-in was refused", "The sign-in service's clock and ours do not agree, or its answer is too old.", TRY_AGAIN),
        R::GroupsOverage => ("Too many groups", "The sign-in service sent a reference instead of your groups, because you are in too many.", "Ask the administrator to send only the groups assigned to this application, or application roles."),
        R::EmailMissing => (NO_EMBED, "The sign-in service did not send a usable e-mail address for you, and a dashboard needs one.", "You can go on using this application. Ask its administrator to have your e-mail address sent."),
        R::EmailUnverified => (NO_EMBED, "Your e-mail address is not verified, and a dashboard is only opened for a verified one.", "You can go on using this application. Verify your address at the sign-in service, then sign in again."),
        R::EmailDomain => (NO_EMBED, "Your e-mail address belongs to a domain that dashboards are not opened for.", "You can go on using this application. Ask its administrator to add your domain."),
        R::SessionTooLarge => ("The sign-in does not fit", "What the rules need to know about you is more than fits into one cookie.", ASK),
        R::NotMapped => (NO_EMBED, "None of the rules gives you access to dashboards.", ASK_MAPPING),
        R::NoTeams => (NO_EMBED, "The rules that match you give no team.", ASK_MAPPING),
        R::NoAccountType => (NO_EMBED, "The rules that match you set no account type.", ASK_MAPPING),
        R::UserKindConflict => (NO_EMBED, "The rules make you an embed user and an internal user at once.", "You can go on using this application. Ask its administrator to settle which one you are."),
        R::ClaimMissing => (NO_EMBED, "A rule needs something about you that the sign-in service did not send.", "You can go on using this application. Ask its administrator to have it sent."),
        R::ClaimType => (NO_EMBED, "A rule needs a single value about you, and the sign-in service sent another kind.", "You can go on using this application. Ask its administrator to look at the rule."),
        R::AccessDenied => ("Not for you", "You are signed in, but this part of the application is for other people.", "If you need it, ask its administrator to add you to a group that may."),
        R::ClaimUnknown => ("Not for you", "You are signed in, but what the sign-in service says about you does not tell whether this part of the application is for you.", "If you need it, show this page to its administrator: the log names what is missing."),
        R::EmbedUnknown => ("No such dashboard", "There is no dashboard of this name.", "Check the address, or ask the administrator of this application."),
        R::EmbedDisabled => (NO_EMBED, "This dashboard is switched off.", "Ask the administrator of this application when it returns."),
        R::EmbedNotAllowed => (NO_EMBED, "This dashboard is for other people, or not for this application.", ASK_MAPPING),
        R::UrlTooLong => (NO_EMBED, "What the dashboard needs to know about you is too long.", ASK),
        R::ConnectionBound => ("No Windows sign-in here", "The application asks for a sign-in that belongs to a connection (NTLM, Negotiate), and this connection may be shared with other people.", "Sign in here first, then open the page again. If it returns, show it to the administrator: such a sign-in works on routes that need a session here, over HTTP/1.1."),
        R::CrossSite => ("Not from there", "Another site asked for this in your name.", "Open it from the application itself."),
        R::WrongDestination => ("Not as this", "A dashboard opens in a frame or in a tab, not as another kind of file.", "Open it from the application itself."),
        R::Prefetch => ("Not ahead of time", "The browser asked for this before anybody wanted to see it.", "Open it again."),
        R::BadHost | R::BadPath | R::BadHeader => ("This request cannot be understood", "The request is malformed, or could be understood in two ways.", "Check the address. If it is right, show this page to the administrator."),
        R::UnknownHost => ("No application here", "No application is configured under this address.", "Check the address, or ask the administrator."),
        R::BadMethod | R::MethodNotAllowed => ("Not this way", "This address does not take such a request.", "Go back, and try again from the application."),
        R::NotFound => ("Nothing here", "The gateway has nothing under this address.", "Check the address, or go back to the application."),
        R::BodyTooLarge => ("Too much", "The request is larger than this address takes.", "Go back to the application."),
        R::ConfirmSignOut => ("Sign out?", "Another site asked to sign you out.", "Sign out only if you want to."),
        R::UpstreamUnreachable => ("The application cannot be reached", "The gateway works, but the application behind it does not take connections.", "Try again in a minute. If it lasts, tell the administrator of the application."),
        R::UpstreamTimeout => ("The application is too slow", "The gateway works, but the application behind it did not answer in time.", "Try again in a minute. If it lasts, tell the administrator of the application."),
        R::UpstreamBroken => ("The application answered nonsense", "The gateway works, but the application behind it sent an answer that is not valid.", "Try again. If it lasts, tell the administrator of the application."),
        R::UpstreamBusy => ("The application is busy", "The gateway works, but all its connections to the application are in use.", "Try again in a moment."),
        R::ProviderUnreachable => ("The sign-in service cannot be reached", "The gateway works, but the sign-in service does not answer.", "Try again in a minute. Whoever is signed in already can go on working."),
        R::ProviderBusy => ("Many people sign in just now", "The gateway works, but it may not ask the sign-in service for more at a time.", "Load this page again in a moment."),
        R::LoopDetected => ("A circle", "The request has passed this gateway before: it is configured to forward to itself.", ASK),
        R::Internal => ("Something is wrong with the gateway", "The gateway failed at this request.", ASK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_an_error_status_and_words() {
        for &reason in Reason::ALL {
            assert!(status(reason).is_client_error() || status(reason).is_server_error(), "{reason}");
            let words = words(reason);
            let returns = matches!(reason, Reason::ProviderUnreachable | Reason::ProviderBusy);
            assert_eq!(retry_after(reason).is_some(), returns, "{reason}");
            assert!(
                !words.title.is_empty() && words.sentence.ends_with('.') && words.advice.ends_with('.'),
                "{reason}"
            );
        }
    }
}
