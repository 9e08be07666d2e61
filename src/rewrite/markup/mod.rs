//! A page's markup, read as browsers read it while it streams: tags with their places, and which elements are open.
//!
//! In: bytes, in any pieces. Out: [`Token`]s with places in the page, and what of them is open ([`OpenElements`]). Always: a
//! bounded memory, whatever the page has; no byte is changed here, and none is kept that nobody asks for. What is not known
//! while a page streams ([decision 0026](../../../docs/decisions/0026-pages-are-read-by-a-scanner-of-our-own.md)): where a
//! browser moves what it finds in the wrong place.

mod declaration;
mod element;
pub(super) mod entities;
mod long_names;
mod name;
mod open_elements;
mod page_mode;
mod quirks;
mod raw;
mod scanner;
mod scopes;
mod stack;
mod subset;
mod syntax;
mod token;
mod whole;

pub(super) use declaration::{declaration_end, is_page_end};
pub(super) use element::{Space, StartTag};
pub(super) use name::{MarkupName, names};
pub(super) use open_elements::OpenElements;
pub(super) use scanner::Scanner;
#[cfg(test)]
pub(super) use stack::LOOKS;
pub(super) use syntax::BYTE_ORDER_MARK;
pub(crate) use syntax::Syntax;
pub(super) use token::{Attribute, Token};
