//! Rust text → tokens with their lines. Comments are gone, literals are opaque. No more of the grammar than the rules need.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// An identifier or keyword.
    Word(String),
    /// `::`
    PathSeparator,
    /// Any other single character.
    Mark(char),
    /// A number, text or character literal, as it is written between its quotes.
    Literal(String),
}

/// A token and the line it starts on, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) token: Token,
    pub(crate) line: usize,
}

impl Placed {
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(found) if found == word)
    }

    pub(crate) fn is_mark(&self, mark: char) -> bool {
        self.token == Token::Mark(mark)
    }

    pub(crate) fn word(&self) -> Option<&str> {
        if let Token::Word(word) = &self.token { Some(word) } else { None }
    }

    pub(crate) fn literal(&self) -> Option<&str> {
        if let Token::Literal(text) = &self.token { Some(text) } else { None }
    }
}

/// All tokens of a file.
pub(crate) fn tokens(text: &str) -> Vec<Placed> {
    let mut reader = Reader { text: text.chars().collect(), at: 0, line: 1 };
    let mut found = Vec::new();
    while let Some(next) = reader.peek(0) {
        let line = reader.line;
        if let Some(token) = reader.token(next) {
            found.push(Placed { token, line });
        }
    }
    found
}

/// The index just behind the bracket that closes the one at `open`; the end of the file if none does.
pub(crate) fn behind_closing(tokens: &[Placed], open: usize) -> usize {
    let mut depth = 0usize;
    for (offset, placed) in tokens[open..].iter().enumerate() {
        match placed.token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Token::Word(_) | Token::PathSeparator | Token::Mark(_) | Token::Literal(_) => {}
        }
        if depth == 0 {
            return open + offset + 1;
        }
    }
    tokens.len()
}

struct Reader {
    text: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn step(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.step();
        }
    }

    fn token(&mut self, next: char) -> Option<Token> {
        match (next, self.peek(1)) {
            ('/', Some('/')) => self.line_comment(),
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => Some(self.quoted('"')),
            ('\'', _) => self.character_or_lifetime(),
            (':', Some(':')) => {
                self.skip(2);
                Some(Token::PathSeparator)
            }
            _ if next.is_whitespace() => {
                self.step();
                None
            }
            _ if next.is_alphabetic() || next == '_' => Some(self.word()),
            _ if next.is_ascii_digit() => Some(self.number()),
            _ => {
                self.step();
                Some(Token::Mark(next))
            }
        }
    }

    fn line_comment(&mut self) -> Option<Token> {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.step();
        }
        None
    }

    fn block_comment(&mut self) -> Option<Token> {
        let mut depth = 0usize;
        while let Some(next) = self.peek(0) {
            match (next, self.peek(1)) {
                ('/', Some('*')) => {
                    depth += 1;
                    self.skip(2);
                }
                ('*', Some('/')) => {
                    depth -= 1;
                    self.skip(2);
                }
                _ => self.step(),
            }
            if depth == 0 {
                break;
            }
        }
        None
    }

    /// What stands between two marks, of which the first comes next; behind a backslash none counts.
    fn quoted(&mut self, mark: char) -> Token {
        self.step();
        let start = self.at;
        while let Some(next) = self.peek(0) {
            if next == mark {
                break;
            }
            self.skip(if next == '\\' { 2 } else { 1 });
        }
        let text = self.since(start);
        self.step();
        Token::Literal(text)
    }

    fn since(&self, start: usize) -> String {
        self.text[start..self.at.min(self.text.len())].iter().collect()
    }

    fn raw_quoted(&mut self) -> Token {
        let hashes = self.text[self.at..].iter().take_while(|c| **c == '#').count();
        self.skip(hashes + 1);
        let start = self.at;
        while let Some(next) = self.peek(0) {
            if next == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                break;
            }
            self.step();
        }
        let text = self.since(start);
        self.skip(hashes + 1);
        Token::Literal(text)
    }

    fn character_or_lifetime(&mut self) -> Option<Token> {
        let is_lifetime = self.peek(1) != Some('\\') && self.peek(2) != Some('\'');
        if is_lifetime {
            self.step();
            return None;
        }
        Some(self.quoted('\''))
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        while self.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.step();
        }
        Token::Literal(self.since(start))
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        while self.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.step();
        }
        let word = self.since(start);
        let is_raw_prefix = matches!(word.as_str(), "r" | "br" | "cr");
        let hashes = self.text[self.at..].iter().take_while(|c| **c == '#').count();
        if is_raw_prefix && self.peek(hashes) == Some('"') {
            return self.raw_quoted();
        }
        if matches!(word.as_str(), "b" | "c") && self.peek(0) == Some('"') {
            return self.quoted('"');
        }
        if word == "r" && hashes == 1 {
            self.step();
            return self.word();
        }
        Token::Word(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).iter().filter_map(|t| t.word().map(str::to_owned)).collect()
    }

    #[test]
    fn comments_and_literals_hold_no_words() {
        let text = "a // b\n/* c /* d */ e */ f \"g \\\" h\" r#\"i \" j\"# b\"k\" 'l' '\\'' m 'n: loop";
        assert_eq!(words(text), ["a", "f", "m", "n", "loop"]);
    }

    #[test]
    fn a_literal_is_what_stands_between_its_quotes() {
        let text = "\"a\\\"b\" r#\"c\"d\"# b\"e\" br\"f\" 'g' b'h' '\\'' 0x1f_u8 \"\" \"open";
        let found: Vec<_> = tokens(text).iter().filter_map(|t| t.literal().map(str::to_owned)).collect();
        assert_eq!(found, ["a\\\"b", "c\"d", "e", "f", "g", "h", "\\'", "0x1f_u8", "", "open"]);
    }

    #[test]
    fn raw_identifiers_are_words() {
        assert_eq!(words("r#type x"), ["type", "x"]);
    }

    #[test]
    fn lines_count_through_literals() {
        let found = tokens("\"a\nb\"\nc");
        assert_eq!(found.last().map(|t| t.line), Some(3));
    }

    #[test]
    fn the_closing_bracket_is_the_matching_one() {
        let found = tokens("{ a ( b ) { } } c");
        assert!(found[behind_closing(&found, 0)].is_word("c"));
    }
}
