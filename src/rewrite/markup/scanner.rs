//! Tags, and what else is markup, out of the bytes of a page (HTML 13.2.5; XML 1.0 for pages that are XML).

use std::ops::Range;

use memchr::memchr;

use super::{
    declaration::Declaration,
    long_names::LongNames,
    name::{MarkupName, NameCase},
    quirks::is_quirky,
    raw::{Raw, RawFound},
    syntax::{BYTE_ORDER_MARK, Syntax},
    token::{Attribute, Token},
    whole::{WholeAttribute, WholeName, ends_attribute_name, ends_name, ends_unquoted, is_space},
};
use crate::limits::TOKEN_BYTES_MAX;

/// Reads a page; it keeps no byte of it.
#[derive(Debug)]
pub(in crate::rewrite) struct Scanner {
    is_xml: bool,
    state: ScanState,
    /// How far the page was read.
    position: usize,
    /// Where the tag or declaration begins.
    tag: usize,
    is_end: bool,
    name: MarkupName,
    /// Where the name of a tag or attribute begins, and an attribute's ends.
    name_at: Range<usize>,
    value_start: usize,
    slash: Option<usize>,
    /// Whether nobody wants the attributes of this tag.
    is_skipping: bool,
    /// Whether the bytes of a token were let go, which is too long.
    is_long: bool,
    has_cdata: bool,
    /// Whether the page had no text yet.
    is_blank: bool,
    long_names: LongNames,
}

#[derive(Debug, Clone, Copy)]
enum ScanState {
    Text,
    /// Behind `<`, and behind `</`
    Open,
    EndOpen,
    TagName,
    BeforeAttribute,
    AttributeName,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
    Raw(Raw),
    Declaration(Declaration),
}

impl Scanner {
    pub(in crate::rewrite) fn new(syntax: Syntax) -> Self {
        Self {
            is_xml: syntax.is_xml(),
            state: ScanState::Text,
            position: 0,
            tag: 0,
            is_end: false,
            name: MarkupName::START,
            name_at: 0..0,
            value_start: 0,
            slash: None,
            is_skipping: false,
            is_long: false,
            has_cdata: false,
            is_blank: !syntax.is_xml(),
            long_names: LongNames::default(),
        }
    }

    /// The next token of the page, of which `data` is a part that begins at `base`; `None` where more of it is needed.
    pub(in crate::rewrite) fn next(&mut self, data: &[u8], base: usize) -> Option<Token> {
        loop {
            let rest = data.get(self.position - base..).filter(|rest| !rest.is_empty())?;
            let token = match self.state {
                ScanState::Text => self.text(rest),
                ScanState::Open | ScanState::EndOpen => self.open(rest[0]),
                ScanState::TagName => self.name(rest, (data, base)),
                ScanState::BeforeAttribute => self.before_attribute(rest),
                ScanState::AttributeName => self.attribute_name(rest),
                ScanState::AfterName => self.after_name(rest),
                ScanState::BeforeValue => self.before_value(rest),
                ScanState::Quoted(quote) => self.quoted(rest, quote),
                ScanState::Unquoted => self.unquoted(rest),
                ScanState::Raw(raw) => self.raw(raw, rest),
                ScanState::Declaration(declaration) => self.declaration(declaration, (data, base)),
            };
            if token.is_some() {
                return token;
            }
        }
    }

    /// Nobody wants the attributes of the tag whose name was the last token.
    pub(in crate::rewrite) const fn skip_attributes(&mut self) {
        self.is_skipping = true;
    }

    /// What follows the tag that was closed last is no markup up to this end tag.
    pub(in crate::rewrite) const fn enter_raw(&mut self, name: MarkupName) {
        self.state = ScanState::Raw(Raw::of(name));
    }

    /// Whether what follows may hold CDATA sections.
    pub(in crate::rewrite) const fn set_cdata(&mut self, has_cdata: bool) {
        self.has_cdata = has_cdata;
    }

    /// Whether the page could end here, and go on with other markup.
    pub(in crate::rewrite) const fn is_between_tags(&self) -> bool {
        matches!(self.state, ScanState::Text | ScanState::Open)
    }

    /// From where on the page's bytes are wanted again. A token that is too long is let go.
    pub(in crate::rewrite) fn wants_from(&mut self) -> usize {
        let start = match &self.state {
            ScanState::Open
            | ScanState::EndOpen
            | ScanState::TagName
            | ScanState::Declaration(Declaration::Start | Declaration::Bogus | Declaration::Doctype(_)) => self.tag,
            ScanState::Declaration(Declaration::Instruction { .. }) if self.tag <= BYTE_ORDER_MARK.len() => self.tag,
            ScanState::Raw(raw) if raw.may_end() => self.tag,
            ScanState::AttributeName
            | ScanState::AfterName
            | ScanState::BeforeValue
            | ScanState::Quoted(_)
            | ScanState::Unquoted
                if !self.is_skipping =>
            {
                self.name_at.start
            }
            ScanState::BeforeAttribute => {
                self.slash.filter(|slash| slash + 1 == self.position).unwrap_or(self.position)
            }
            ScanState::Text
            | ScanState::AttributeName
            | ScanState::AfterName
            | ScanState::BeforeValue
            | ScanState::Quoted(_)
            | ScanState::Unquoted
            | ScanState::Raw(_)
            | ScanState::Declaration(_) => self.position,
        };
        self.is_long = start < self.position && (self.is_long || self.position - start > TOKEN_BYTES_MAX);
        if self.is_long { self.position } else { start }
    }

    fn text(&mut self, rest: &[u8]) -> Option<Token> {
        let at = memchr(b'<', rest);
        let (text, markup) = rest.split_at(at.unwrap_or(rest.len()));
        let token = if self.is_blank { self.first_text(text) } else { None };
        self.position += text.len();
        if markup.is_empty() {
            return token;
        }
        self.tag = self.position;
        if let (None, Some(tag)) = (&token, WholeName::read(markup)) {
            return Some(self.whole_name(&tag, markup));
        }
        self.position += 1;
        self.state = ScanState::Open;
        token
    }

    /// What [`Scanner::open`] and [`Scanner::name`] say of a name that is here, and often the tag is over with it.
    fn whole_name(&mut self, found: &WholeName<'_>, markup: &[u8]) -> Token {
        self.begin_tag(found.is_end);
        self.name = self.named(found.name);
        let end = self.position + found.end;
        let close = (markup[found.end] == b'>').then_some(end + 1);
        self.position = close.unwrap_or(end);
        self.state = if close.is_some() { ScanState::Text } else { ScanState::BeforeAttribute };
        Token::TagName { name: self.name, is_end: self.is_end, start: self.tag, end, close }
    }

    fn first_text(&mut self, text: &[u8]) -> Option<Token> {
        let is_mark = |at: usize, byte: u8| BYTE_ORDER_MARK.get(self.position + at) == Some(&byte);
        let is_blank = |(at, byte): (usize, &u8)| is_space(*byte) || *byte == 0 || is_mark(at, *byte);
        self.is_blank = text.iter().enumerate().all(is_blank);
        (!self.is_blank).then_some(Token::Text)
    }

    const fn begin_tag(&mut self, is_end: bool) {
        (self.is_end, self.name, self.is_skipping, self.slash) = (is_end, MarkupName::START, false, None);
        self.is_long = false;
    }

    fn open(&mut self, byte: u8) -> Option<Token> {
        let is_end = matches!(self.state, ScanState::EndOpen);
        let is_name = byte.is_ascii_alphabetic() || (self.is_xml && (byte >= 0x80 || byte == b'_'));
        let (state, taken) = match byte {
            _ if is_name => (ScanState::TagName, 0),
            b'/' if !is_end => (ScanState::EndOpen, 1),
            b'!' if !is_end => (ScanState::Declaration(Declaration::Start), 1),
            b'?' if !is_end && self.is_xml => (ScanState::Declaration(Declaration::Instruction { has_mark: false }), 1),
            b'>' if is_end => (ScanState::Text, 1),
            _ if is_end || byte == b'?' => (ScanState::Declaration(Declaration::Bogus), 0),
            _ => (ScanState::Text, 0),
        };
        self.state = state;
        self.begin_tag(is_end);
        self.position += taken;
        let is_text = matches!(self.state, ScanState::Text) && byte != b'>' && std::mem::take(&mut self.is_blank);
        is_text.then_some(Token::Text)
    }

    fn name(&mut self, rest: &[u8], (data, base): (&[u8], usize)) -> Option<Token> {
        let length = rest.iter().take_while(|byte| !ends_name(**byte)).count();
        self.name = self.named(&rest[..length]);
        self.position += length;
        if length == rest.len() {
            return None;
        }
        self.state = ScanState::BeforeAttribute;
        if self.name.is_long() {
            let start = (self.tag + 1 + usize::from(self.is_end)).checked_sub(base);
            let bytes = start.and_then(|start| data.get(start..self.position - base));
            self.name = self.long_names.name(bytes, self.is_xml);
        }
        let (start, end) = (self.tag, self.position);
        Some(Token::TagName { name: self.name, is_end: self.is_end, start, end, close: None })
    }

    fn named(&self, bytes: &[u8]) -> MarkupName {
        self.name.with_all(bytes, if self.is_xml { NameCase::EXACT } else { NameCase::LOWER })
    }

    fn before_attribute(&mut self, rest: &[u8]) -> Option<Token> {
        let start = self.position;
        loop {
            let rest = &rest[self.position - start..];
            let spaces = rest.iter().take_while(|byte| is_space(**byte)).count();
            self.position += spaces;
            match rest.get(spaces)? {
                b'/' => {
                    self.slash = Some(self.position);
                    self.position += 1;
                }
                b'>' => {
                    let slash = self.slash.filter(|slash| slash + 1 == self.position);
                    self.position += 1;
                    self.state = ScanState::Text;
                    return Some(Token::Close { end: self.position, slash });
                }
                first => match WholeAttribute::read(&rest[spaces..]) {
                    Some(found) if self.is_skipping => self.position += found.end,
                    Some(found) => return Some(self.whole_attribute(&found, &rest[spaces..])),
                    None => {
                        self.name = MarkupName::START;
                        self.name = self.named(&[*first]);
                        self.name_at = self.position..self.position + 1;
                        self.is_long = false;
                        self.position += 1;
                        self.state = ScanState::AttributeName;
                        return None;
                    }
                },
            }
        }
    }

    /// What the states of an attribute say of one that is here.
    fn whole_attribute(&mut self, found: &WholeAttribute, rest: &[u8]) -> Token {
        let start = self.position;
        self.name = MarkupName::START;
        self.name = self.named(&rest[..found.name_end]);
        self.name_at = start..start + found.name_end;
        self.is_long = false;
        self.position += found.end;
        let value = found.value.clone().map(|value| start + value.start..start + value.end);
        Token::Attribute(Attribute { name: self.name, name_at: self.name_at.clone(), value })
    }

    fn attribute_name(&mut self, rest: &[u8]) -> Option<Token> {
        let length = rest.iter().take_while(|byte| !ends_attribute_name(**byte)).count();
        if !self.is_skipping {
            self.name = self.named(&rest[..length]);
        }
        self.position += length;
        self.name_at.end = self.position;
        if length < rest.len() {
            self.state = ScanState::AfterName;
        }
        None
    }

    fn after_name(&mut self, rest: &[u8]) -> Option<Token> {
        let spaces = rest.iter().take_while(|byte| is_space(**byte)).count();
        self.position += spaces;
        if *rest.get(spaces)? == b'=' {
            self.position += 1;
            self.state = ScanState::BeforeValue;
            return None;
        }
        self.attribute(None)
    }

    fn before_value(&mut self, rest: &[u8]) -> Option<Token> {
        let spaces = rest.iter().take_while(|byte| is_space(**byte)).count();
        self.position += spaces;
        match *rest.get(spaces)? {
            quote @ (b'"' | b'\'') => {
                self.position += 1;
                self.state = ScanState::Quoted(quote);
            }
            b'>' => return self.attribute(Some(self.position..self.position)),
            _ => self.state = ScanState::Unquoted,
        }
        self.value_start = self.position;
        None
    }

    fn quoted(&mut self, rest: &[u8], quote: u8) -> Option<Token> {
        let Some(at) = memchr(quote, rest) else {
            self.position += rest.len();
            return None;
        };
        let end = self.position + at;
        self.position = end + 1;
        self.attribute(Some(self.value_start..end))
    }

    fn unquoted(&mut self, rest: &[u8]) -> Option<Token> {
        let length = rest.iter().take_while(|byte| !ends_unquoted(**byte)).count();
        self.position += length;
        if length == rest.len() {
            return None;
        }
        self.attribute(Some(self.value_start..self.position))
    }

    fn attribute(&mut self, value: Option<Range<usize>>) -> Option<Token> {
        self.state = ScanState::BeforeAttribute;
        let attribute = Attribute { name: self.name, name_at: self.name_at.clone(), value };
        (!self.is_skipping).then_some(Token::Attribute(attribute))
    }

    fn raw(&mut self, mut raw: Raw, rest: &[u8]) -> Option<Token> {
        let (taken, found) = raw.step(rest);
        if let RawFound::Less(at) = found {
            self.tag = self.position + at;
        }
        self.position += taken;
        self.state = ScanState::Raw(raw);
        if found != RawFound::End {
            return None;
        }
        (self.state, self.is_skipping, self.slash) = (ScanState::BeforeAttribute, false, None);
        Some(Token::TagName { name: raw.name(), is_end: true, start: self.tag, end: self.position, close: None })
    }

    fn declaration(&mut self, mut declaration: Declaration, (data, base): (&[u8], usize)) -> Option<Token> {
        let (taken, is_over) = declaration.step(&data[self.position - base..], self.is_xml, self.has_cdata);
        self.position += taken;
        self.state = ScanState::Declaration(declaration);
        if !is_over {
            return None;
        }
        self.state = ScanState::Text;
        let bytes = data.get(self.tag.checked_sub(base)?..self.position - base)?;
        if self.tag <= BYTE_ORDER_MARK.len() && bytes.starts_with(b"<?xml") {
            return Some(Token::XmlDeclaration { at: self.tag..self.position });
        }
        let text = bytes.get(2..bytes.len() - 1).filter(|_| declaration == Declaration::Bogus)?;
        Some(Token::Doctype { is_quirky: is_quirky(text)? })
    }
}
