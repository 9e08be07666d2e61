//! Heads over HTTP/2: they are looked through alike however their bytes come, and once is enough.

use crate::request::{FrameWalk, FramesWalked};

/// What a browser sends behind the preface of a connection.
pub fn http2_heads(data: &[u8]) {
    let connection = [PREFACE, data].concat();
    let goes_on = walked(&connection, usize::MAX);
    for at_once in [1, 7] {
        assert_eq!(goes_on, walked(&connection, at_once), "in pieces something else goes on");
    }
    assert_eq!(goes_on, walked(&goes_on, usize::MAX), "what goes on would be replaced again");
    // An empty method of two bytes takes up the room of its name.
    assert!(goes_on.len() <= 5 * connection.len(), "far more goes on than came");
    if !data.contains(&HEADERS) {
        assert_eq!(goes_on, connection, "something is replaced where no head is");
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The type of the frames that begin a head.
const HEADERS: u8 = 1;

/// All that goes on, read in pieces of so many bytes.
fn walked(bytes: &[u8], at_once: usize) -> Vec<u8> {
    let (mut walk, mut held, mut out) = (FrameWalk::new(), Vec::new(), Vec::new());
    for piece in bytes.chunks(at_once.min(bytes.len())) {
        held.extend_from_slice(piece);
        let mut behind = Vec::new();
        let FramesWalked { stay, held_from } = walk.over(&held, &mut behind);
        out.extend_from_slice(&held[..stay]);
        out.append(&mut behind);
        held.drain(..held_from);
    }
    [out, held].concat()
}
