//! `user`, `headers`, `encoding`, `forward_groups`, `trusted_claims` and `assertion` of a `[[site]]`.

use serde_json::json;

use crate::{
    config::{
        Config,
        testing::{SMALL, and, config, of_two, problems, refused, warnings},
    },
    identity::{ClaimPath, Claims, ProviderName},
};

/// The small file with a second site of the same people.
fn and_other_site(lines: &str) -> String {
    let other = "[[site]]\nurl = \"https://hr.example.com\"\nupstream = \"http://10.0.0.6\"\nsign_in = \"corp\"\n";
    format!("{}{other}", and(lines))
}

fn names(config: &Config) -> Vec<String> {
    config.sites[0].identity_headers.names().map(ToString::to_string).collect()
}

#[test]
fn a_site_sends_headers_of_its_own_beside_those_of_the_preset() {
    let text = and("headers = { \"X-Remote-User\" = \"{preferred_username}\", SM_USER = \"{samaccountname}\" }\n");
    let names = names(&config(&text));
    assert_eq!(names[4..], ["x-remote-user", "sm_user"], "an underscore stays one");
    assert_eq!(names[0], "x-forwarded-user");
}

#[test]
fn a_name_that_the_gateway_cannot_have_to_itself_is_refused_with_the_reason() {
    let fix = "write the name of a header that the application reads people from";
    for (name, found) in [
        ("Cookie", "a header that browsers send for the application"),
        ("Authorization", "a header that browsers send for the application"),
        ("Content_Type", "a header that browsers send for the application"),
        ("Connection", "a field of the connection, which ends at the gateway"),
        ("Transfer.Encoding", "a field of the connection, which ends at the gateway"),
        ("Set-Cookie", "a header of answers, not of requests"),
        ("Host", "a header that browsers send for the application"),
        ("SM_*", "not one name: a star stands for many"),
        ("X-Request-Id", "a header that the gateway itself sets, or that says where a request came from"),
        ("X_Forwarded_For", "a header that the gateway itself sets, or that says where a request came from"),
        ("Sigma-Gateway-User", "a header that the gateway itself sets, or that says where a request came from"),
        ("a b", "not a header name"),
        ("", "not a header name"),
    ] {
        let text = and(&format!("headers = {{ \"{name}\" = \"{{sub}}\" }}\n"));
        let found = format!(": {found}; {fix}");
        assert!(problems(&text).iter().any(|problem| problem.ends_with(&found)), "{name}: {:?}", problems(&text));
    }
}

#[test]
fn no_name_has_two_meanings() {
    for (lines, found) in [
        (
            "headers = { \"X-User\" = \"{sub}\", x_user = \"{sub}\" }\n",
            "an application may take it for another one of these",
        ),
        ("headers = { \"X_Forwarded_User\" = \"{sub}\" }\n", "a header of identity_headers"),
        (
            "headers = { SM_USER = \"{sub}\" }\nkeep_headers = [\"sm-user\"]\n",
            "a header of headers or assertion, which no client may bring",
        ),
        (
            "headers = { \"Sigma.Gateway.Assertion\" = \"{sub}\" }\n[site.assertion]\nkeys = { file = \"assertion.key\" }\n",
            "the header of the assertion is among them",
        ),
    ] {
        assert!(problems(&and(lines)).iter().any(|problem| problem.contains(found)), "{:?}", problems(&and(lines)));
    }
    let none = "identity_headers = \"none\"\nheaders = { \"X-Forwarded-User\" = \"{sub}\" }\n";
    assert_eq!(names(&config(&and(none))), ["x-forwarded-user"]);
    let many: Vec<_> = (0..17).map(|number| format!("X-Own-{number} = \"{{sub}}\"")).collect();
    let many = format!("headers = {{ {} }}\n", many.join(", "));
    assert!(problems(&and(&many))[0].contains("more than 16 headers"));
}

#[test]
fn no_header_is_written_that_could_become_two() {
    for text in ["{sub}\\r\\nX-Admin: 1", "{sub}\\n", "\\u0000{sub}", "{sub}\\u0085"] {
        let problems = problems(&and(&format!("headers = {{ SM_USER = \"{text}\" }}\n")));
        let found = "a line break or another control character, which no header says; leave it out";
        assert!(problems[0].ends_with(found), "{problems:?}");
    }
}

#[test]
fn a_header_that_names_people_by_a_claim_that_they_may_choose_is_a_warning() {
    let found = |lines: &str| {
        let chosen = |line: &&String| line.contains("is neither sub nor the verified address");
        warnings(&and(lines)).iter().filter(chosen).count()
    };
    let trusted = "trusted_claims = [\"/preferred_username\", \"samaccountname\"]\n";
    for (lines, count) in [
        ("", 0),
        ("user = \"preferred_username\"\n", 1),
        ("user = \"email\"\n", 0),
        ("user = \"sub\"\n", 0),
        ("headers = { SM_USER = \"{samaccountname}\", \"X-Remote-User\" = \"{preferred_username}\" }\n", 2),
        (
            "headers = { \"X-Remote-User\" = \"{/email}\", \"X-Remote-Groups\" = \"{groups}\", \"X-Fixed\" = \"crm\" }\n",
            0,
        ),
    ] {
        assert_eq!(found(lines), count, "{lines}");
        assert_eq!(found(&format!("{trusted}{lines}")), 0, "{lines}");
    }
    let nothing = warnings(&and("identity_headers = \"none\"\nuser = \"sub\"\n"));
    assert!(nothing.iter().any(|line| line.contains("does nothing: identity_headers")), "{nothing:?}");
    let joined = warnings(&and("headers = { X-Who = \"{sub}-{email}\" }\n"));
    assert!(joined.iter().any(|line| line.contains("joins {sub} and {email}")), "{joined:?}");
}

#[test]
fn what_a_header_reads_is_kept_and_wanted_and_groups_only_as_far_as_rules_name_them() {
    let kept = |config: &Config| {
        let claims = json!({ "groups": ["a", "finance", "b"], "samaccountname": "ann", "region": "emea", "x": 1 });
        let claims: Claims = serde_json::from_value(claims).expect("an object");
        let projection = config.session.projection_of(&ProviderName::parse("corp").unwrap());
        serde_json::to_value(projection.project(&claims)).expect("claims are JSON")
    };
    let named =
        config(&and("user = \"samaccountname\"\nheaders = { X-Region = \"{region}\", X-Groups = \"{groups}\" }\n"));
    assert_eq!(kept(&named), json!({ "groups": ["finance"], "samaccountname": "ann", "region": "emea" }));
    let all = config(&and("forward_groups = \"all\"\n"));
    assert_eq!(kept(&all), json!({ "groups": ["a", "finance", "b"] }));
    let no_header = config(&and("identity_headers = \"none\"\nforward_groups = \"all\"\n"));
    assert_eq!(kept(&no_header), json!({ "groups": ["finance"] }), "nothing would tell them");
}

#[test]
fn every_group_is_kept_of_the_people_of_a_sites_own_providers_alone() {
    let text = of_two("when = { groups = \"finance\" }", "");
    let config = config(&text.replacen("sign_in = \"corp\"", "sign_in = \"corp\"\nforward_groups = \"all\"", 1));
    let groups = ClaimPath::parse("groups").unwrap();
    let kept = |name: &str| {
        let projection = config.session.projection_of(&ProviderName::parse(name).unwrap());
        projection.named_of_every_text(&groups).is_some()
    };
    let sites_of = |name: &str| {
        let name = ProviderName::parse(name).unwrap();
        config
            .sites
            .iter()
            .filter(|site| site.sign_in.contains(&name) && site.identity_headers.forwards_all_groups())
            .count()
    };
    for name in ["corp", "partner"] {
        assert_eq!(kept(name), sites_of(name) > 0, "{name}");
    }
}

#[test]
fn a_site_that_tells_named_groups_tells_no_more_because_another_keeps_all() {
    let config = config(&and_other_site("forward_groups = \"all\"\n"));
    let [crm, hr] = &config.sites[..] else { panic!("two sites") };
    assert!(crm.identity_headers.forwards_all_groups() && !hr.identity_headers.forwards_all_groups());
    for (site, groups) in [(crm, "a,finance"), (hr, "finance")] {
        assert_eq!(told_groups(&site.identity_headers), groups);
        let way = site.forward.as_ref().expect("an upstream");
        assert_eq!(told_groups(&way.identity_headers), groups);
    }
}

fn told_groups(headers: &crate::forward::IdentityHeaders) -> String {
    use crate::{
        forward::Sender,
        identity::{Identity, Visitor, VisitorSource},
        time::UnixSeconds,
    };
    let claims = serde_json::from_value(json!({ "groups": ["a", "finance"] })).expect("an object");
    let (provider, email) = (ProviderName::parse("corp").unwrap(), Err(crate::reason::Reason::EmailMissing));
    let identity = Identity { provider, subject: "7".to_owned(), email, claims };
    let visitor = Visitor { identity, ends_at: UnixSeconds(9), source: VisitorSource::Assertion };
    let sender = Sender { visitor: Some(&visitor), request_id: "id", now: UnixSeconds(1) };
    let line = headers.all(sender).find(|line| line.name == "x-forwarded-groups").expect("the preset has it");
    line.value.expect("there are groups").to_str().unwrap().to_owned()
}

#[test]
fn an_assertion_is_signed_with_the_first_of_its_keys_and_all_are_published() {
    let signer = |lines: &str| {
        config(&and(&format!("[site.assertion]\n{lines}"))).sites[0].identity_headers.assertion().cloned()
    };
    assert!(signer("").is_none());
    let one = signer("keys = { file = \"assertion.key\" }\n").expect("a key");
    assert_eq!(
        (one.header().as_str(), one.key_set()["keys"].as_array().unwrap().len()),
        ("sigma-gateway-assertion", 1)
    );
    let two = "keys = [{ file = \"assertion.key\" }, { file = \"old-assertion.key\" }]\nheader = \"X-Who\"\n";
    let two = signer(two).expect("keys");
    assert_eq!((two.header().as_str(), two.key_set()["keys"].as_array().unwrap().len()), ("x-who", 2));
    assert_eq!(one.key_set()["keys"][0], two.key_set()["keys"][0]);
}

#[test]
fn an_assertion_needs_good_keys_and_a_header_of_its_own() {
    let key = "{ file = \"assertion.key\" }";
    for (lines, found) in [
        ("audience = \"crm\"\n".to_owned(), "missing; nothing signs the assertion"),
        (format!("keys = [{key}, {key}]\n"), "the same key as an earlier one"),
        (format!("keys = [{key}, {key}, {key}, {key}, {key}]\n"), "not 1 to 4 keys"),
        ("keys = { file = \"rsa.key\" }\n".to_owned(), "an RSA key, and assertions are signed with ES256"),
        ("keys = { file = \"session.key\" }\n".to_owned(), "no unencrypted PKCS #8 private key in PEM form"),
        (format!("keys = {key}\nheader = \"Authorization\"\n"), "a header that browsers send for the application"),
        (format!("keys = {key}\naudience = \"\"\n"), "empty"),
    ] {
        let text = and(&format!("[site.assertion]\n{lines}"));
        assert!(problems(&text).iter().any(|problem| problem.contains(found)), "{lines}: {:?}", problems(&text));
    }
    let route = "[[site.route]]\npath = \"/.well-known/sigma-gateway/\"\naccess = \"public\"\n";
    assert!(config(&and(route)).sites.len() == 1, "without an assertion the path is the application's");
    let text = and(&format!("[site.assertion]\nkeys = {key}\n{route}"));
    let found = "inside /.well-known/sigma-gateway, which the gateway answers itself; choose another path, or leave assertion out";
    refused(&text, &format!("gateway.toml:29: site[0].route[0].path: {found}"));
    assert!(SMALL.lines().count() == 25, "the line above follows from it");
}
