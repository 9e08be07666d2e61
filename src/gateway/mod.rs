//! IO: one request through all stages.
