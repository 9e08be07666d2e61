//! One line with one value under the header's own name, or nothing that counts.

use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Request};

use crate::request::{
    Asserted, AssertedHeader, AttachedForm, AttachedHeader, ClientConnection, HeaderRuleError, HeaderRules, Presented,
    Unclear, admit, header_rules::HeadersScreened,
};

fn rules(headers: &[AttachedHeader]) -> HeaderRules {
    HeaderRules::default().accepting(headers.to_vec())
}

fn lines(lines: &[(&str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

/// What is presented, and which names are left.
fn screened(header: &AttachedHeader, sent: &[(&str, &[u8])]) -> (Presented, Vec<String>) {
    let mut headers = lines(sent);
    let HeadersScreened { attached, .. } = rules(std::slice::from_ref(header)).screen(&mut headers);
    (attached.get(0).clone(), headers.keys().map(ToString::to_string).collect())
}

fn said(presented: &Presented) -> Option<&str> {
    match presented {
        Presented::Said(value) => Some(value.assertion()),
        Presented::Missing | Presented::Unclear(_) => None,
    }
}

const NAME: &str = "x-amzn-oidc-data";

fn whole() -> AttachedHeader {
    AttachedHeader::of(NAME, AttachedForm::Whole)
}

#[test]
fn one_line_with_one_value_is_presented_and_taken_out() {
    let (presented, left) = screened(&whole(), &[(NAME, b"a.b.c=="), ("accept", b"*/*")]);
    assert_eq!((said(&presented), left), (Some("a.b.c=="), vec!["accept".to_owned()]));
    let (presented, _) = screened(&whole(), &[("accept", b"*/*")]);
    assert_eq!(presented, Presented::Missing);
    assert!(!format!("{:?}", screened(&whole(), &[(NAME, b"secret")])).contains("secret"));
}

#[test]
fn a_doubled_folded_empty_or_joined_line_is_unclear_and_taken_out() {
    for (sent, unclear) in [
        (&[(NAME, &b"a.b.c"[..]), (NAME, b"a.b.c")][..], Unclear::Doubled),
        (&[(NAME, b"mallory"), (NAME, b"a.b.c")], Unclear::Doubled),
        (&[("x_amzn_oidc_data", b"a.b.c")], Unclear::Alias),
        (&[("X.Amzn.Oidc.Data", b"a.b.c")], Unclear::Alias),
        (&[(NAME, b"a.b.c"), ("x_amzn-oidc-data", b"mallory")], Unclear::Alias),
        (&[("x_amzn-oidc-data", b"mallory"), (NAME, b"a.b.c")], Unclear::Alias),
        (&[(NAME, b"")], Unclear::Empty),
        (&[(NAME, b"a.b.c,d.e.f")], Unclear::Several),
        (&[(NAME, b"a.b.c, d.e.f")], Unclear::Several),
        (&[(NAME, b"a.b.c mallory")], Unclear::Several),
        (&[(NAME, b"a.b.c\tx")], Unclear::Several),
        (&[(NAME, b" a.b.c")], Unclear::Several),
        (&[(NAME, b"a.b.c\xe9")], Unclear::Several),
    ] {
        assert_eq!(screened(&whole(), sent), (Presented::Unclear(unclear), Vec::new()), "{sent:?}");
    }
}

#[test]
fn an_empty_line_is_none_of_pomerium_alone() {
    let pomerium = AttachedHeader::of("x-pomerium-jwt-assertion", AttachedForm::WholeOrEmpty);
    let sent: &[(&str, &[u8])] = &[("x-pomerium-jwt-assertion", b"")];
    assert_eq!(screened(&pomerium, sent), (Presented::Missing, Vec::new()));
}

#[test]
fn credentials_of_another_scheme_are_the_applications() {
    let bearer = AttachedHeader::bearer();
    for (line, expected) in [(&b"Bearer a.b.c"[..], "a.b.c"), (b"bearer a.b.c", "a.b.c"), (b"BEARER   a.b.c", "a.b.c")]
    {
        let (presented, left) = screened(&bearer, &[("authorization", line)]);
        assert_eq!((said(&presented), left.len()), (Some(expected), 0));
    }
    for line in [
        &b"Basic bWFsbG9yeTp4"[..],
        b"Negotiate YII=",
        b"Bearertoken a.b.c",
        b"Bear",
        b"",
        b"\"Bearer\" x",
        b"Digest a=b, bearer=c",
    ] {
        let (presented, left) = screened(&bearer, &[("authorization", line)]);
        assert_eq!((presented, left.len()), (Presented::Missing, 1), "{line:?}");
    }
    for (line, unclear) in [
        (&b"Bearer"[..], Unclear::Empty),
        (b"Bearer ", Unclear::Empty),
        (b"Bearer a.b.c x", Unclear::Several),
        (b"Bearer a.b.c,Bearer d.e.f", Unclear::Several),
        (b"Bearer \ta", Unclear::Several),
        // What an application may read as the scheme all the same.
        (b"Bearer\ta.b.c", Unclear::Several),
        (b"bearer\xa0a.b.c", Unclear::Several),
        (b"Bearer, a.b.c", Unclear::Several),
        (b"Basic x, Bearer a.b.c", Unclear::Several),
        (b"Basic x,bearer\ta.b.c", Unclear::Several),
        (b"Basic x, Bearer", Unclear::Several),
    ] {
        assert_eq!(screened(&bearer, &[("authorization", line)]).0, Presented::Unclear(unclear), "{line:?}");
    }
    // Nor is it a token, which is found out where it is read.
    for (line, expected) in [(&b"Bearer:a.b.c"[..], ":a.b.c"), (b"Bearer=a.b.c", "=a.b.c")] {
        assert_eq!(said(&screened(&bearer, &[("authorization", line)]).0), Some(expected));
    }
    let two: &[(&str, &[u8])] = &[("authorization", b"Basic bWFs"), ("authorization", b"Bearer a.b.c")];
    assert_eq!(screened(&bearer, two), (Presented::Unclear(Unclear::Doubled), Vec::new()));
}

/// mod_auth_openidc writes its names with underscores: there the other spelling is the one with hyphens.
#[test]
fn a_name_with_underscores_is_itself() {
    let header = AssertedHeader::parse("OIDC_id_token").unwrap().into_attached();
    assert_eq!(said(&screened(&header, &[("oidc_id_token", b"a.b.c")]).0), Some("a.b.c"));
    for alias in ["oidc-id-token", "oidc.id_token"] {
        assert_eq!(screened(&header, &[(alias, b"a.b.c")]).0, Presented::Unclear(Unclear::Alias), "{alias}");
    }
    for (name, error) in [
        ("Authorization", HeaderRuleError::Browsers),
        ("Cookie", HeaderRuleError::Browsers),
        ("X-Forwarded-For", HeaderRuleError::Gateways),
        ("Connection", HeaderRuleError::HopByHop),
        ("X-*", HeaderRuleError::Family),
        ("a b", HeaderRuleError::Name),
    ] {
        assert_eq!(AssertedHeader::parse(name), Err(error), "{name}");
    }
}

#[test]
fn each_source_has_its_own_and_a_line_goes_back_as_it_came() {
    let headers = [whole(), AttachedHeader::bearer()];
    let mut sent = lines(&[("authorization", b"bearer  d.e.f"), (NAME, b"a.b.c"), ("accept", b"*/*")]);
    let HeadersScreened { attached, asserted, dropped } = rules(&headers).screen(&mut sent);
    assert_eq!((asserted, dropped.len()), (Asserted::Unasked, 0));
    let all: Vec<_> = attached.iter().map(said).collect();
    assert_eq!(all, [Some("a.b.c"), Some("d.e.f")]);
    assert_eq!(attached.get(2), &Presented::Missing);
    attached.put_back(1, &headers[1], &mut sent);
    assert_eq!(sent.get("authorization").unwrap(), "bearer  d.e.f");
    assert!(!sent.contains_key(NAME));
    // At a site that accepts nothing credentials are the application's, and what proxies attach is nobody's.
    let mut sent = lines(&[("authorization", b"bearer  d.e.f"), (NAME, b"a.b.c")]);
    let HeadersScreened { attached, dropped, .. } = HeaderRules::default().screen(&mut sent);
    assert_eq!((attached.iter().count(), dropped, sent.len()), (0, vec!["X-Amzn-Oidc-*"], 1));
}

/// Else whoever writes `Connection` would choose that a session acts in place of what the proxy in front says.
#[test]
fn a_line_that_connection_names_is_unclear_and_never_missing() {
    let presented = |header: AttachedHeader, sent: &[(&str, &str)]| {
        let mut request = Request::get("/").header("host", "crm.example.com");
        for (name, value) in sent {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let connection = ClientConnection::from(SocketAddr::from(([127, 0, 0, 1], 1)));
        let screened = admit(parts, &connection).unwrap().screen(&rules(&[header])).unwrap();
        assert!(
            !screened.request.headers.contains_key(NAME) && !screened.request.headers.contains_key("authorization")
        );
        screened.attached.get(0).clone()
    };
    let nominated = Presented::Unclear(Unclear::Nominated);
    let line = (NAME, "a.b.c");
    for connection in [NAME, "X-AMZN-OIDC-DATA", "keep-alive, x-amzn-oidc-data ,close"] {
        assert_eq!(presented(whole(), &[line, ("connection", connection)]), nominated, "{connection}");
    }
    assert_eq!(presented(whole(), &[("x_amzn-oidc-data", "a"), line, ("connection", NAME)]), nominated);
    assert_eq!(presented(whole(), &[("x_amzn-oidc-data", "a"), ("connection", "x_amzn-oidc-data")]), nominated);
    let bearer = AttachedHeader::bearer();
    assert_eq!(presented(bearer, &[("authorization", "Bearer a.b.c"), ("connection", "authorization")]), nominated);
    // Of what is not there nothing was taken out.
    assert_eq!(presented(whole(), &[("connection", NAME)]), Presented::Missing);
    assert_eq!(said(&presented(whole(), &[line, ("connection", "close")])), Some("a.b.c"));
}
