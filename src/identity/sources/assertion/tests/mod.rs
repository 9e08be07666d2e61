//! Who lies in front of us is refused, with the name of the lie: what every preset refuses, and then each of them.

mod lies;
mod persons;
mod presets;

use serde_json::{Value, json};

use super::{
    AssertionFault, Preset,
    testing::{AssertionDraft, presets},
};

/// Changes one thing of a good assertion.
type Change = fn(&mut AssertionDraft);

/// A lie: what is changed, and as what it is refused.
type Lie = (&'static str, Change, AssertionFault);

/// Holds that a preset refuses each of these lies as what it is.
fn refuses(preset: &Preset, lies: &[Lie]) {
    for (about, change, fault) in lies {
        let mut draft = AssertionDraft::of(preset.clone());
        change(&mut draft);
        let found = draft.verdict().map(|_| ()).map_err(|error| error.fault);
        assert_eq!(found, Err(*fault), "{}: {about}", preset.name());
    }
}

fn set(draft: &mut AssertionDraft, name: &str, value: Value) {
    draft.claims[name] = value;
}

fn merge(draft: &mut AssertionDraft, claims: Value) {
    let Value::Object(claims) = claims else { return };
    claims.into_iter().for_each(|(name, value)| set(draft, &name, value));
}

fn set_header(draft: &mut AssertionDraft, name: &str, value: Value) {
    draft.header[name] = value;
}

fn remove(members: &mut Value, name: &str) {
    members.as_object_mut().unwrap().remove(name);
}

#[test]
fn a_good_assertion_of_each_preset_gives_its_claims_and_its_end() {
    for preset in presets() {
        let draft = AssertionDraft::of(preset.clone());
        let verified = draft.verdict().unwrap().unwrap();
        let name = preset.name();
        assert_eq!(Value::Object(verified.claims().0.clone()), draft.claims, "{name}");
        assert_eq!(json!(verified.subject()), draft.claims["sub"], "{name}");
        let end = draft.claims["exp"].as_u64().unwrap() + 30;
        assert_eq!(verified.ends_at().0, end, "{name}: the moment from which it is refused");
    }
}
