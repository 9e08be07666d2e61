//! What must hold for every input, as functions over bytes: `fuzz/` runs them on made-up ones (`scripts/fuzz`), `cargo test`
//! on the corpora in `fuzz/corpus/`.
//!
//! In: bytes that nobody has looked at. Out: nothing, or a panic that says what did not hold. Each runs the code that ships,
//! by the same calls as the gateway, against one configuration. No part of the program.

mod admit;
mod callback_query;
mod config_text;
mod cookie_line;
mod filler;
mod fixture;
mod head_mender;
mod html;
mod http2_heads;
mod id_token;
mod json_patch;
mod path;
mod proxy_header;
mod sealed_cookie;
mod sigma_url;

#[cfg(test)]
mod replay;

pub use admit::admit;
pub use callback_query::callback_query;
pub use config_text::config_text;
pub use cookie_line::cookie_line;
pub use head_mender::head_mender;
pub use html::html;
pub use http2_heads::http2_heads;
pub use id_token::id_token;
pub use json_patch::json_patch;
pub use path::path;
pub use proxy_header::proxy_header;
pub use sealed_cookie::sealed_cookie;
pub use sigma_url::sigma_url;
