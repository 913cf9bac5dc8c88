//! vmlint (crate doc to be written)
pub mod diagnostic;
pub mod report;
pub mod source;
