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
    let Some((public, system)) = identifiers(rest) else { return Some(true) };
    let begins = |list: &[&str]| list.iter().any(|start| public.starts_with(start));
    Some(
        name != "html"
            || begins(QUIRKY)
            || (system.is_none() && begins(QUIRKY_ALONE))
            || QUIRKY_WHOLE.contains(&public)
            || system == Some(QUIRKY_SYSTEM),
    )
}

/// The public and the system identifier; `None` where what stands there is broken, which is quirky (13.2.5.56 to 13.2.5.67).
fn identifiers(text: &str) -> Option<(&str, Option<&str>)> {
    let rest = text.trim_ascii_start();
    if rest.is_empty() {
        return Some(("", None));
    }
    let (public, rest) = match rest.strip_prefix("public") {
        Some(rest) => quoted(rest.trim_ascii_start())?,
        None => ("", rest.strip_prefix("system")?),
    };
    let rest = rest.trim_ascii_start();
    let is_alone = rest.is_empty() && text.trim_ascii_start().starts_with("public");
    Some((public, if is_alone { None } else { Some(quoted(rest)?.0) }))
}

/// What the quotes hold with which the text begins, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    text[1..].split_once(quote)
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
            ("DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN", Some(true)),
            ("DOCTYPE html PUBLIC", Some(true)),
            ("DOCTYPE html SYSTEM", Some(true)),
            ("DOCTYPE html x", Some(true)),
            ("DOCTYPE html SYSTEM'about:legacy-compat'x", Some(false)),
            ("[if !IE]", None),
        ] {
            assert_eq!(is_quirky(declaration.as_bytes()), expected, "{declaration}");
        }
    }
}
