//! vmlint (crate doc to be written)
pub mod diagnostic;
pub mod source;
pub mod yaml;
