//! Why a claim proves neither that a person has what is asked for nor that they lack it.

use serde_json::Value;

use super::likeness::{Folded, FoldedPattern};
use crate::reason::Reason;

/// Why an answer is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    /// Not there.
    #[error("the claim is missing")]
    Missing,
    /// Below something that is no object.
    #[error("the claim is below one that is no object")]
    NoObject,
    /// Null, or an element is.
    #[error("null, or not one value that can be compared")]
    Null,
    /// An object, or an element is.
    #[error("an object, which is not one value")]
    Object,
    /// An element is an array.
    #[error("an array within an array")]
    Nested,
    /// One text that is several values.
    #[error("a text of several values")]
    Several,
    /// A text without a visible character.
    #[error("an empty text")]
    Empty,
    /// Of a type that is not asked for.
    #[error("of another type than what is asked for")]
    Type,
    /// What is asked for in another spelling, or as one word of several.
    #[error("like what is asked for, but not the same (letter case, spelling, `/`, or one of several words)")]
    Like,
    /// The session did not keep the value, but knows that it is of another type, or like what is asked for.
    #[error("a value of another type than what is asked for, or like it, but not the same")]
    LeftOut,
    /// The condition speaks of the verified address, and there is none.
    #[error("there is no verified address ({0})")]
    NoAddress(Reason),
}

impl Doubt {
    /// What is no single value, each with its word: the strongest first.
    pub(super) const KINDS: [(Self, &'static str); 3] =
        [(Self::Object, "object"), (Self::Nested, "array"), (Self::Several, "text")];

    /// Whether the claim has another form than values that can be asked for: no spelling of a rule helps.
    #[must_use]
    pub(crate) const fn is_of_form(self) -> bool {
        match self {
            Self::Object | Self::Nested | Self::Several => true,
            Self::Missing
            | Self::NoObject
            | Self::Null
            | Self::Empty
            | Self::Type
            | Self::Like
            | Self::LeftOut
            | Self::NoAddress(_) => false,
        }
    }

    /// What makes a value no proof of anything that is not found in it, whatever is asked for.
    ///
    /// An array says itself what is one value: there, a comma in a name is part of the name.
    pub(super) fn of_unreadable(value: &Value, is_element: bool) -> Option<Self> {
        match (value, Folded::of(value)) {
            (Value::Object(_), _) => Some(Self::Object),
            (Value::Array(_), _) => Some(Self::Nested),
            (_, None) => Some(Self::Null),
            (_, Some(single)) if single.is_blank() => Some(Self::Empty),
            (_, Some(single)) if !is_element && single.is_several() => Some(Self::Several),
            (_, Some(_)) => None,
        }
    }
}

/// The elements of an array, or the one value.
pub(super) fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            std::slice::from_ref(value)
        }
    }
}

/// In which way a value that does not match is no single one.
pub(super) fn form_of(value: &Value, is_element: bool, patterns: &[FoldedPattern<'_>]) -> Option<Doubt> {
    let is_list = |single: Folded<'_>| patterns.iter().any(|pattern| pattern.is_word_of(&single));
    match Doubt::of_unreadable(value, is_element) {
        Some(doubt) => doubt.is_of_form().then_some(doubt),
        None => (!is_element && Folded::of(value).is_some_and(is_list)).then_some(Doubt::Several),
    }
}
