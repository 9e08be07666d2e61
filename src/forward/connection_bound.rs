//! Sign-in that belongs to a connection, not to a request (NTLM, Negotiate; RFC 4559): who uses it, and what is left of an
//! answer without it.
//!
//! An application that signs connections in takes every later request of the connection for that person's, whatever the request
//! says. Whoever forwards must know such connections, for it lends them to one person after the other.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};

use super::list::elements;
use crate::reason::Reason;

/// What an answer says of the connection that it came on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding {
    /// Nothing: the connection is as it was.
    None,
    /// The application signs connections in, but asks nothing of the browser here.
    Marked,
    /// It asks for a sign-in of the connection, or is in the middle of one.
    Challenged,
}

/// For whom a connection that is signed in can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    /// For the session whose request it is.
    Session,
    /// There is a session, but its client connection carries requests side by side (HTTP/2).
    SessionSideBySide,
    /// There is no session: one client connection may carry many people (a load balancer's), and nothing tells them apart.
    Nobody,
}

/// What is said in place of a sign-in of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BindingRefusal {
    /// No.
    Refused,
    /// Over HTTP/1.1 it would work (RFC 9113 7).
    Http11Required,
}

/// Among an answer's extensions: over HTTP/2 the stream is reset with `HTTP_1_1_REQUIRED` in place of the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Http11Required;

impl BindingRefusal {
    /// Its stable name, as logs and metrics show it.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => Reason::ConnectionBound.as_str(),
            Self::Http11Required => "http_1_1_required",
        }
    }

    /// Has an answer of our own say it to the connection too, where the connection can do something about it.
    pub(crate) fn mark<B>(self, answer: &mut Response<B>) {
        match self {
            Self::Refused => {}
            Self::Http11Required => drop(answer.extensions_mut().insert(Http11Required)),
        }
    }
}

impl Keeper {
    /// For whom one can be kept for a request; `has_connection`: its client connection carries one request after the other.
    #[must_use]
    pub(crate) const fn of(has_visitor: bool, has_connection: bool) -> Self {
        match (has_visitor, has_connection) {
            (true, true) => Self::Session,
            (true, false) => Self::SessionSideBySide,
            (false, _) => Self::Nobody,
        }
    }

    /// What a request gets that signs its connection in.
    ///
    /// # Errors
    /// Where its connection could not be kept: the host application is not asked.
    pub(crate) const fn request(self) -> Result<(), BindingRefusal> {
        match self {
            Self::Session => Ok(()),
            Self::SessionSideBySide => Err(BindingRefusal::Http11Required),
            Self::Nobody => Err(BindingRefusal::Refused),
        }
    }

    /// What becomes of an answer that speaks of a sign-in of its connection: where none is kept, it says nothing of that any
    /// more. `is_repeatable`: the request may be sent again.
    ///
    /// # Errors
    /// Where it asks for nothing but that.
    pub(crate) fn answer(
        self,
        binding: Binding,
        is_repeatable: bool,
        headers: &mut HeaderMap,
    ) -> Result<(), BindingRefusal> {
        if self == Self::Session {
            return Ok(());
        }
        let offers_another = take_out_binding(headers);
        match (binding, self) {
            (Binding::None | Binding::Marked, _) => Ok(()),
            (Binding::Challenged, _) if offers_another => Ok(()),
            (Binding::Challenged, Self::SessionSideBySide) if is_repeatable => Err(BindingRefusal::Http11Required),
            (Binding::Challenged, Self::Session | Self::SessionSideBySide | Self::Nobody) => {
                Err(BindingRefusal::Refused)
            }
        }
    }
}

/// Whether a request may be asked for again whose answer had this status: what has had no effect may.
#[must_use]
pub(crate) fn is_repeatable(method: &Method, status: StatusCode) -> bool {
    method.is_safe() || status == StatusCode::UNAUTHORIZED
}

/// Whether a request signs its connection in.
#[must_use]
pub(crate) fn signs_connection_in(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) && headers.get_all(header::AUTHORIZATION).iter().any(has_bound)
}

/// What an answer's head says of its connection.
#[must_use]
pub(crate) fn binding(headers: &HeaderMap) -> Binding {
    let mut found = Binding::None;
    // One walk: nearly every answer has none of these.
    for (name, value) in headers {
        match name.as_str() {
            "www-authenticate" if has_bound(value) => return Binding::Challenged,
            // It is the browser's proxy there that would be signed in; the header ends here, the connection knows.
            "proxy-authenticate" if has_bound(value) => found = Binding::Marked,
            // What IIS says of a connection that it has signed in, and what proxies that know of this say (RFC 4559 6).
            "persistent-auth" if !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"false") => {
                found = Binding::Marked;
            }
            "proxy-support" => found = Binding::Marked,
            _ => {}
        }
    }
    found
}

/// Takes out of an answer's head what asks for a sign-in of its connection, or speaks of one. Whether another way to sign in
/// is left.
fn take_out_binding(headers: &mut HeaderMap) -> bool {
    for name in MARKS {
        headers.remove(name);
    }
    let lines: Vec<HeaderValue> = headers.get_all(header::WWW_AUTHENTICATE).iter().cloned().collect();
    headers.remove(header::WWW_AUTHENTICATE);
    for line in lines {
        if let Some(rest) = without_bound(&line) {
            headers.append(header::WWW_AUTHENTICATE, rest);
        }
    }
    headers.contains_key(header::WWW_AUTHENTICATE)
}

/// Whether any element of the list begins with a scheme of a connection. Read generously: a quote that never ends hides
/// nothing, for nobody knows how the other side reads it.
fn has_bound(value: &HeaderValue) -> bool {
    value.as_bytes().split(|byte| *byte == b',').any(|element| is_bound(first_word(element)))
}

/// The line with the challenges of other schemes only; `None` where there are none, or where it cannot be read beyond doubt.
fn without_bound(line: &HeaderValue) -> Option<HeaderValue> {
    if !has_bound(line) {
        return Some(line.clone());
    }
    let (mut kept, mut is_kept) = (Vec::<&[u8]>::new(), false);
    for element in elements(line.as_bytes())? {
        if starts_challenge(element) {
            is_kept = !is_bound(first_word(element));
        }
        if is_kept {
            kept.push(element);
        }
    }
    HeaderValue::from_bytes(&kept.join(&b", "[..])).ok().filter(|rest| !rest.is_empty())
}

/// RFC 9110 11.6.1: a scheme begins a challenge; `name=value` goes on with the one before. A name of a scheme is never taken for
/// that of a parameter.
fn starts_challenge(element: &[u8]) -> bool {
    let word = first_word(element);
    let behind = element.iter().position(|byte| is_token(*byte)).map_or(0, |start| start + word.len());
    is_bound(word) || !element[behind..].trim_ascii_start().starts_with(b"=")
}

/// The first token, whatever stands before it.
fn first_word(element: &[u8]) -> &[u8] {
    let start = element.iter().position(|byte| is_token(*byte)).unwrap_or(element.len());
    let word = &element[start..];
    &word[..word.iter().position(|byte| !is_token(*byte)).unwrap_or(word.len())]
}

/// There is no list of all variants (`Nego2`, `NegoExts` …): a beginning counts for the whole.
fn is_bound(scheme: &[u8]) -> bool {
    let begins_with =
        |family: &str| scheme.get(..family.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(family.as_bytes()));
    FAMILIES.iter().any(|family| begins_with(family))
}

/// RFC 9110 5.6.2.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Schemes that sign connections in: those of IIS and its kin, and what stands behind `Negotiate` under a name of its own.
const FAMILIES: [&str; 7] = ["ntlm", "nego", "kerberos", "pku2u", "credssp", "gssapi", "spnego"];
/// Headers that speak of a connection that is signed in.
const MARKS: [HeaderName; 2] = [HeaderName::from_static("persistent-auth"), HeaderName::from_static("proxy-support")];

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn a_request_signs_its_connection_in_with_any_such_scheme_however_it_is_written() {
        let signs = |value: &str| signs_connection_in(&head(&[("authorization", value)]));
        for value in [
            "NTLM TlRMTVNTUAAB",
            "ntlm x",
            "Negotiate x",
            "nEgOtIaTe",
            "Nego2 x",
            "Kerberos x",
            "NTLM\tx",
            "NTLM",
            " NTLM x",
            "\u{a0}NTLM x",
            "NTLM,x",
            "NTLM=x",
            "Basic x, NTLM y",
            "CredSSP x",
            "NTLMv2 x",
            "NegoExts x",
            "\"NTLM\" x",
        ] {
            assert!(signs(value), "{value:?}");
        }
        for value in ["", "Basic TlRMTQ==", "Bearer NTLM", "Digest username=\"ntlm\"", "x-NTLM y", ","] {
            assert!(!signs(value), "{value:?}");
        }
        assert!(!signs_connection_in(&head(&[("proxy-authorization", "NTLM x")])));
        assert!(signs_connection_in(&head(&[("authorization", "Basic x"), ("authorization", "NTLM y")])));
    }

    #[test]
    fn an_answer_challenges_on_any_line_and_anywhere_in_a_list() {
        for lines in [
            &[("www-authenticate", "NTLM")][..],
            &[("www-authenticate", "Negotiate b3Blbg==")],
            &[("www-authenticate", "Basic realm=\"a\""), ("www-authenticate", "nEGOTIATE")],
            &[("www-authenticate", "Basic realm=\"a, b\", charset=\"UTF-8\" , ,negotiate")],
            &[("www-authenticate", "Basic realm=\"never ends, NTLM")],
            &[("persistent-auth", "true"), ("www-authenticate", "Digest realm=a,ntlm")],
        ] {
            assert_eq!(binding(&head(lines)), Binding::Challenged, "{lines:?}");
        }
        for lines in [
            &[("persistent-auth", "true")][..],
            &[("persistent-auth", "yes")],
            &[("proxy-support", "Session-Based-Authentication")],
            &[("proxy-authenticate", "NTLM"), ("www-authenticate", "Basic realm=a")],
        ] {
            assert_eq!(binding(&head(lines)), Binding::Marked, "{lines:?}");
        }
        for lines in [
            &[][..],
            &[("www-authenticate", "Basic realm=\"NTLM\"")],
            &[("www-authenticate", "Bearer error=\"x\"")],
            &[("persistent-auth", "False")],
            &[("proxy-authenticate", "Basic realm=a")],
        ] {
            assert_eq!(binding(&head(lines)), Binding::None, "{lines:?}");
        }
    }

    #[test]
    fn only_a_session_over_http_1_keeps_a_connection_and_no_effect_is_asked_for_twice() {
        use BindingRefusal::{Http11Required, Refused};
        let answer = |keeper: Keeper, binding, is_repeatable, value: &str| {
            keeper.answer(binding, is_repeatable, &mut head(&[("www-authenticate", value)]))
        };
        for (keeper, request, repeatable, other) in [
            (Keeper::Session, Ok(()), Ok(()), Ok(())),
            (Keeper::SessionSideBySide, Err(Http11Required), Err(Http11Required), Err(Refused)),
            (Keeper::Nobody, Err(Refused), Err(Refused), Err(Refused)),
        ] {
            assert_eq!(keeper.request(), request);
            assert_eq!(answer(keeper, Binding::Challenged, true, "NTLM"), repeatable);
            assert_eq!(answer(keeper, Binding::Challenged, false, "NTLM"), other);
            assert_eq!(answer(keeper, Binding::Challenged, false, "NTLM, Basic realm=a"), Ok(()));
            assert_eq!(answer(keeper, Binding::Marked, false, ""), Ok(()));
        }
    }

    #[test]
    fn only_what_would_work_over_http_1_asks_for_it_and_each_refusal_has_its_name() {
        for (refusal, name, asks) in [
            (BindingRefusal::Refused, "connection_bound", false),
            (BindingRefusal::Http11Required, "http_1_1_required", true),
        ] {
            let mut answer = Response::new(());
            refusal.mark(&mut answer);
            assert_eq!((refusal.as_str(), answer.extensions().get::<Http11Required>().is_some()), (name, asks));
        }
    }

    #[test]
    fn other_challenges_are_left_as_they_are_and_those_of_connections_are_taken_out() {
        let left = |value: &str| {
            let mut headers = head(&[("www-authenticate", value), ("persistent-auth", "true"), ("proxy-support", "x")]);
            let is_left = take_out_binding(&mut headers);
            let lines: Vec<_> = headers.values().map(|value| value.to_str().unwrap().to_owned()).collect();
            assert_eq!(is_left, !lines.is_empty());
            lines
        };
        for (value, expected) in [
            ("NTLM", ""),
            ("Negotiate, NTLM", ""),
            ("Negotiate b3Blbg==", ""),
            (
                ",NTLM ,, Basic realm=\"a, NTLM\", charset = \"UTF-8\",negotiate",
                "Basic realm=\"a, NTLM\", charset = \"UTF-8\"",
            ),
            ("Digest realm=\"\\\", NTLM\", nonce=a, ntlm, Bearer", "Digest realm=\"\\\", NTLM\", nonce=a, Bearer"),
            // What would go on with a challenge that is gone, goes with it.
            ("NTLM, realm=\"a\", Basic realm=b", "Basic realm=b"),
            // Nobody knows where the quote ends.
            ("Basic realm=\"a, NTLM", ""),
            ("Basic realm=a", "Basic realm=a"),
        ] {
            assert_eq!(left(value).join(" | "), expected, "{value}");
        }
        let mut several = head(&[("www-authenticate", "Negotiate"), ("www-authenticate", "Basic realm=a"), ("a", "b")]);
        assert!(take_out_binding(&mut several));
        assert_eq!((several.len(), several["www-authenticate"].to_str().unwrap()), (2, "Basic realm=a"));
    }
}
