//! What an `Authorization` speaks for: one request, its connection, or nobody knows.
//!
//! A list of schemes that sign connections in is never whole, and applications read such names in odd spellings. So it is the other
//! way round: what is known to speak for one request, and is written as such, is all that leaves a connection as it was.

use http::{HeaderMap, HeaderValue, header};

use super::connection_bound::signs_connection_in;

/// What a request's `Authorization` speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// There is none.
    None,
    /// For this request: the next one on the connection says its own.
    OfRequest,
    /// For its connection (NTLM, Negotiate).
    OfConnection,
    /// Nobody knows: a scheme without a name here, another spelling, several at once.
    Unknown,
}

impl Credentials {
    /// Those of a request.
    #[must_use]
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(header::AUTHORIZATION).iter();
        let Some(first) = lines.next() else { return Self::None };
        if signs_connection_in(headers) {
            return Self::OfConnection;
        }
        if lines.next().is_none() && is_of_request(first) { Self::OfRequest } else { Self::Unknown }
    }
}

/// How the credentials of a scheme are written (RFC 9110 11.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One word: `token68`, and the few characters more that keys are written with.
    Word,
    /// `name=value, name="value"`.
    Parameters,
    Either,
}

/// Schemes whose definition has every request bring its own credentials: those of IANA's registry (without Negotiate, and
/// those whose exchange or proof belongs to a connection: SCRAM, Concealed, and Mutual and HOBA, which nobody uses), then the
/// wide-spread ones outside it.
const OF_REQUEST: [(&str, Form); 22] = [
    ("basic", Form::Word),
    ("bearer", Form::Word),
    ("digest", Form::Parameters),
    ("dpop", Form::Word),
    ("gnap", Form::Word),
    ("oauth", Form::Either),
    ("privatetoken", Form::Parameters),
    ("vapid", Form::Parameters),
    ("apikey", Form::Word),
    ("api-key", Form::Word),
    ("aws", Form::Word),
    ("aws4-hmac-sha256", Form::Parameters),
    ("aws4-ecdsa-p256-sha256", Form::Parameters),
    ("hawk", Form::Parameters),
    ("jwt", Form::Word),
    ("sharedaccesssignature", Form::Word),
    ("sharedkey", Form::Word),
    ("sharedkeylite", Form::Word),
    ("signature", Form::Parameters),
    ("ssws", Form::Word),
    ("token", Form::Either),
    ("wrap", Form::Parameters),
];

fn is_of_request(line: &HeaderValue) -> bool {
    let line = line.as_bytes();
    let Some(end) = line.iter().position(|byte| *byte == b' ') else { return false };
    let (scheme, credentials) = (&line[..end], line[end..].trim_ascii());
    let Some((_, form)) = OF_REQUEST.iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name.as_bytes())) else {
        return false;
    };
    match form {
        Form::Word => is_word(credentials),
        Form::Parameters => are_parameters(credentials),
        Form::Either => is_word(credentials) || are_parameters(credentials),
    }
}

fn is_word(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| is_of_word(*byte))
}

/// `token68` (RFC 9110 11.2), and what keys outside the RFC have: `id:key`, `id|key`, `a=b&c=%20`.
const fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b':' | b'|' | b'&' | b'%')
}

/// A list of parameters, each with a name and a value, and nothing else.
fn are_parameters(mut text: &[u8]) -> bool {
    loop {
        let Some(behind) = parameter(text) else { return false };
        match behind.trim_ascii_start().split_first() {
            None => return true,
            Some((b',', next)) => text = next.trim_ascii_start(),
            Some(_) => return false,
        }
    }
}

/// What stands behind the parameter at the beginning. A value without quotes may have what AWS writes: `a;b`, `a/b`.
fn parameter(text: &[u8]) -> Option<&[u8]> {
    let name = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    let value = text[name..].strip_prefix(b"=").filter(|_| name > 0)?;
    if let Some(quoted) = value.strip_prefix(b"\"") {
        return behind_quote(quoted);
    }
    let length = value.iter().take_while(|byte| is_of_word(**byte) || **byte == b';').count();
    (length > 0).then(|| &value[length..])
}

/// What stands behind the quote that ends it.
fn behind_quote(quoted: &[u8]) -> Option<&[u8]> {
    let mut is_escaped = false;
    for (at, byte) in quoted.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(&quoted[at + 1..]),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&[u8]]) -> Credentials {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(line).unwrap());
        }
        Credentials::of(&headers)
    }

    #[test]
    fn a_scheme_of_requests_as_its_definition_writes_it_is_of_its_request() {
        for value in [
            "Basic eDp5Cg==",
            "bAsIc eDp5",
            "Basic  eDp5",
            "Bearer a.b-c_d~e+f/g=",
            "Bearer 1|sanctum",
            "DPoP a.b.c",
            "Digest username=\"ntlm\", realm=\"a, \\\"b\\\" negotiate\", nc=00000001, uri=\"/a?b=c,d\", qop=auth",
            "AWS4-HMAC-SHA256 Credential=AK/20260101/eu/s3/aws4_request, SignedHeaders=host;x-amz-date,Signature=0f",
            "AWS AKID:frJIUN8DYpKDtOLCwo//yllqDzg=",
            "Hawk id=\"dh37\", ts=\"1353832234\", nonce=\"j4h3g2\", mac=\"6R4rV5iE+NPoym+WwjeHzjAGXUtLNIxmo1vpMofpLAE=\"",
            "vapid t=a.b.c, k=d-e_f",
            "Token abc",
            "Token token=\"abc\", email=\"a@b.example\"",
            "ApiKey ana:0123",
            "OAuth oauth_consumer_key=\"a\",oauth_nonce=\"b\"",
            "Signature keyId=\"a\",algorithm=\"hs2019\",headers=\"(request-target) host\",signature=\"YQ==\"",
            "SharedKey account:c2ln=",
            "SharedAccessSignature sr=a%2fb&sig=c%3d&se=1&skn=d",
        ] {
            assert_eq!(of(&[value.as_bytes()]), Credentials::OfRequest, "{value}");
        }
        assert_eq!(of(&[]), Credentials::None);
    }

    #[test]
    fn every_other_scheme_and_spelling_is_unknown() {
        for value in [
            "'NTLM' x",
            "Basic x NTLM y",
            "Basic x;NTLM y",
            "Basic x NTLM=y",
            "xNTLM y",
            "X-NTLM y",
            "GSS-SPNEGO x",
            "krb5 x",
            "Passport1.4 x",
            "TSSSP x",
            "Windows x",
            "IWA x",
            "SCRAM-SHA-256 data=x",
            "N\u{ad}TLM x",
            "",
            "Basic",
            "Basic ",
            "Basic\tx",
            "\tBasic x",
            "Basic x\ty",
            "Basic x, y",
            "Basic x=y, z=a",
            "\"Basic\" x",
            "Basic=x",
            "Digest x",
            "Digest a",
            "Digest a=",
            "Digest =a",
            "Digest a=b c=d",
            "Digest a=\"b",
            "Digest a=\"b\\\"",
            "Digest a=\"b\"c",
            "Digest a=b,",
            "Bearer \u{e9}",
            "eyJhbGciOiJIUzI1NiJ9.e30.x",
        ] {
            assert_eq!(of(&[value.as_bytes()]), Credentials::Unknown, "{value:?}");
        }
        assert_eq!(of(&[b"Basic eDp5", b"Basic eDp5"]), Credentials::Unknown, "two at once");
    }

    #[test]
    fn a_scheme_of_connections_is_one_wherever_it_stands() {
        for lines in [&[&b"NTLM x"[..]][..], &[b"Basic x", b"negotiate y"], &[b"Digest a=b, NTLM=c"], &[b"\"NTLM\" x"]]
        {
            assert_eq!(of(lines), Credentials::OfConnection);
        }
    }
}
