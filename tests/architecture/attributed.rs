//! How far an attribute reaches: an item, a statement, a field, a variant, an arm, a parameter.
//!
//! Where the text does not tell, too little is taken: what is left is looked at by every rule, what is taken by none.

use crate::tokens::{Placed, Token, behind_closing};

/// Words behind which all up to the next `;` belongs to the item or statement.
const TO_A_SEMICOLON: &[&str] = &["use", "const", "static", "type", "let"];
/// Words of items that end behind their body, or have none and end with `;`.
const TO_A_BODY: &[&str] =
    &["fn", "async", "unsafe", "extern", "mod", "struct", "enum", "union", "trait", "impl", "macro_rules"];
/// Words of expressions that end behind their body and need no `;`.
const BLOCKS: &[&str] = &["if", "match", "for", "while", "loop"];

/// The index behind what an attribute that ends at `at` is about; further attributes belong to it.
pub(crate) fn behind_attributed(tokens: &[Placed], mut at: usize) -> usize {
    while is_mark(tokens, at, '#') && is_mark(tokens, at + 1, '[') {
        at = behind_closing(tokens, at + 1);
    }
    let start = behind_visibility(tokens, at);
    let is_function = is_word(tokens, start, "const")
        && ["fn", "async", "unsafe", "extern"].iter().any(|word| is_word(tokens, start + 1, word));
    let is_union_field = is_word(tokens, start, "union") && is_mark(tokens, start + 1, ':');
    match tokens.get(start).and_then(Placed::word) {
        Some(word) if TO_A_SEMICOLON.contains(&word) && !is_function => behind_semicolon(tokens, start),
        Some(word) if (TO_A_BODY.contains(&word) || is_function) && !is_union_field => behind_body(tokens, start),
        Some(word) if BLOCKS.contains(&word) => behind_blocks(tokens, start),
        None if is_mark(tokens, start, '{') => behind_closing(tokens, start),
        _ if is_mark(tokens, start + 1, '!') && is_mark(tokens, start + 2, '{') => behind_closing(tokens, start + 2),
        _ => behind_part(tokens, start),
    }
}

fn is_mark(tokens: &[Placed], at: usize, mark: char) -> bool {
    tokens.get(at).is_some_and(|token| token.is_mark(mark))
}

fn is_word(tokens: &[Placed], at: usize, word: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.is_word(word))
}

fn is_opening(token: &Placed) -> bool {
    matches!(token.token, Token::Mark('(' | '[' | '{'))
}

fn behind_visibility(tokens: &[Placed], at: usize) -> usize {
    match (is_word(tokens, at, "pub"), is_mark(tokens, at + 1, '(')) {
        (true, true) => behind_closing(tokens, at + 1),
        (true, false) => at + 1,
        (false, _) => at,
    }
}

fn behind_semicolon(tokens: &[Placed], mut at: usize) -> usize {
    while at < tokens.len() && !tokens[at].is_mark(';') {
        at = if is_opening(&tokens[at]) { behind_closing(tokens, at) } else { at + 1 };
    }
    (at + 1).min(tokens.len())
}

fn behind_body(tokens: &[Placed], mut at: usize) -> usize {
    while at < tokens.len() {
        match tokens[at].token {
            Token::Mark(';') => return at + 1,
            Token::Mark('{') => return behind_closing(tokens, at),
            Token::Mark('(' | '[') => at = behind_closing(tokens, at),
            Token::Word(_) | Token::PathSeparator | Token::Mark(_) | Token::Literal(_) => at += 1,
        }
    }
    at
}

/// Behind the body and every `else`; a pattern's braces are followed by `=`.
fn behind_blocks(tokens: &[Placed], start: usize) -> usize {
    let mut at = behind_body(tokens, start);
    while is_word(tokens, at, "else") || is_mark(tokens, at, '=') {
        at = behind_body(tokens, at);
    }
    at
}

/// Behind the `,` or `;` of a field, a variant, an arm, a parameter or an expression, or before the bracket that closes what it is
/// in. An arm may end with its block.
fn behind_part(tokens: &[Placed], mut at: usize) -> usize {
    let mut generics = 0usize;
    while let Some(token) = tokens.get(at) {
        match token.token {
            Token::Mark(')' | ']' | '}') => return at,
            Token::Mark(';') => return at + 1,
            Token::Mark(',') if generics == 0 => return at + 1,
            Token::Mark('<') if opens_generics(&tokens[at - 1]) => generics += 1,
            Token::Mark('>') if tokens[at - 1].is_mark('=') && is_mark(tokens, at + 1, '{') => {
                let end = behind_closing(tokens, at + 1);
                return if is_mark(tokens, end, ',') { end + 1 } else { end };
            }
            Token::Mark('>') if !tokens[at - 1].is_mark('-') && !tokens[at - 1].is_mark('=') => {
                generics = generics.saturating_sub(1);
            }
            Token::Mark('(' | '[' | '{') => {
                at = behind_closing(tokens, at);
                continue;
            }
            Token::Word(_) | Token::PathSeparator | Token::Mark(_) | Token::Literal(_) => {}
        }
        at += 1;
    }
    at
}

/// `<` compares, but behind `::` and a type's name: `Map<`, not `map <` or `MAX <`.
fn opens_generics(before: &Placed) -> bool {
    let is_type =
        |word: &str| word.starts_with(char::is_uppercase) && (word.len() == 1 || word.contains(char::is_lowercase));
    before.token == Token::PathSeparator || before.word().is_some_and(is_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    /// The words that are left of a text, of which the part behind `@` goes.
    fn left(text: &str) -> String {
        let all = tokens(text);
        let attribute = all.iter().position(|token| token.is_mark('@')).unwrap();
        let end = behind_attributed(&all, attribute + 1);
        let left = all[..attribute].iter().chain(&all[end..]);
        left.filter_map(Placed::word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_item_goes_whole_and_the_next_stays() {
        for item in [
            "use x::{y, z};",
            "pub(crate) use x::y;",
            "fn a<T: Into<B>>(x: [u8; 3]) -> u8 where T: C { 1 }",
            "const fn a() {}",
            "const A: X = X { a: 1 };",
            "static A: u8 = if b { 1 } else { 2 };",
            "type A = B<C, D>;",
            "pub struct A;",
            "struct A(u8, u8);",
            "#[derive(B)] struct A { b: u8 }",
            "mod a;",
            "mod a { fn b() {} }",
            "impl A { fn b() {} }",
            "extern crate a;",
            "macro_rules! a { () => {} }",
            "a! { b }",
            "a!(b);",
        ] {
            assert_eq!(left(&format!("@{item} struct Next {{ x: u8 }}")), "struct Next x u8", "{item}");
        }
    }

    #[test]
    fn a_field_or_a_variant_goes_and_its_neighbours_and_the_next_item_stay() {
        for part in [
            "a: u8",
            "pub(crate) a: Map<A, Vec<B>>",
            "a: fn(u8, u8) -> Map<A, B>",
            "#[serde(skip)] a: [u8; 2]",
            "a: <A as B>::C",
            "union: u8",
            "A",
            "A(u8, u8)",
            "A { a: u8, b: u8 }",
            "A = 3",
        ] {
            assert_eq!(
                left(&format!("struct X {{ b: u8, @{part}, c: u8 }} fn f() {{}}")),
                "struct X b u8 c u8 fn f",
                "{part}"
            );
            assert_eq!(left(&format!("struct X {{ b: u8, @{part} }} fn f() {{}}")), "struct X b u8 fn f", "{part}");
        }
    }

    #[test]
    fn an_arm_goes_and_the_next_stays() {
        for arm in [
            "A => 1,",
            "A | B => { 1 }",
            "A => { 1 },",
            "A { a, b } if a < b => f(a, b),",
            "(a, b) => if a { b } else { c },",
            "A::<B, C>::D => return,",
            "_ => X { a, b },",
        ] {
            assert_eq!(left(&format!("match x {{ @{arm} Next => y, }}")), "match x Next y", "{arm}");
        }
    }

    #[test]
    fn a_statement_goes_and_the_next_stays() {
        for statement in [
            "let a = X { b, c };",
            "let Some(a) = b else { return };",
            "a(b, |c, d| c);",
            "a.b().c = d;",
            "a!(b, c);",
            "{ a; b }",
            "if let A { b } = c { d } else if e { f } else { g }",
            "for a in b { c }",
            "match a { B => c, D => e }",
            "loop { a }",
            "unsafe { a }",
            "return a;",
        ] {
            assert_eq!(left(&format!("fn f() {{ @{statement} next(1); }}")), "fn f next", "{statement}");
        }
    }

    #[test]
    fn a_parameter_and_a_value_go_and_what_is_behind_stays() {
        assert_eq!(left("fn f(@a: u8, b: u8) { c }"), "fn f b u8 c");
        assert_eq!(left("fn f(a: u8, @b: Map<A, B>) { c }"), "fn f a u8 c");
        assert_eq!(left("let x = [@a < b, c]; d"), "let x c d");
        assert_eq!(left("let x = X { @a: b < MAX, c: d > e }; f"), "let x X c d e f");
        assert_eq!(left("fn f() { a; @b } fn g() {}"), "fn f a fn g");
    }
}
