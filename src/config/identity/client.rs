//! The gateway as a client of `[identity.NAME]`: what it shows, asks for, and which endpoints the operator names.

use crate::{
    config::{
        file::{Node, choices::CLIENT_AUTH},
        reading::{Check, every},
    },
    identity::{ClientAuth, ClientCredentials, JwsKey, NamedEndpoints},
    limits::CLIENT_KEYS_MAX,
};

/// Reads what is shown at the token endpoint: a secret, a key, both (by the documents), or nothing, where that is said.
pub(super) fn credentials(table: &Node, check: &mut Check<'_>) -> Option<ClientCredentials> {
    let auth = table.optional("client_auth", |node| CLIENT_AUTH.of(node.as_text()?))?;
    let (secret, keys) = (table.child("client_secret"), table.child("client_key"));
    // What is written and wrong is not missing.
    if check.has_told_of(table, &["client_secret", "client_key"]) {
        return None;
    }
    let has = (secret.is_some(), keys.is_some());
    let read_secret = table.optional("client_secret", |node| check.secret(node));
    let read_keys = table.optional("client_key", |node| client_keys(node, check));
    match (auth, has) {
        (None | Some(ClientAuth::Basic | ClientAuth::Post), (false, _)) if auth.is_some() || !has.1 => {
            let fix = r#"write client_secret = { env = "OIDC_CLIENT_SECRET" }"#.to_owned();
            return check.refuse_missing(table, "client_secret", "nothing shows the provider who the client is", fix);
        }
        (Some(ClientAuth::PrivateKeyJwt), (_, false)) => {
            let fix = r#"write client_key = { file = "client.key" }"#.to_owned();
            return check.refuse_missing(table, "client_key", "private_key_jwt signs with it", fix);
        }
        (Some(ClientAuth::Basic | ClientAuth::Post), (true, true)) => {
            check.warn_at(keys, "is not used: client_auth takes the secret");
        }
        (Some(ClientAuth::PrivateKeyJwt), (true, true)) => {
            check.warn_at(secret, "is not used: client_auth takes the key");
        }
        (Some(ClientAuth::None), _) => {
            let unused = secret.into_iter().chain(keys);
            unused.for_each(|node| check.warn(node, "is not used: client_auth = \"none\" shows nothing"));
        }
        (None | Some(ClientAuth::Basic | ClientAuth::Post | ClientAuth::PrivateKeyJwt), _) => {}
    }
    Some(ClientCredentials { auth, secret: read_secret?, keys: read_keys?.unwrap_or_default() })
}

/// One key, or the one that signs and one more during a rotation.
fn client_keys(node: &Node, check: &mut Check<'_>) -> Option<Vec<JwsKey>> {
    let items = node.one_or_more();
    if items.len() > CLIENT_KEYS_MAX {
        return check.refuse(node, "more than two keys", "write the one that signs, and one more during a rotation");
    }
    every(items.iter().map(|item| check.signing_key(item)))
}

/// Parameters that every authorization request has besides: never one of ours, nor one that stands for all of them (RFC 9101).
pub(super) fn authorization(table: &Node, check: &mut Check<'_>) -> Option<Vec<(String, String)>> {
    every(table.entries_of("authorization").iter().map(|(name, node)| parameter(name, node, check)))
}

fn parameter(name: &str, node: &Node, check: &mut Check<'_>) -> Option<(String, String)> {
    let own = OURS.iter().find(|(ours, _)| name.eq_ignore_ascii_case(ours));
    if let Some((_, fix)) = own {
        return check.refuse(node, "a parameter of the gateway's own, which is never replaced", *fix);
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~:/".contains(&byte)) {
        return check.refuse(node, "not the name of a parameter", "write letters, digits and -_.~:/");
    }
    let value = node.as_text()?;
    if name.eq_ignore_ascii_case("prompt") && value.split(' ').any(|word| word == "none") {
        return check.refuse(node, "with \"none\" nobody could ever sign in", "write \"login\" or \"select_account\"");
    }
    Some((name.to_owned(), value.to_owned()))
}

/// Reads `metadata`.
pub(super) fn endpoints(table: &Node, check: &mut Check<'_>) -> Option<NamedEndpoints> {
    let Some(table) = table.child("metadata") else { return Some(NamedEndpoints::default()) };
    let fix = "write the whole address of the endpoint: https://…";
    let mut read = |name| table.optional(name, |node| check.whole_url(node, fix));
    let (document, authorization, token) = (read("document"), read("authorization_endpoint"), read("token_endpoint"));
    let (keys, userinfo, end_session) = (read("jwks_uri"), read("userinfo_endpoint"), read("end_session_endpoint"));
    Some(NamedEndpoints {
        document: document?,
        authorization: authorization?,
        token: token?,
        keys: keys?,
        userinfo: userinfo?,
        end_session: end_session?,
    })
}

/// What a sign-in stands on, and where else it is said.
const OURS: [(&str, &str); 11] = [
    ("response_type", "leave it out"),
    ("response_mode", "write response_mode in the table above"),
    ("client_id", "write client_id in the table above"),
    ("redirect_uri", "leave it out"),
    ("scope", "write scopes in the table above"),
    ("state", "leave it out"),
    ("nonce", "leave it out"),
    ("code_challenge", "leave it out"),
    ("code_challenge_method", "leave it out"),
    ("request", "leave it out"),
    ("request_uri", "leave it out"),
];
