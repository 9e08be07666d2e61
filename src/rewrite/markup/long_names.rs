//! Names of elements that are longer than what a [`MarkupName`] holds: each has a number on its page.

use std::collections::HashMap;

use super::name::MarkupName;
use crate::limits::{ELEMENT_NAME_BYTES_MAX, LONG_NAMES_MAX};

/// The long names of one page.
#[derive(Debug, Default)]
pub(super) struct LongNames {
    known: HashMap<Box<[u8]>, u32>,
    /// How many could not be kept.
    nobody: u32,
}

impl LongNames {
    /// The name that these bytes are. One that cannot be kept is like no other.
    pub(super) fn name(&mut self, bytes: Option<&[u8]>, is_xml: bool) -> MarkupName {
        let Some(bytes) = bytes.filter(|bytes| bytes.len() <= ELEMENT_NAME_BYTES_MAX) else { return self.nobody() };
        let bytes = if is_xml { bytes.to_vec() } else { bytes.to_ascii_lowercase() };
        if let Some(number) = self.known.get(&bytes[..]) {
            return MarkupName::long(*number);
        }
        let Some(number) = u32::try_from(self.known.len()).ok().filter(|_| self.known.len() < LONG_NAMES_MAX) else {
            return self.nobody();
        };
        self.known.insert(bytes.into_boxed_slice(), number);
        MarkupName::long(number)
    }

    const fn nobody(&mut self) -> MarkupName {
        self.nobody = self.nobody.wrapping_add(1);
        MarkupName::nobody(self.nobody)
    }
}
