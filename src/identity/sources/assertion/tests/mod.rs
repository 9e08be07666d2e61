//! Who lies in front of us is refused, with the name of the lie.
