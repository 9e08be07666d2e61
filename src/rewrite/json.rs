//! Sigma URLs inside a JSON answer: bytes are patched in place, so duplicates, spaces and number spellings stay.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Change, JsonPath, SlotFiller, SlotKind, Wanted, json_path::PathStep};

/// The patched document and what that does to the head; `Ok(None)` where no value is a Sigma URL of the site.
///
/// # Errors
/// Where the bytes are not JSON.
pub(crate) fn rewrite_json(
    bytes: &[u8],
    paths: &[&JsonPath],
    filler: &mut impl SlotFiller,
) -> Result<Option<(Vec<u8>, Change)>, serde_json::Error> {
    serde_json::from_slice::<IgnoredAny>(bytes)?;
    let root: &RawValue = serde_json::from_slice(bytes)?;
    let mut places = Vec::new();
    for path in paths {
        choose(root, path.steps(), &mut places)?;
    }
    // Two paths may choose one value: it is patched, and minted for, once.
    places.sort_by_key(|place| address(place));
    places.dedup_by_key(|place| address(place));
    Ok(patch(bytes, &places, filler))
}

fn patch(bytes: &[u8], places: &[&RawValue], filler: &mut impl SlotFiller) -> Option<(Vec<u8>, Change)> {
    let mut patched = Vec::new();
    let mut copied = 0;
    let mut change = None;
    for place in places {
        let Some((url, done)) = replacement(place, filler) else { continue };
        let start = address(place) - bytes.as_ptr() as usize;
        patched.extend_from_slice(&bytes[copied..start]);
        patched.extend_from_slice(url.as_bytes());
        copied = start + place.get().len();
        change = change.max(Some(done));
    }
    patched.extend_from_slice(&bytes[copied..]);
    change.map(|change| (patched, change))
}

/// The JSON string that takes the place of a value, if the value is a Sigma URL.
fn replacement(place: &RawValue, filler: &mut impl SlotFiller) -> Option<(String, Change)> {
    let url: String = serde_json::from_str(place.get()).ok()?;
    let filled =
        filler.fill(&Wanted { kind: SlotKind::Json, embed: None, url: Some(&url), controls: &[], frames: None })?;
    let (url, change) = match &filled.signed {
        Some(signed) => (signed.expose().to_owned(), Change::Signed),
        None => (format!("{}{}", filler.landmarks().site_origin, filled.link), Change::Links),
    };
    Some((serde_json::Value::from(url).to_string(), change))
}

/// Where a value starts: it is borrowed from the document, so the address tells its offset.
fn address(place: &RawValue) -> usize {
    place.get().as_ptr() as usize
}

/// Adds the values that the steps lead to.
fn choose<'v>(
    value: &'v RawValue,
    steps: &[PathStep],
    places: &mut Vec<&'v RawValue>,
) -> Result<(), serde_json::Error> {
    let Some((step, rest)) = steps.split_first() else {
        places.push(value);
        return Ok(());
    };
    let children = match (value.get().as_bytes().first(), step) {
        (Some(b'{'), PathStep::Name(_) | PathStep::Wildcard) => serde_json::from_str::<Members<'v>>(value.get())?.0,
        (Some(b'['), PathStep::Index(_) | PathStep::Wildcard) => {
            let items: Vec<&RawValue> = serde_json::from_str(value.get())?;
            items.into_iter().map(|item| (Cow::Borrowed(""), item)).collect()
        }
        _ => return Ok(()),
    };
    for (index, (name, child)) in children.iter().enumerate() {
        let is_chosen = match step {
            PathStep::Name(wanted) => name == wanted,
            PathStep::Index(wanted) => index == *wanted,
            PathStep::Wildcard => true,
        };
        if is_chosen {
            choose(child, rest, places)?;
        }
    }
    Ok(())
}

/// The members of an object in order, duplicates kept: which of them a program reads is its own choice.
struct Members<'v>(Vec<(Cow<'v, str>, &'v RawValue)>);

/// A member name, borrowed where it has no escape.
#[derive(Deserialize)]
struct MemberName<'v>(#[serde(borrow)] Cow<'v, str>);

impl<'v> Deserialize<'v> for Members<'v> {
    fn deserialize<D: Deserializer<'v>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'v> Visitor<'v> for MembersVisitor {
    type Value = Members<'v>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'v>>(self, mut map: A) -> Result<Members<'v>, A::Error> {
        let mut members = Vec::new();
        while let Some((MemberName(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Members(members))
    }

    fn visit_seq<A: SeqAccess<'v>>(self, _: A) -> Result<Members<'v>, A::Error> {
        Err(serde::de::Error::custom("expected an object"))
    }
}
