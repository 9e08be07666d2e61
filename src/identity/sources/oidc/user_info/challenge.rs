//! The parameters of a challenge (RFC 9110 11.2): what `WWW-Authenticate` says of an error (RFC 6750 3).

/// The value of the first parameter of this name, in any case of letters: a token, or a quoted text without its backslashes.
pub(super) fn parameter(line: &str, name: &str) -> Option<String> {
    let mut rest = line;
    loop {
        // What a quoted text holds is no parameter.
        let end = rest.find(['=', '"'])?;
        let (before, at) = rest.split_at(end);
        let Some(value) = at.strip_prefix('=') else {
            (_, rest) = quoted(&at[1..]);
            continue;
        };
        let found = before.trim_end().rsplit(|c: char| c.is_ascii_whitespace() || c == ',').next().unwrap_or_default();
        let value = value.trim_start();
        let (text, after) = match value.strip_prefix('"') {
            Some(value) => quoted(value),
            None => {
                let (token, after) = value.split_at(value.find([',', ' ', '\t']).unwrap_or(value.len()));
                (token.to_owned(), after)
            }
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(text);
        }
        rest = after;
    }
}

/// A quoted text, of which the first quotation mark is gone, and what follows it (RFC 9110 5.6.4).
fn quoted(text: &str) -> (String, &str) {
    let (mut value, mut characters) = (String::new(), text.char_indices());
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_in_any_order_form_and_case() {
        for line in [
            r#"Bearer error="invalid_token", error_description="it is old""#,
            r#"Bearer error_description="it is old", error=invalid_token"#,
            r#"Bearer realm="error=\"no\", error=no",ERROR = "invalid_token" , Error_Description="it \is old""#,
            r#"Basic realm="r", Bearer error=invalid_token,error_description="it is old",x"#,
        ] {
            let found = ["error", "error_description"].map(|name| parameter(line, name));
            assert_eq!(found, [Some("invalid_token".to_owned()), Some("it is old".to_owned())], "{line}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for line in [
            "",
            "Bearer",
            r#"Bearer realm="error=x""#,
            r#"Bearer realm="open, error=x"#,
            "=",
            "\"",
            "Bearer xerror=x",
            "Negotiate YII==",
        ] {
            assert_eq!(parameter(line, "error"), None, "{line}");
        }
        assert_eq!(parameter("error=", "error").as_deref(), Some(""));
        assert_eq!(parameter("error=\"\\", "error").as_deref(), Some(""));
    }
}
