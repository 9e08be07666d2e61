//! `[session]` and `[[revoke]]`.

use crate::{
    config::testing::{and, config, problems, refused, with},
    identity::{ProviderName, Revocation, Revoked},
    time::UnixSeconds,
};

const KEYS: &str = "keys = [{ file = \"session.key\" }]";

#[test]
fn the_age_of_a_session_is_a_duration_in_range() {
    let max_age = |text| with(KEYS, &format!("{KEYS}\nmax_age = \"{text}\""));
    assert_eq!(config(&max_age("1h30m")).session.max_age.as_secs(), 5_400);
    refused(&max_age("0s"), "gateway.toml:5: session.max_age: out of range; write more than 0s and at most 400d");
    refused(
        &max_age("soon"),
        "gateway.toml:5: session.max_age: not a duration; write a duration such as \"8h\", \"90m\", \"30s\" or \"1h30m\"",
    );
}

#[test]
fn a_moment_is_a_text_or_a_toml_date_time_with_an_offset() {
    let not_before = |toml| with(KEYS, &format!("{KEYS}\nnot_before = {toml}"));
    for toml in ["\"2026-11-01T00:00:00Z\"", "2026-11-01T00:00:00Z", "2026-11-01T01:00:00+01:00"] {
        assert_eq!(config(&not_before(toml)).session.not_before, Some(UnixSeconds(1_793_491_200)), "{toml}");
    }
    for toml in ["2026-11-01", "2026-11-01T00:00:00", "\"1960-01-01T00:00:00Z\""] {
        refused(
            &not_before(toml),
            "gateway.toml:5: session.not_before: not a moment from 1970 on; write date, time and Z or an offset, such as \"2026-11-20T12:00:00Z\"",
        );
    }
}

#[test]
fn session_keys_rotate_and_are_random() {
    let keys = |list: &str| with(KEYS, &format!("keys = [{list}]"));
    let one = "{ file = \"session.key\" }";
    assert_eq!(config(&keys(&format!("{{ file = \"other.key\" }}, {one}"))).sites.len(), 1);
    let fix = "make one with `openssl rand -base64 32`";
    refused(
        &keys(&format!("{one}, {one}")),
        "gateway.toml:4: session.keys[1]: the same key as an earlier one; remove it",
    );
    refused(
        &keys("{ file = \"weak.key\" }"),
        &format!("gateway.toml:4: session.keys[0]: session key is not random; {fix}"),
    );
    refused(&keys(""), "gateway.toml:4: session.keys: an empty list; write an array: [{ file = \"…\" }]");
    let found = problems(&keys("{ file = \"short.key\" }"));
    assert!(found[0].starts_with("gateway.toml:4: session.keys[0]: ") && !found[0].contains("hunter2"), "{found:?}");
}

#[test]
fn a_revocation_names_a_person_and_a_moment() {
    let revoke = |email| and(&format!("[[revoke]]\nemail = \"{email}\"\nsigned_in_before = 2026-11-01T00:00:00Z\n"));
    let revocations = config(&revoke("leaver@example.com")).session.revocations;
    let whose = Revoked::Email("leaver@example.com".to_owned());
    assert_eq!(revocations, [Revocation { whose, signed_in_before: UnixSeconds(1_793_491_200) }]);
    refused(
        &revoke("leaver"),
        "gateway.toml:27: revoke[0].email: not an e-mail address; write email = \"person@example.com\"",
    );
    refused(
        &and("[[revoke]]\nemail = \"leaver@example.com\"\n"),
        "gateway.toml:26: revoke[0].signed_in_before: missing; write signed_in_before = \"2026-11-20T12:00:00Z\"",
    );
}

#[test]
fn a_revocation_by_subject_reaches_any_provider_or_the_one_it_names() {
    let revoke = |keys: &str| and(&format!("[[revoke]]\nsigned_in_before = 2026-11-01T00:00:00Z\n{keys}\n"));
    let found = |keys: &str| config(&revoke(keys)).session.revocations[0].whose.clone();
    let subject = |provider: Option<&str>| Revoked::Subject {
        subject: "User-7".to_owned(),
        provider: provider.map(|name| ProviderName::parse(name).unwrap()),
    };
    assert_eq!(found("subject = \"User-7\""), subject(None));
    assert_eq!(found("subject = \"User-7\"\nprovider = \"corp\""), subject(Some("corp")));
    for (keys, problem) in [
        (
            "",
            "26: revoke[0].email: missing; nobody is named; write email = \"person@example.com\", or subject = \"…\" as audit lines have it in `user`",
        ),
        (
            "email = \"a@example.com\"\nsubject = \"7\"",
            "29: revoke[0].subject: email and subject together; write one [[revoke]] for each",
        ),
        (
            "subject = \"a\\tb\"",
            "28: revoke[0].subject: not a text of 1 to 255 bytes; write it as audit lines have it in `user`",
        ),
        (
            "subject = \"7\"\nprovider = \"corq\"",
            "29: revoke[0].provider: there is no [identity.corq]; write the name of an [identity]",
        ),
        (
            "email = \"a@example.com\"\nprovider = \"corp\"",
            "29: revoke[0].provider: an e-mail address is revoked with every provider; remove it, or write subject in place of email",
        ),
    ] {
        refused(&revoke(keys), &format!("gateway.toml:{problem}"));
    }
}

#[test]
fn a_session_is_rechecked_and_ends_idle_only_where_that_is_said_and_within_bounds() {
    let of = |lines: &str| config(&with(KEYS, &format!("{KEYS}\n{lines}"))).session;
    let none = of("");
    assert_eq!((none.recheck, none.idle), (None, None));
    let both = of("recheck = \"15m\"\nidle = \"1m\"");
    assert_eq!([both.recheck, both.idle].map(|time| time.map(|time| time.as_secs())), [Some(900), Some(60)]);
    assert_eq!(of("recheck = \"5s\"").recheck.map(|time| time.as_secs()), Some(5));
    for (line, problem) in [
        ("idle = \"59s\"", "idle: out of range; write 1m to 400d"),
        ("idle = \"401d\"", "idle: out of range; write 1m to 400d"),
        ("recheck = \"401d\"", "recheck: out of range; write 1s to 400d"),
        ("recheck = \"0s\"", "recheck: out of range; write 1s to 400d"),
    ] {
        refused(&with(KEYS, &format!("{KEYS}\n{line}")), &format!("gateway.toml:5: session.{problem}"));
    }
}
