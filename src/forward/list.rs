//! Lists in header values (RFC 9110 5.6.1), whose elements may have commas in quotes.

/// The elements of a list, commas in quotes apart; `None` where a quote does not end.
pub(super) fn elements(line: &[u8]) -> Option<Vec<&[u8]>> {
    let (mut elements, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in line.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => {
                elements.push(line[start..at].trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
    }
    elements.push(line[start..].trim_ascii());
    elements.retain(|element| !element.is_empty());
    (!is_quoted).then_some(elements)
}
