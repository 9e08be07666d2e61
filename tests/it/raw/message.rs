//! HTTP/1.1 messages read by hand, strictly: a head that could be read in two ways has faults.

/// A message whose head is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The request line or status line.
    pub(crate) start: String,
    /// Names in lower case, values as they are.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body has come to its end.
    pub(crate) is_whole: bool,
    /// What a strict reader does not accept, or another might read differently.
    pub(crate) faults: Vec<String>,
}

/// How a body ends.
enum Framing {
    None,
    Length(usize),
    Chunked,
}

impl Message {
    /// Reads the first message of `bytes`, with how many bytes it took; `None` before the end of its head.
    pub(crate) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let end = find(bytes, b"\r\n\r\n")? + 4;
        let mut message = Self::head(&bytes[..end - 4]);
        let (taken, is_whole) = message.read_body(&bytes[end..]);
        message.is_whole = is_whole;
        Some((message, end + taken))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn lines_of(&self, name: &str) -> usize {
        self.headers.iter().filter(|(other, _)| other == name).count()
    }

    /// The status of a response.
    pub(crate) fn status(&self) -> u16 {
        self.start.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default()
    }

    /// The target of a request.
    pub(crate) fn target(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }

    /// Method and target of a request.
    pub(crate) fn asks(&self) -> &str {
        self.start.rsplit_once(' ').map_or("", |(asks, _)| asks)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn head(bytes: &[u8]) -> Self {
        let text: String = bytes.iter().copied().map(char::from).collect();
        let mut faults = Vec::new();
        let mut lines = text.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        if start.contains(['\r', '\n', '\0', '\t']) || start.split(' ').count() < 3 {
            faults.push(format!("start line {start:?}"));
        }
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap_or_default();
            let is_token = !name.is_empty() && name.chars().all(is_token);
            if !is_token || value.contains(|c: char| c.is_ascii_control() && c != '\t') {
                faults.push(format!("header line {line:?}"));
            }
            headers.push((name.to_ascii_lowercase(), value.trim_matches([' ', '\t']).to_owned()));
        }
        Self { start, headers, body: Vec::new(), is_whole: false, faults }
    }

    fn framing(&mut self) -> Framing {
        let (codings, lengths) = (self.lines_of("transfer-encoding"), self.lines_of("content-length"));
        let (coding, length) = (self.header("transfer-encoding"), self.header("content-length"));
        let is_response_without = self.start.starts_with("HTTP/") && matches!(self.status(), 100..=199 | 204 | 304);
        let framing = match (coding, length) {
            _ if is_response_without => Some(Framing::None),
            (None, None) => Some(Framing::None),
            (Some("chunked"), None) if codings == 1 => Some(Framing::Chunked),
            (None, Some(length)) if lengths == 1 => plain_number(length, 10).map(Framing::Length),
            _ => None,
        };
        let fault = format!("framing {coding:?} {length:?}");
        framing.unwrap_or_else(|| {
            self.faults.push(fault);
            Framing::None
        })
    }

    /// How many bytes the body took, and whether it is whole.
    fn read_body(&mut self, bytes: &[u8]) -> (usize, bool) {
        match self.framing() {
            Framing::None => (0, true),
            Framing::Length(length) => {
                self.body = bytes[..length.min(bytes.len())].to_vec();
                (self.body.len(), self.body.len() == length)
            }
            Framing::Chunked => self.read_chunks(bytes),
        }
    }

    fn read_chunks(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(line) = find(&bytes[at..], b"\r\n") {
            let text = String::from_utf8_lossy(&bytes[at..at + line]).into_owned();
            let Some(size) = plain_number(&text, 16) else {
                self.faults.push(format!("chunk size {text:?}"));
                return (bytes.len(), false);
            };
            let start = at + line + 2;
            let Some(chunk) = bytes.get(start..start + size + 2) else { return (bytes.len(), false) };
            if !chunk.ends_with(b"\r\n") {
                // Also what a trailer section looks like here: the gateway sends none.
                self.faults.push(format!("chunk of {size} bytes ends in {:?}", &chunk[size..]));
                return (bytes.len(), false);
            }
            at = start + size + 2;
            if size == 0 {
                return (at, true);
            }
            self.body.extend_from_slice(&chunk[..size]);
        }
        (bytes.len(), false)
    }
}

/// Every message of `bytes`, in order; the last may be incomplete.
pub(crate) fn messages(bytes: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut rest = bytes;
    while let Some((message, taken)) = Message::read(rest) {
        rest = &rest[taken..];
        messages.push(message);
    }
    messages
}

pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// Digits and nothing else, without zeros that some read as octal.
fn plain_number(text: &str, radix: u32) -> Option<usize> {
    let is_plain = text.chars().all(|c| c.is_digit(radix)) && (text == "0" || !text.starts_with('0'));
    usize::from_str_radix(text, radix).ok().filter(|_| is_plain)
}

/// RFC 9110 5.6.2.
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[test]
fn a_head_that_could_be_read_in_two_ways_has_faults() {
    for bytes in [
        "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
        "GET / HTTP/1.1\r\nA : b\r\n\r\n",
        "GET /\tx HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\na\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 01\r\n\r\na",
    ] {
        assert!(!messages(bytes.as_bytes())[0].faults.is_empty(), "{bytes:?}");
    }
    let good =
        messages(b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
    assert!(good.iter().all(|message| message.faults.is_empty() && message.is_whole), "{good:?}");
    assert_eq!((good[0].text().as_str(), good[1].asks()), ("ab", "GET /b"));
}
