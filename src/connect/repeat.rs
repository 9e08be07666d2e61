//! Which requests go out once more.

use http::{Method, StatusCode};

use super::UpstreamError;

/// Whether a request may go out once more that a kept connection lost (RFC 9110 9.2.2). One with an effect not where anything came
/// of an answer, an interim one, half a head, or what nobody could read: then it was taken.
pub(super) fn is_repeatable(method: &Method, lost: &UpstreamError, has_answer_begun: bool) -> bool {
    let is_safe = is_safe(method);
    match lost {
        UpstreamError::Broken(error) => is_safe || (is_idempotent(method) && !has_answer_begun && !error.is_parse()),
        // What could not be read may have been left behind by an earlier request.
        UpstreamError::Malformed(_) => is_safe,
        UpstreamError::Unreachable(_)
        | UpstreamError::NoConnection(_)
        | UpstreamError::Timeout(_)
        | UpstreamError::Untaken(_)
        | UpstreamError::Idle(_)
        | UpstreamError::Held(_)
        | UpstreamError::Tls(..)
        | UpstreamError::Unasked
        | UpstreamError::Head(_)
        | UpstreamError::Busy
        | UpstreamError::Pinned
        | UpstreamError::Browser(_)
        | UpstreamError::NotEmpty(_) => false,
    }
}

/// Whether a request that a kept connection lost can be gone for good: it has an effect, or a body, of which something may have been
/// taken. It leaves on no connection that its host application may be about to close.
pub(super) fn may_be_lost(method: &Method, has_body: bool) -> bool {
    has_body || !is_idempotent(method)
}

/// Whether an answer on a kept connection says that no request came on it in time (408, RFC 9110 15.5.9), and the one that was on its way
/// may go out once more. Browsers do the same.
pub(super) fn came_too_late(method: &Method, status: StatusCode) -> bool {
    status == StatusCode::REQUEST_TIMEOUT && is_idempotent(method)
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_idempotent(method: &Method) -> bool {
    is_safe(method) || IDEMPOTENT.contains(&method.as_str())
}

/// With an effect, or of WebDAV, and idempotent all the same (RFC 9110 9.3.4 and 9.3.5, RFC 4918 9.1, RFC 3253 3.6, RFC 5323 2).
const IDEMPOTENT: &[&str] = &["PUT", "DELETE", "PROPFIND", "REPORT", "SEARCH"];
