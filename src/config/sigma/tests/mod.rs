//! What Sigma shows, and to whom.

mod embeds;
mod mappings;
mod organizations;
