//! Whom a verified assertion names: the address that the vendor vouches for, and nothing that a program could say.

use serde_json::{Value, json};

use super::{AssertionDraft, AssertionFault, Preset, presets};
use crate::{
    identity::{ClaimPath, Identity, Keep, Outsiders, Projection},
    reason::Reason,
};

fn identity(draft: &AssertionDraft) -> Identity {
    let mut projection = Projection::default();
    for path in ["email", "groups", "/gcip/groups", "email_verified"] {
        projection.keep(ClaimPath::parse(path).unwrap(), Keep::Whole);
    }
    let verified = draft.verdict().unwrap().unwrap();
    draft.settings.identity(&verified, &projection).unwrap()
}

fn address(draft: &AssertionDraft) -> Result<String, Reason> {
    identity(draft).email.map(|email| email.as_str().to_owned())
}

#[test]
fn each_preset_names_a_person_with_a_verified_address() {
    for preset in presets() {
        let draft = AssertionDraft::of(preset.clone());
        let person = identity(&draft);
        assert_eq!(person.provider.as_str(), "front");
        assert_eq!(json!(person.subject), draft.claims["sub"]);
        assert_eq!(address(&draft).as_deref(), Ok("ann@example.com"), "{}", preset.name());
        assert_eq!(person.claims.0.get("email"), Some(&json!("ann@example.com")), "{}", preset.name());
    }
}

/// Cognito's way through a load balancer; nobody else's text is a flag.
#[test]
fn a_text_is_a_flag_of_a_load_balancer_alone() {
    let alb = presets().remove(0);
    let of = |preset: &Preset, flag: Value| {
        let mut draft = AssertionDraft::of(preset.clone());
        draft.claims["email_verified"] = flag;
        address(&draft).is_ok()
    };
    for (flag, is_one) in
        [(json!("true"), true), (json!(true), true), (json!("TRUE"), false), (json!("false"), false), (json!(1), false)]
    {
        assert_eq!(of(&alb, flag.clone()), is_one, "{flag}");
    }
    assert!(!of(&Preset::Custom, json!("true")));
    let mut draft = AssertionDraft::of(alb);
    draft.settings.source.outsiders = Outsiders::NoEmbed;
    draft.claims["email_verified"] = json!("false");
    assert_eq!(identity(&draft).claims.0["email_verified"], json!(false), "for rules too");
}

#[test]
fn an_address_of_identity_platform_is_the_one_that_its_flag_speaks_of() {
    let mut draft = AssertionDraft::of(super::super::testing::external());
    draft.claims["gcip"]["email_verified"] = json!(false);
    assert_eq!(address(&draft), Err(Reason::EmailUnverified));
    draft.claims["gcip"]["email_verified"] = json!("true");
    assert_eq!(address(&draft), Err(Reason::EmailUnverified));
    draft.claims["gcip"].as_object_mut().unwrap().remove("email");
    assert_eq!(address(&draft), Err(Reason::EmailMissing), "the one around it has a prefix, and is none");
}

#[test]
fn every_fault_has_its_reason_and_two_of_them_may_be_a_rotation() {
    for (fault, reason, may_be_rotation) in [
        (AssertionFault::Malformed, "assertion_malformed", false),
        (AssertionFault::Issuer, "assertion_iss", false),
        (AssertionFault::Audience, "assertion_aud", false),
        (AssertionFault::Signer, "assertion_signer", false),
        (AssertionFault::Kind, "assertion_type", false),
        (AssertionFault::Algorithm, "assertion_alg", false),
        (AssertionFault::UnknownKey, "assertion_key", true),
        (AssertionFault::AmbiguousKey, "assertion_key", false),
        (AssertionFault::Signature, "assertion_signature", true),
        (AssertionFault::Time, "assertion_time", false),
        (AssertionFault::Subject, "assertion_sub", false),
    ] {
        let error = fault.with("x");
        assert_eq!((error.reason().as_str(), error.may_be_rotation()), (reason, may_be_rotation));
        assert!(error.to_string().ends_with(": x"));
    }
}

#[test]
fn what_is_told_of_a_refused_assertion_is_of_the_protocol_and_not_of_the_person() {
    let mut draft = AssertionDraft::of(Preset::CloudflareAccess);
    draft.claims["email"] = json!("marker@example.com");
    draft.claims["sub"] = json!("marker\n");
    let error = draft.verdict().unwrap_err();
    assert!(!error.to_string().contains("marker"), "{error}");
    draft.claims["sub"] = json!("marker");
    let verified = draft.verdict().unwrap().unwrap();
    assert!(!format!("{verified:?}").contains("marker"));
}
