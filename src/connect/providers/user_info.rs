//! UserInfo: one question with the access token of this sign-in, within the bounds of every other call to a provider.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderValue, Request, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE},
};

use super::{
    super::{
        Dialer,
        fetch::{FetchError, fetch},
    },
    documents::{ProviderError, shown, trusting},
};
use crate::{
    identity::{
        KeySet, LoginError, OidcSettings, UserInfo, UserInfoAnswer, UserInfoError, UserInfoQuestion, VerifiedToken,
    },
    time::UnixSeconds,
};

/// Asks; the access token is in the header of this one request, and in no error.
pub(super) async fn ask(
    dialer: &Dialer,
    question: &UserInfoQuestion,
    settings: &OidcSettings,
) -> Result<Response<Vec<u8>>, LoginError> {
    let endpoint = &question.endpoint;
    let dialer = trusting(dialer, settings, endpoint).map_err(|error| error.as_login_error())?;
    let request = Request::get(endpoint.as_str())
        .header(AUTHORIZATION, question.authorization.clone())
        .header(ACCEPT, HeaderValue::from_static("application/json, application/jwt"));
    let request = request.body(Vec::new()).map_err(|_| UserInfoError::Unusable(FetchError::Url.to_string()))?;
    fetch(&dialer, request).await.map_err(|cause| match cause {
        FetchError::TooLarge | FetchError::Url => UserInfoError::Unusable(cause.to_string()).into(),
        FetchError::Dial(_) | FetchError::Http(_) | FetchError::Body | FetchError::Timeout => {
            ProviderError::Unreachable { url: shown(endpoint), cause: Arc::new(cause) }.as_login_error()
        }
    })
}

/// What the answer says of the person of a token.
pub(super) fn read(
    (question, response): (&UserInfoQuestion, &Response<Vec<u8>>),
    token: &VerifiedToken,
    settings: &OidcSettings,
    keys: &KeySet,
    now: UnixSeconds,
) -> Result<UserInfo, UserInfoError> {
    let headers = response.headers();
    let sent = question.authorization.to_str().ok();
    let answer = UserInfoAnswer {
        status: response.status(),
        encoding: text(headers, CONTENT_ENCODING),
        content_type: text(headers, CONTENT_TYPE),
        challenges: headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|line| line.to_str().ok()).collect(),
        body: response.body(),
        sent: sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default(),
    };
    answer.read(token, settings, keys, now)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};
    use tokio::{io::AsyncReadExt, net::TcpListener};

    use super::super::testing::World;
    use crate::{
        identity::{
            LoginError, Outsiders, Projection, UserInfoError, UserInfoUse,
            testing::{NOW, TestKey, claims, document},
        },
        limits::PROVIDER_BODY_BYTES_MAX,
        reason::Reason,
    };

    /// A provider whose ID tokens have no address, and that has UserInfo.
    async fn world() -> World {
        let world = World::start(&[TestKey::ed25519(1).jwk("k")]).await;
        at(&world, &format!("{}/me", world.idp.issuer));
        world
    }

    fn at(world: &World, userinfo: &str) {
        let mut document = document(&world.idp.issuer);
        document["userinfo_endpoint"] = userinfo.into();
        world.idp.set("/.well-known/openid-configuration", StatusCode::OK, document.to_string());
    }

    /// A sign-in; gives the address, and what was asked with which authorization.
    async fn sign_in(world: &World, userinfo: UserInfoUse, has_address: bool) -> Result<String, LoginError> {
        let documents = world.documents().await.unwrap();
        let (exchange, nonce) = world.exchange(&documents);
        let mut claims = claims(&nonce);
        claims["iss"] = json!(world.idp.issuer);
        if !has_address {
            claims.as_object_mut().unwrap().remove("email");
        }
        let token = TestKey::ed25519(1).token("k", &claims);
        let answer = json!({"access_token": "at-1", "token_type": "Bearer", "id_token": token});
        world.idp.set("/token", StatusCode::OK, answer.to_string());
        world.idp.asked();
        let settings = crate::identity::OidcSettings { userinfo, ..world.idp.settings() };
        let signed_in = world.providers.redeem(exchange, &settings, &documents, &Projection::default(), NOW).await;
        let signed_in = signed_in.map_err(|failed| failed.error)?;
        Ok(signed_in.identity.email.map_or_else(|reason| reason.to_string(), |email| email.as_str().to_owned()))
    }

    fn says(world: &World, answer: &Value) {
        world.idp.set("/me", StatusCode::OK, answer.to_string());
    }

    #[tokio::test]
    async fn userinfo_is_asked_once_with_the_access_token_where_something_is_missing() {
        let world = world().await;
        says(&world, &json!({"sub": "7", "email": "bob@example.com", "email_verified": true}));
        assert_eq!(sign_in(&world, UserInfoUse::WhenNeeded, false).await.as_deref(), Ok("bob@example.com"));
        assert_eq!(world.idp.asked(), 2, "the token endpoint, and UserInfo");
        let seen = world.idp.seen.lock().unwrap().last().cloned();
        assert_eq!(seen, Some(("Bearer at-1".to_owned(), String::new())));
        assert_eq!(sign_in(&world, UserInfoUse::WhenNeeded, true).await.as_deref(), Ok("ann@example.com"));
        assert_eq!(world.idp.asked(), 1, "nothing is missing");
        assert_eq!(sign_in(&world, UserInfoUse::Always, true).await.as_deref(), Ok("ann@example.com"));
        assert_eq!(world.idp.asked(), 2);
        assert_eq!(sign_in(&world, UserInfoUse::Never, false).await.as_deref(), Ok("email_missing"));
        assert_eq!(world.idp.asked(), 1);
    }

    #[tokio::test]
    async fn an_answer_that_cannot_be_used_ends_the_sign_in_by_its_cause() {
        let world = world().await;
        let other = json!({"sub": "8", "email": "bob@example.com", "email_verified": true}).to_string();
        let cases = [
            (StatusCode::OK, other, "of another person", Reason::TokenSub),
            (StatusCode::OK, "<html>".to_owned(), "json", Reason::UserinfoAnswer),
            (StatusCode::OK, " ".repeat(PROVIDER_BODY_BYTES_MAX + 1), "larger than", Reason::UserinfoAnswer),
            (StatusCode::UNAUTHORIZED, String::new(), "401", Reason::UserinfoAnswer),
            // Its `Location` leads to the keys: nobody goes there.
            (StatusCode::FOUND, String::new(), "302", Reason::UserinfoAnswer),
        ];
        for (status, body, words, reason) in cases {
            world.idp.set("/me", status, body);
            let error = sign_in(&world, UserInfoUse::WhenNeeded, false).await.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
            assert_eq!((error.reason(), world.idp.asked()), (reason, 2), "{error}");
            assert!(!format!("{error} {error:?}").contains("at-1"), "{error:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_a_provider_that_cannot_be_reached() {
        let world = world().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        at(&world, &format!("http://{}/me?v=1", listener.local_addr().unwrap()));
        let hang_up = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        };
        let (ended, request) = tokio::join!(sign_in(&world, UserInfoUse::WhenNeeded, false), hang_up);
        let error = ended.unwrap_err();
        assert!(error.to_string().contains("/me cannot be reached"), "{error}");
        assert_eq!(error.reason(), Reason::ProviderUnreachable);
        assert!(request.starts_with("GET /me?v=1 HTTP/1.1\r\n"), "{request}");
    }

    #[tokio::test]
    async fn an_address_of_userinfo_that_is_none_is_refused_where_it_is_needed() {
        let world = world().await;
        at(&world, "http://login.example.com/me");
        assert!(sign_in(&world, UserInfoUse::WhenNeeded, true).await.is_ok());
        let error = sign_in(&world, UserInfoUse::WhenNeeded, false).await.unwrap_err();
        assert!(matches!(error, LoginError::UserInfo(UserInfoError::Endpoint(_))), "{error}");
    }

    /// Whom a refused sign-in was of: what a verified token names, and what UserInfo adds to it; never a token that nobody signed.
    #[tokio::test]
    async fn a_refused_sign_in_keeps_the_address_that_verified_claims_name() {
        let world = world().await;
        let documents = world.documents().await.unwrap();
        let mut settings = crate::identity::OidcSettings { userinfo: UserInfoUse::Always, ..world.idp.settings() };
        settings.source.outsiders = Outsiders::Refuse;
        let refused = async |signer: u8, email: Option<&str>, said: Value| {
            let (exchange, nonce) = world.exchange(&documents);
            let mut claims = claims(&nonce);
            claims["iss"] = json!(world.idp.issuer);
            claims["email"] = json!(email);
            let token = TestKey::ed25519(signer).token("k", &claims);
            let answer = json!({"access_token": "at-1", "token_type": "Bearer", "id_token": token});
            world.idp.set("/token", StatusCode::OK, answer.to_string());
            says(&world, &said);
            let ended = world.providers.redeem(exchange, &settings, &documents, &Projection::default(), NOW).await;
            let failed = ended.unwrap_err();
            (failed.error.reason(), failed.address.map(|address| address.as_str().to_owned()))
        };
        let bo = || Some("bo@elsewhere.example".to_owned());
        let of = |sub: &str, email: Option<&str>| json!({"sub": sub, "email": email, "email_verified": true});
        let outsider = refused(1, Some("bo@elsewhere.example"), of("7", None)).await;
        assert_eq!(outsider, (Reason::Outsider, bo()));
        let by_user_info = refused(1, None, of("7", Some("bo@elsewhere.example"))).await;
        assert_eq!(by_user_info, (Reason::Outsider, bo()));
        let another_persons = refused(1, Some("ann@example.com"), of("8", Some("bo@elsewhere.example"))).await;
        assert_eq!(another_persons, (Reason::TokenSub, Some("ann@example.com".to_owned())));
        let unsigned = refused(9, Some("bo@elsewhere.example"), of("7", None)).await;
        assert_eq!(unsigned, (Reason::TokenSignature, None));
    }
}
