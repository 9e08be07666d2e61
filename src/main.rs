//! The `sigma-gateway` program.

fn main() {}
