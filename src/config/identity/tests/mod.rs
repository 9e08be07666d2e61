//! Who vouches for people.

mod assertions;
mod clients;
mod identities;
mod sessions;
