//! vmlint (crate doc to be written)
pub mod diagnostic;
pub mod schedule;
pub mod source;
