//! What a browser sends over HTTP/2, looked through ahead of `h2`: a head with a field that it cannot read would end the whole connection.
//!
//! In: bytes as they come. Out: the same, or frames in place of such a head, which admission refuses.

mod field_block;
mod frame_walk;
mod head_frames;
mod hpack;

pub(crate) use frame_walk::{FrameWalk, FramesWalked};
