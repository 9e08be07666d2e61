//! What the head of a request says of its body's length.

use http::{HeaderValue, Method, Request, header};
use http_body::Body as _;

use crate::body::Body;

/// Among a request's extensions where its body was held to have a length, which the head is to say: also of none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WithLength(pub(crate) u64);

/// hyper drops the body of a GET or HEAD whose head does not say how long it is.
///
/// That there is no body is said where one is expected (RFC 9110 8.6): over HTTP/2 nobody needs a length, and servers of Windows answer a
/// POST without one with 411.
pub(super) fn framed(mut request: Request<Body>) -> Request<Body> {
    if let Some(WithLength(length)) = request.extensions_mut().remove() {
        request.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        return request;
    }
    let (body, says_length) = (request.body(), request.headers().contains_key(header::CONTENT_LENGTH));
    let (is_empty, is_sized) = (body.is_end_stream(), body.size_hint().exact().is_some());
    if !is_empty && !is_sized && !says_length {
        request.headers_mut().insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    } else if is_empty && !says_length && takes_body(request.method()) {
        request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    request
}

const fn takes_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{empty, full};

    fn said(method: Method, lines: &[(&str, &str)], body: Body) -> (Option<String>, Option<String>) {
        let mut request = Request::builder().method(method);
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        let request = framed(request.body(body).unwrap());
        let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        (text(header::CONTENT_LENGTH), text(header::TRANSFER_ENCODING))
    }

    #[test]
    fn that_there_is_no_body_is_said_where_one_is_expected() {
        for method in [Method::POST, Method::PUT, Method::PATCH] {
            assert_eq!(said(method.clone(), &[], empty()), (Some("0".into()), None), "{method}");
            assert_eq!(said(method, &[("content-length", "0")], empty()), (Some("0".into()), None));
        }
        for method in [Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS] {
            assert_eq!(said(method.clone(), &[], empty()), (None, None), "{method}");
        }
        assert_eq!(said(Method::POST, &[], full("abc")), (None, None), "hyper says it");
    }
}
