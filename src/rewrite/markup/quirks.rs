//! Whether a doctype puts a page into quirks mode, in which a table does not end a paragraph (HTML 13.2.6.4.1).

/// Beginnings of public identifiers, in lower case.
const QUIRKY: &[&str] = &[
    "+//silmaril//",
    "-//as//",
    "-//advasoft",
    "-//ietf//",
    "-//metrius//",
    "-//microsoft//",
    "-//netscape",
    "-//o'reilly",
    "-//sq//",
    "-//softquad",
    "-//spyglass//",
    "-//sun microsystems",
    "-//w3c//dtd html 3",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental",
    "-//w3c//dtd w3 html",
    "-//w3o//",
    "-//webtechs//",
];
/// These only without a system identifier.
const QUIRKY_ALONE: &[&str] = &["-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"];
const QUIRKY_WHOLE: &[&str] = &["-//w3o//dtd w3 html strict 3.0//en//", "-/w3c/dtd html 4.0 transitional/en", "html"];
const QUIRKY_SYSTEM: &str = "http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd";

/// Of what stands between `<!` and `>`; `None` where it is no doctype.
pub(super) fn is_quirky(declaration: &[u8]) -> Option<bool> {
    let text = String::from_utf8_lossy(declaration).to_ascii_lowercase();
    let rest = text.strip_prefix("doctype")?.trim_ascii_start();
    let (name, rest) = rest.split_at(rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len()));
    let mut quoted = identifiers(rest);
    let is_public = rest.trim_ascii_start().starts_with("public");
    let public = if is_public { quoted.next().unwrap_or_default() } else { "" };
    let system = quoted.next();
    let begins = |list: &[&str]| list.iter().any(|start| public.starts_with(start));
    Some(
        name != "html"
            || begins(QUIRKY)
            || (system.is_none() && begins(QUIRKY_ALONE))
            || QUIRKY_WHOLE.contains(&public)
            || system == Some(QUIRKY_SYSTEM),
    )
}

fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(['"', '\''])?;
        let quote = char::from(rest.as_bytes()[start]);
        let (identifier, after) = rest[start + 1..].split_once(quote)?;
        rest = after;
        Some(identifier)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_doctypes_are_quirky_and_others_not() {
        for (declaration, expected) in [
            ("doctype html", Some(false)),
            (
                "DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\"",
                Some(false),
            ),
            ("DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01 Transitional//EN'", Some(true)),
            ("DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01 Transitional//EN' 'x'", Some(false)),
            ("DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.0 Transitional//EN' 'x'", Some(true)),
            ("DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"x\"", Some(false)),
            ("DOCTYPE html SYSTEM 'about:legacy-compat'", Some(false)),
            ("DOCTYPE wml", Some(true)),
            ("DOCTYPE", Some(true)),
            ("[if !IE]", None),
        ] {
            assert_eq!(is_quirky(declaration.as_bytes()), expected, "{declaration}");
        }
    }
}
