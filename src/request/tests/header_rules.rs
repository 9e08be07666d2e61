use http::{HeaderMap, HeaderName, HeaderValue};

use crate::request::{
    Asserted, AssertedHeader, HeaderRuleError, HeaderRules, KeptHeader, SentHeader, Unsaid,
    header_rules::HeadersScreened,
};

fn screened(rules: &HeaderRules, lines: &[(&str, &str)]) -> (Vec<String>, Asserted, Vec<&'static str>) {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let HeadersScreened { asserted, dropped, .. } = rules.screen(&mut headers);
    let mut left: Vec<String> = headers.keys().map(ToString::to_string).collect();
    left.sort_unstable();
    (left, asserted, dropped)
}

fn passes(name: &str) -> bool {
    !screened(&HeaderRules::default(), &[(name, "1")]).0.is_empty()
}

#[test]
fn every_alias_that_a_backend_could_fold_goes() {
    for name in [
        "x-forwarded-user",
        "x_forwarded_user",
        "x.forwarded.user",
        "x-forwarded_email",
        "x-forwarded--user",
        "x-forwarded-",
        "x-forwarded-for",
        "x-forwarded-prefix",
        "forwarded",
        "x_real_ip",
        "x!auth!request!groups",
        "remote_user",
        "remote.groups",
        "x-remote-user",
        "oidc_claim_email",
        "x-sigma-anything",
        "sigma_gateway",
        "x-original-url",
        "x-rewrite-url",
        "x-envoy-original-path",
        "true_client_ip",
        "proxy",
        "transfer_encoding",
        "transfer.encoding",
        "content_length",
        "proxy_authorization",
    ] {
        assert!(!passes(name), "{name}");
    }
}

#[test]
fn what_ordinary_applications_need_from_browsers_passes() {
    let names = include_str!("../../../tests/fixtures/raw/everyday_headers.txt").lines();
    let names: Vec<&str> = names.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(names.len() > 200, "{}", names.len());
    for name in names.into_iter().chain(["content-length", "via", "x_custom", "remote-control"]) {
        assert!(passes(name), "{name}");
    }
}

const OF_LESS_KNOWN_PRODUCTS: &str = "
    Ngrok-Auth-User-Email zrok-auth-email X-Sandstorm-User-Id YNH_USER Plotly-User-Data X-Streamlit-User
    Domino-Username Anaconda-User kubeflow-userid KEYCLOAK_SUBJECT ct-remote-user ct-groups ct-auth-type
    CT-WEB-SVR-ID idcs_user_assertion USER_NAME USER_ORCLGUID X-Amzn-Lattice-Identity
    CloudFront-Viewer-Cert-Subject Cf-Cert-Subject-Dn Cf-Client-Cert-Sha256 l5d-client-id X-AGW-userid
    X-AGW-client_name eg-consumer-id BC_Auth-User X-SWEB-AuthUser isiwebuserid X-CommonAccessToken
    X-WLID-MemberName msExchLogonAccount msExchTargetMailbox ADFS_LOGIN upn principalName voPersonID
    uidNumber preferredLanguage Authenticated-User AuthUser X-Authuser ProxyUser Proxy-Auth-Cert
    Forwarded-User Forwarded-Email Forwarded-Groups tls-client-cert clientcert X-Cert X-Certificate
    X-X509-Subject X-Trusted-Email X-Auth-CertSubject X-Auth-CouchDB-UserName PF_USER X-Grafana-User
    X-Alfresco-Remote-User X-SAP-Trusted-User X-WebObjects-Remote-User Argocd-Username HTTP_SM_USER
    HTTP_X_REMOTE_USER
";

#[test]
fn headers_by_which_other_products_name_people_go_in_every_spelling() {
    for name in [
        "SM_USER",
        "sm-userdn",
        "X-WebAuth-User",
        "iv-user",
        "iv_groups",
        "OAM_REMOTE_USER",
        "eppn",
        "X-MS-CLIENT-PRINCIPAL-NAME",
        "X-MS-TOKEN-AAD-ID-TOKEN",
        "X-Amzn-Oidc-Identity",
        "Cf-Access-Authenticated-User-Email",
        "X-Goog-Authenticated-User-Email",
        "X-authentik-username",
        "X.authentik.groups",
        "X-SSL-Client-S-DN",
        "SSL_CLIENT_S_DN",
        "AUTH_USER",
        "LOGON_USER",
        "Impersonate-Extra-scopes",
        "Tailscale-User-Login",
        "X-Consumer-Username",
        "$WSRU",
        "Client-Cert",
        "Shib-Session-ID",
    ] {
        assert!(!passes(name), "{name}");
    }
    for name in OF_LESS_KNOWN_PRODUCTS.split_whitespace() {
        assert!(!passes(name), "{name}");
    }
}

#[test]
fn headers_by_which_other_products_say_where_a_request_came_from_go() {
    for name in [
        "CF-Connecting-IP",
        "CF-Connecting-IPv6",
        "Fastly-Client-IP",
        "X-MS-Forwarded-Client-IP",
        "Fly-Client-IP",
        "X-Azure-ClientIP",
        "X-Azure-SocketIP",
        "X-Vercel-Forwarded-For",
        "X-NF-Client-Connection-IP",
        "DO-Connecting-IP",
        "Incap-Client-IP",
        "CloudFront-Viewer-Address",
        "Client-IP",
        "Proxy-Client-IP",
        "HTTP_CLIENT_IP",
        "HTTP_X_FORWARDED_FOR",
        "REMOTE_ADDR",
        "X-Originating-IP",
        "X-ProxyUser-Ip",
        "X-Forward-For",
        "SCRIPT_NAME",
        "PATH_INFO",
    ] {
        assert!(!passes(name), "{name}");
        assert!(KeptHeader::parse(name).is_ok(), "{name}");
    }
}

#[test]
fn a_name_that_a_site_keeps_passes_in_every_spelling_and_no_other_does() {
    let kept = ["SM_USER", "X-Envoy-Attempt-Count", "uid"].map(|name| KeptHeader::parse(name).unwrap());
    let rules = HeaderRules::new(kept.to_vec(), None);
    let lines = [
        ("sm_user", "1"),
        ("SM-User", "1"),
        ("sm_userdn", "1"),
        ("x-envoy-attempt-count", "1"),
        ("x-envoy-x", "1"),
        ("UID", "1"),
    ];
    let (left, asserted, dropped) = screened(&rules, &lines);
    assert_eq!(left, ["sm-user", "sm_user", "uid", "x-envoy-attempt-count"]);
    assert_eq!((asserted, dropped), (Asserted::Unasked, vec!["SM_*", "X-Envoy-*"]));
}

#[test]
fn a_site_keeps_no_name_that_the_gateway_answers_for_and_none_that_is_not_dropped() {
    use HeaderRuleError::{Family, Gateways, HopByHop, Name, NotDropped};
    for (name, error) in [
        ("X-Forwarded-For", Gateways),
        ("x_forwarded_prefix", Gateways),
        ("X-Forwarded-Email", Gateways),
        ("X-Auth-Request-Groups", Gateways),
        ("Remote-User", Gateways),
        ("X-Request-Id", Gateways),
        ("X-Sigma-User", Gateways),
        ("Sigma-Gateway", Gateways),
        ("Forwarded", Gateways),
        ("X-Real-IP", Gateways),
        ("Proxy", Gateways),
        ("TE", HopByHop),
        ("transfer_encoding", HopByHop),
        ("Content_Length", HopByHop),
        ("X-CSRF-Token", NotDropped),
        // One name each: a star would keep a header that nobody sends.
        ("SM_*", Family),
        ("*", Family),
        ("X-CSRF-*", Family),
        ("a b", Name),
        ("", Name),
    ] {
        assert_eq!(KeptHeader::parse(name), Err(error), "{name}");
    }
}

#[test]
fn a_header_that_cannot_name_a_person_is_not_compared() {
    use HeaderRuleError::{Answers, Browsers, Family, Gateways, HopByHop, Name};
    for name in [
        "X-Forwarded-Email",
        "X-Auth-Request-Email",
        "X-Forwarded-User",
        "X-Forwarded-Preferred-Username",
        "Remote-User",
        "OIDC_CLAIM_email",
        "X-Original-User",
        "Cf-Access-Authenticated-User-Email",
        "Proxy-User",
        "X-Front",
    ] {
        assert!(AssertedHeader::parse(name).is_ok(), "{name}");
    }
    for (name, error) in [
        ("Cookie", Browsers),
        ("Host", Browsers),
        ("Authorization", Browsers),
        ("Content-Type", Browsers),
        ("Sec-Fetch-Site", Browsers),
        ("User_Agent", Browsers),
        ("Connection", HopByHop),
        ("Proxy-Authorization", HopByHop),
        ("proxy_authorization", HopByHop),
        ("X-Request-Id", Gateways),
        ("X-Forwarded-For", Gateways),
        ("X_Forwarded_Host", Gateways),
        ("Sigma-Gateway", Gateways),
        ("X-Sigma-User", Gateways),
        ("Via", Gateways),
        ("X-Forwarded-Server", Gateways),
        ("X-Forwarded-Prefix", Gateways),
        ("X-Forwarded-Proto", Gateways),
        ("X-Forwarded-Port", Gateways),
        ("X-Forwarded-Uri", Gateways),
        ("X-Original-URL", Gateways),
        ("X-Rewrite-URL", Gateways),
        ("Cf-Connecting-IP", Gateways),
        ("True-Client-IP", Gateways),
        ("X-Azure-ClientIP", Gateways),
        ("X-Envoy-External-Address", Gateways),
        ("X-Auth-Request-Redirect", Gateways),
        ("X-CSRF-Token", Browsers),
        ("X_XSRF_TOKEN", Browsers),
        ("RequestVerificationToken", Browsers),
        ("traceparent", Browsers),
        ("Last-Event-ID", Browsers),
        ("HX-Request", Browsers),
        ("HX-Current-URL", Browsers),
        ("Idempotency-Key", Browsers),
        ("X-Api-Key", Browsers),
        ("Save-Data", Browsers),
        ("Location", Answers),
        ("Set-Cookie", Answers),
        ("HTTP2-Settings", HopByHop),
        ("SM_*", Family),
        ("X Front", Name),
        ("", Name),
        ("X-Front:", Name),
    ] {
        assert_eq!(AssertedHeader::parse(name), Err(error), "{name}");
    }
}

#[test]
fn one_line_with_one_value_is_what_the_proxy_says_and_everything_else_is_nothing() {
    let missing = Asserted::Unsaid(Unsaid::Missing);
    let (doubled, empty) = (Asserted::Unsaid(Unsaid::Doubled), Asserted::Unsaid(Unsaid::Empty));
    let said = |text: &'static str| Asserted::Said(HeaderValue::from_static(text));
    for name in ["X-Front-Email", "X-Forwarded-Email"] {
        let rules = HeaderRules::new(Vec::new(), Some(AssertedHeader::parse(name).unwrap()));
        let (other, spaced) = (name.replace('-', "_"), name.replacen('-', ".", 1));
        for (lines, expected) in [
            (&[][..], &missing),
            (&[(name, "a@b.c")], &said("a@b.c")),
            (&[(name, " a@b.c ")], &said("a@b.c")),
            (&[(name, "")], &empty),
            (&[(name, "  ")], &empty),
            (&[(name, "(null)")], &empty),
            (&[(name, "(NULL)")], &empty),
            (&[(name, "null")], &empty),
            (&[(name, "Null")], &empty),
            (&[(name, "-")], &empty),
            (&[(name, " - ")], &empty),
            (&[(name, "\"\"")], &empty),
            (&[(name, "None")], &empty),
            (&[(name, "undefined")], &empty),
            (&[(name, "null@b.c")], &said("null@b.c")),
            (&[(name, "--")], &said("--")),
            (&[(name, "-, a@b.c")], &doubled),
            (&[(name, "-"), (name, "a@b.c")], &doubled),
            (&[(name, "a@b.c"), (name, "a@b.c")], &doubled),
            (&[(name, "a@b.c"), (name, "")], &doubled),
            (&[(name, "a@b.c, a@b.c")], &doubled),
            (&[(name, "a@b.c"), (&other, "x")], &doubled),
            (&[(&spaced, "x"), (name, "a@b.c")], &doubled),
            (&[(&other, "a@b.c")], &missing),
            (&[(&spaced, "a@b.c")], &missing),
        ] {
            let (left, asserted, _) = screened(&rules, lines);
            assert_eq!((left, &asserted), (vec![], expected), "{lines:?}");
        }
    }
}

#[test]
fn what_is_asserted_shows_no_address() {
    assert!(!format!("{:?}", Asserted::Said(HeaderValue::from_static("ana@example.com"))).contains("ana"));
}

#[test]
fn what_a_site_sends_itself_no_client_brings_in_any_spelling_and_elsewhere_it_passes() {
    let sent = ["X-Our-Login", "Corp_Uid", "Sigma-Gateway-Assertion"].map(|name| SentHeader::parse(name).unwrap());
    let rules = HeaderRules::default().sending(sent.to_vec());
    for name in
        ["x-our-login", "X_OUR_LOGIN", "x.our-login", "x!our~login", "corp_uid", "CORP-UID", "corp.uid", "corp$uid"]
    {
        assert!(screened(&rules, &[(name, "1")]).0.is_empty(), "{name}");
        assert!(passes(name), "{name}");
    }
    for name in ["sigma-gateway-assertion", "Sigma_Gateway_Assertion"] {
        assert!(screened(&rules, &[(name, "1")]).0.is_empty() && !passes(name), "{name}");
    }
    for name in ["x-our-logins", "our-login", "corpuid", "cookie", "x-our--login"] {
        assert_eq!(screened(&rules, &[(name, "1")]).0, [name], "{name}");
    }
    let kept = HeaderRules::new(vec![KeptHeader::parse("SM_USER").unwrap()], None);
    let kept = kept.sending(vec![SentHeader::parse("sm-user").unwrap()]);
    assert!(screened(&kept, &[("sm_user", "1")]).0.is_empty(), "what is sent is never kept");
}

#[test]
fn a_site_sends_no_name_that_is_somebody_elses() {
    assert_eq!(SentHeader::parse("SM_USER").map(|sent| sent.name().to_string()), Ok("sm_user".to_owned()));
    for (name, error) in [
        ("cookie", HeaderRuleError::Browsers),
        ("x-csrf_token", HeaderRuleError::Browsers),
        ("connection", HeaderRuleError::HopByHop),
        ("te", HeaderRuleError::HopByHop),
        ("set_cookie", HeaderRuleError::Answers),
        ("via", HeaderRuleError::Gateways),
        ("x-forwarded-for", HeaderRuleError::Gateways),
        ("x-sigma-user", HeaderRuleError::Gateways),
        ("x user", HeaderRuleError::Name),
        ("x-*", HeaderRuleError::Family),
    ] {
        assert_eq!(SentHeader::parse(name).map(drop), Err(error), "{name}");
    }
}
