//! A file against the table of keys: shapes, defaults, the reference file.

mod reference;
mod shapes;
