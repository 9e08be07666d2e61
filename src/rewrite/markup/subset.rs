//! A doctype of XML, with its internal subset (XML 1.0 2.8): what it declares may hold any text in quotes, comments and instructions.

/// Where in it the scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct XmlDoctype {
    is_in_subset: bool,
    place: SubsetPlace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum SubsetPlace {
    #[default]
    Between,
    Quoted(u8),
    /// Behind `<`, `<!` and `<!-`
    Less,
    Mark,
    Dash,
    /// In a comment, behind so many dashes
    Comment(u8),
    Instruction {
        has_mark: bool,
    },
}

impl XmlDoctype {
    /// Takes a byte; says whether it is over.
    pub(super) const fn step(&mut self, byte: u8) -> bool {
        use SubsetPlace as P;
        let next = match (self.place, byte) {
            (P::Quoted(quote), _) if quote == byte => P::Between,
            (P::Quoted(quote), _) => P::Quoted(quote),
            (P::Less, b'!') => P::Mark,
            (P::Less, b'?') => P::Instruction { has_mark: false },
            (P::Mark, b'-') => P::Dash,
            (P::Comment(0), b'-') => P::Comment(1),
            (P::Comment(1 | 2), b'-') => P::Comment(2),
            (P::Comment(2) | P::Instruction { has_mark: true }, b'>') => P::Between,
            (P::Dash, b'-') | (P::Comment(_), _) => P::Comment(0),
            (P::Instruction { .. }, _) => P::Instruction { has_mark: byte == b'?' },
            (P::Between | P::Less | P::Mark | P::Dash, b'>') if !self.is_in_subset => return true,
            (P::Between | P::Less | P::Mark | P::Dash, _) => self.between(byte),
        };
        self.place = next;
        false
    }

    const fn between(&mut self, byte: u8) -> SubsetPlace {
        match byte {
            b'"' | b'\'' => return SubsetPlace::Quoted(byte),
            b'<' => return SubsetPlace::Less,
            b'[' => self.is_in_subset = true,
            b']' => self.is_in_subset = false,
            _ => {}
        }
        SubsetPlace::Between
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doctype_ends_where_xml_ends_it() {
        for doctype in [
            " html>",
            " html SYSTEM \"a>b\">",
            " html [<!ENTITY x \"]\"> <!ENTITY y \"<iframe>\">]>",
            " html [<!-- ]> ' --> ]>",
            " html [<!-- --- ]> \" -->]>",
            " html [<?x ]> ' ??>] >",
            " html PUBLIC '[' \"'\" [%x; <!ELEMENT a (b)>\n]\n>",
            " html [<!ATTLIST a b CDATA ']>'>]>",
        ] {
            for rest in ["", "]>", "<x>", "'"] {
                let mut place = XmlDoctype::default();
                let text = format!("{doctype}{rest}");
                let end = text.bytes().position(|byte| place.step(byte));
                assert_eq!(end, Some(doctype.len() - 1), "{text}");
            }
        }
    }
}
