//! Head and framing of a host application's answer, which belong together.
//!
//! In: the head as it came. Out: a response whose framing is that of the body it was given. What the host application said
//! of the length is taken off at once and never meets a body again, so no head can announce more or less than follows
//! (RFC 9112 6.3). No other code names `Content-Length` of an answer (`tests/architecture.rs`).

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version, header, response::Parts};
use http_body::Body;

/// The head of an answer, without a word about how long its body is.
#[derive(Debug)]
pub(crate) struct AnswerHead {
    parts: Parts,
    is_for_head: bool,
    declared: Option<Declared>,
}

/// The length that the host application declared: one plain number, however it was written.
#[derive(Debug)]
struct Declared {
    length: u64,
    /// How it was written, if that is how the gateway would write it.
    plain: Option<HeaderValue>,
}

impl AnswerHead {
    /// Takes the framing out of the head of an answer to `method`.
    pub(super) fn of(mut parts: Parts, method: &Method) -> Self {
        let declared = take_declared(&mut parts.headers);
        // The version says what the next hop can do: it is ours to say (RFC 9110 2.5).
        parts.version = Version::HTTP_11;
        Self { parts, is_for_head: *method == Method::HEAD, declared }
    }

    /// The status.
    #[must_use]
    pub(crate) const fn status(&self) -> StatusCode {
        self.parts.status
    }

    /// Gives it another status.
    pub(crate) const fn set_status(&mut self, status: StatusCode) {
        self.parts.status = status;
    }

    /// The headers.
    #[must_use]
    pub(crate) const fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The headers, to change them; a length that is put here is not sent.
    pub(crate) const fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.parts.headers
    }

    /// Says nothing about the length of a body that is not sent: a GET might change it.
    pub(crate) fn forget_length(&mut self) {
        self.declared = None;
    }

    /// The response: its length is that of `body` where that is known, and none where it is not.
    ///
    /// A body that must not be there is dropped. To a HEAD, the host application's own number is passed on.
    pub(crate) fn into_response<B: Body + Default>(mut self, body: B) -> Response<B> {
        let is_bodiless = self.is_for_head || is_bodiless(self.parts.status);
        let body = if is_bodiless && !body.is_end_stream() { B::default() } else { body };
        let length = match self.parts.status {
            status if says_no_length(status) => None,
            StatusCode::RESET_CONTENT => Some(0),
            _ if self.is_for_head => self.declared.as_ref().map(|declared| declared.length),
            _ => body.size_hint().exact(),
        };
        match length {
            Some(length) => self.parts.headers.insert(header::CONTENT_LENGTH, line_of(length, self.declared)),
            None => self.parts.headers.remove(header::CONTENT_LENGTH),
        };
        Response::from_parts(self.parts, body)
    }
}

/// An answer of our own to a HEAD: the length that a GET would have, and no body. hyper takes it off over HTTP/1.1 alone.
pub(crate) fn without_body<B: Body + Default>(mut answer: Response<B>) -> Response<B> {
    if !answer.body().is_end_stream()
        && let Some(length) = answer.body().size_hint().exact()
    {
        answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    answer.map(|_| B::default())
}

/// Whether an answer says both how long it is and that it is coded. Who sends that may be somebody who smuggles: its
/// connection is not used again (RFC 9112 6.1).
#[must_use]
pub(crate) fn is_framed_twice(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING) && headers.contains_key(header::CONTENT_LENGTH)
}

/// Whether a host application may send something behind an answer that has no body: it said how long that would be, or was
/// asked for a head alone. What comes once the next request has left would be the answer to that one.
#[must_use]
pub(crate) fn may_leave_more(asked: &Method, status: StatusCode, headers: &HeaderMap) -> bool {
    let is_coded = || headers.contains_key(header::TRANSFER_ENCODING);
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let mut is_nothing = || lengths.next().is_some_and(|length| length == "0") && lengths.next().is_none();
    match status {
        _ if *asked == Method::HEAD => true,
        StatusCode::NO_CONTENT => is_coded() || headers.contains_key(header::CONTENT_LENGTH),
        StatusCode::NOT_MODIFIED => is_coded() || headers.contains_key(header::CONTENT_LENGTH) && !is_nothing(),
        StatusCode::RESET_CONTENT => is_coded() || !is_nothing(),
        _ => false,
    }
}

/// RFC 9110 6.4.1 and 15.3.6: whatever a host application sends behind these is not the answer.
fn is_bodiless(status: StatusCode) -> bool {
    says_no_length(status) || status == StatusCode::RESET_CONTENT
}

/// RFC 9110 8.6. A 304 may have a length, that of the 200, which nobody has seen here.
fn says_no_length(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Takes the length out. Behind a transfer coding it counts for nothing, and so does one that contradicts itself: such an
/// answer has no body here, for hyper refuses to read one.
fn take_declared(headers: &mut HeaderMap) -> Option<Declared> {
    let is_coded = headers.contains_key(header::TRANSFER_ENCODING);
    let lines = headers.get_all(header::CONTENT_LENGTH);
    let length = one_number(lines.iter()).filter(|_| !is_coded);
    let is_one_line = lines.iter().nth(1).is_none();
    let line = headers.remove(header::CONTENT_LENGTH)?;
    length.map(|length| Declared { length, plain: Some(line).filter(|line| is_one_line && is_plain(line)) })
}

/// One number in all elements of all lines (RFC 9110 8.6), leading zeros or not.
fn one_number<'l>(lines: impl Iterator<Item = &'l HeaderValue>) -> Option<u64> {
    let mut elements = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let first = number(elements.next()?)?;
    elements.all(|element| number(element) == Some(first)).then_some(first)
}

fn number(element: &[u8]) -> Option<u64> {
    let digits = element.trim_ascii();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

fn is_plain(line: &HeaderValue) -> bool {
    let bytes = line.as_bytes();
    bytes.iter().all(u8::is_ascii_digit) && (bytes.len() == 1 || !bytes.starts_with(b"0"))
}

/// The number as a line: the one that came, if it says just this, else a new one.
fn line_of(length: u64, declared: Option<Declared>) -> HeaderValue {
    let plain = declared.filter(|declared| declared.length == length).and_then(|declared| declared.plain);
    plain.unwrap_or_else(|| HeaderValue::from(length))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderName;
    use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::UnsyncBoxBody};

    use super::*;

    type AnyBody = UnsyncBoxBody<Bytes, std::convert::Infallible>;

    fn head(method: &Method, status: u16, lines: &[(&'static str, &'static str)]) -> AnswerHead {
        let mut parts = Response::builder().status(status).version(Version::HTTP_10).body(()).unwrap().into_parts().0;
        for (name, value) in lines {
            parts.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        AnswerHead::of(parts, method)
    }

    fn known(text: &'static str) -> AnyBody {
        Full::new(Bytes::from(text)).boxed_unsync()
    }

    fn unknown(text: &'static str) -> AnyBody {
        let frame = Ok(http_body::Frame::data(Bytes::from(text)));
        StreamBody::new(futures_util::stream::iter([frame])).boxed_unsync()
    }

    fn none() -> AnyBody {
        Empty::new().boxed_unsync()
    }

    /// The lengths that the response says, and its body.
    fn said(head: AnswerHead, body: AnyBody) -> (Vec<String>, String) {
        let response = head.into_response(body);
        assert_eq!(response.version(), Version::HTTP_11);
        let lines = response.headers().get_all(header::CONTENT_LENGTH).iter();
        let lines = lines.map(|line| line.to_str().unwrap().to_owned()).collect();
        let body = futures_util::FutureExt::now_or_never(response.into_body().collect()).unwrap().unwrap();
        (lines, String::from_utf8(body.to_bytes().to_vec()).unwrap())
    }

    /// Every way in which an application may speak of a length of 5, then of another, then in no way that counts.
    const SPOKEN: &[&[(&str, &str)]] = &[
        &[],
        &[("content-length", "5")],
        &[("content-length", "005")],
        &[("content-length", "5, 5")],
        &[("content-length", "5"), ("content-length", "05")],
        &[("content-length", "300")],
        &[("content-length", "1"), ("content-length", "2")],
        &[("content-length", "1,")],
        &[("content-length", "-5")],
        &[("content-length", "99999999999999999999")],
        &[("content-length", "10"), ("transfer-encoding", "chunked")],
    ];

    #[test]
    fn a_body_of_known_length_says_its_own_whatever_was_declared() {
        for lines in SPOKEN {
            assert_eq!(
                said(head(&Method::GET, 200, lines), known("hello")),
                (vec!["5".into()], "hello".into()),
                "{lines:?}"
            );
            assert_eq!(said(head(&Method::GET, 200, lines), none()), (vec!["0".into()], String::new()), "{lines:?}");
        }
    }

    #[test]
    fn a_body_of_unknown_length_says_none_whatever_was_declared() {
        for lines in SPOKEN {
            assert_eq!(said(head(&Method::GET, 200, lines), unknown("hello")), (vec![], "hello".into()), "{lines:?}");
        }
    }

    #[test]
    fn an_answer_to_head_says_the_declared_number_or_nothing() {
        let numbers = [None, Some("5"), Some("5"), Some("5"), Some("5"), Some("300"), None, None, None, None, None];
        for (lines, number) in SPOKEN.iter().zip(numbers) {
            let expected: Vec<String> = number.map(str::to_owned).into_iter().collect();
            assert_eq!(said(head(&Method::HEAD, 200, lines), none()), (expected.clone(), String::new()), "{lines:?}");
            assert_eq!(said(head(&Method::HEAD, 200, lines), known("hello")), (expected, String::new()), "{lines:?}");
            let mut silent = head(&Method::HEAD, 200, lines);
            silent.forget_length();
            assert_eq!(said(silent, none()).0, Vec::<String>::new(), "{lines:?}");
        }
    }

    #[test]
    fn a_status_without_a_body_has_none_and_no_length_but_that_of_205() {
        for lines in SPOKEN {
            for method in [Method::GET, Method::HEAD] {
                for status in [101, 204, 304] {
                    assert_eq!(
                        said(head(&method, status, lines), known("x")),
                        (vec![], String::new()),
                        "{status} {lines:?}"
                    );
                }
                assert_eq!(
                    said(head(&method, 205, lines), unknown("x")),
                    (vec!["0".into()], String::new()),
                    "{lines:?}"
                );
            }
        }
    }

    #[test]
    fn a_length_that_is_put_into_the_headers_later_is_not_sent() {
        let mut answer = head(&Method::GET, 200, &[]);
        answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("9"));
        assert_eq!(said(answer, unknown("hello")).0, Vec::<String>::new());
    }

    #[test]
    fn our_own_answer_to_head_has_a_length_and_no_body() {
        for (body, expected) in [(known("hello"), Some("5")), (none(), None), (unknown("hello"), None)] {
            let answer = without_body(Response::new(body));
            let length = answer.headers().get(header::CONTENT_LENGTH).map(|value| value.to_str().unwrap());
            assert_eq!((length, answer.body().is_end_stream()), (expected, true));
        }
    }

    #[test]
    fn only_a_length_and_a_coding_together_are_framed_twice() {
        for (lines, expected) in [
            (&[("content-length", "1")][..], false),
            (&[("transfer-encoding", "chunked")], false),
            (&[("transfer-encoding", "chunked"), ("content-length", "x")], true),
        ] {
            let headers: HeaderMap = lines
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            assert_eq!(is_framed_twice(&headers), expected, "{lines:?}");
        }
    }
}
