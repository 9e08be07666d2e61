//! `[identity.NAME]`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    assertion::assertion,
    client,
    keys_of_types::refuse_foreign,
    source::{self, AddressRules},
};
use crate::{
    config::{
        file::{
            Node,
            choices::{RESPONSE_MODE, SIGN_OUT, SIGN_OUT_METHOD, SOURCE_TYPE, SignOutWord, SourceType, USERINFO},
        },
        reading::{Check, certificates::roots},
    },
    identity::{OidcSettings, ProviderName, SignOutForm, Source, WantedClaims},
    proxy::OutboundProxy,
};

/// Reads every `[identity.NAME]`.
pub(in crate::config) fn providers(
    root: &Node,
    proxy: Option<&OutboundProxy>,
    check: &mut Check<'_>,
) -> BTreeMap<ProviderName, Source> {
    let tables = root.entries_of("identity");
    let read = tables.iter().filter_map(|(name, table)| one(name, table, proxy, check));
    read.map(|source| (source.settings().name.clone(), source)).collect()
}

/// The names of the tables whose people come through a proxy in front, also of faulty ones.
pub(in crate::config) fn attached_names(root: &Node) -> BTreeSet<&str> {
    let tables = root.entries_of("identity");
    let is_attached = |table: &Node| SOURCE_TYPE.read(table, "type").is_some_and(|of| of != SourceType::Oidc);
    tables.iter().filter(|(_, table)| is_attached(table)).map(|(name, _)| name.as_str()).collect()
}

fn one(name: &str, table: &Node, proxy: Option<&OutboundProxy>, check: &mut Check<'_>) -> Option<Source> {
    // A table without a type has told so; the rest of it is read as the usual one.
    let of = SOURCE_TYPE.read(table, "type");
    let is_of_type = of.and_then(|of| refuse_foreign(table, of, check));
    let source = match of {
        None | Some(SourceType::Oidc) => Source::Oidc(Box::new(oidc(name, table, proxy, check)?)),
        Some(of) => Source::Assertion(Arc::new(assertion((name, table, of), proxy, check)?)),
    };
    is_of_type.map(|()| source)
}

fn oidc(name: &str, table: &Node, proxy: Option<&OutboundProxy>, check: &mut Check<'_>) -> Option<OidcSettings> {
    let issuer = source::issuer(table, check);
    let client_id = source::client_id(table, "the gateway", check);
    let audiences = table.child("audiences").map(|node| node.texts().map(|(_, text)| text.to_owned()).collect());
    let credentials = client::credentials(table, check);
    let scopes = table.child("scopes").and_then(|node| scopes(node, check));
    let authorization = client::authorization(table, check);
    let endpoints = client::endpoints(table, check);
    let source = source::source(name, table, &AddressRules::OIDC, check);
    let userinfo = USERINFO.read(table, "userinfo");
    let roots = roots(table, "ca", check);
    let sign_out = sign_out(table, check);
    table.child("type")?;
    Some(OidcSettings {
        source: source?,
        issuer: issuer?,
        client_id: client_id?,
        audiences: audiences?,
        credentials: credentials?,
        scopes: scopes?,
        sign_out: sign_out?,
        authorization: authorization?,
        response_mode: RESPONSE_MODE.read(table, "response_mode")?,
        endpoints: endpoints?,
        userinfo: userinfo?,
        wanted: WantedClaims::default(),
        roots: roots?,
        proxy: proxy.cloned(),
    })
}

fn sign_out(table: &Node, check: &mut Check<'_>) -> Option<SignOutForm> {
    let Some(node) = table.child("sign_out") else {
        return Some(SignOutForm::RpInitiated { url: None, method: None });
    };
    let method = node.optional("method", |node| SIGN_OUT_METHOD.of(node.as_text()?))?;
    let url = node.optional("url", |node| check.protected_url(node))?;
    match (SIGN_OUT.read(node, "form")?, url) {
        (SignOutWord::RpInitiated, url) => Some(SignOutForm::RpInitiated { url, method }),
        (SignOutWord::Cognito, Some(url)) => Some(SignOutForm::Cognito { url }),
        (SignOutWord::Cognito, None) => {
            let fix = r#"write url = "https://YOUR-DOMAIN.auth.REGION.amazoncognito.com/logout""#;
            check.refuse_missing(node, "url", "its documents do not name it", fix.to_owned())
        }
        (SignOutWord::Local, None) => Some(SignOutForm::Local),
        (SignOutWord::Local, Some(_)) => {
            check.refuse(node.child("url")?, "nobody is sent there with form = \"local\"", "remove url, or form")
        }
    }
}

fn scopes(node: &Node, check: &mut Check<'_>) -> Option<Vec<String>> {
    for (item, scope) in node.texts() {
        // RFC 6749 3.3: the characters of a scope.
        if !scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)) {
            return check.refuse(item, "not one scope", "write each scope as a text of its own, without spaces");
        }
    }
    let scopes: Vec<String> = node.texts().map(|(_, scope)| scope.to_owned()).collect();
    if !scopes.iter().any(|scope| scope == "openid") {
        return check.refuse(
            node,
            "the scope \"openid\" is missing",
            r#"write scopes = ["openid", "email", "profile"]"#,
        );
    }
    Some(scopes)
}
