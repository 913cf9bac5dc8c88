//! vmlint (crate doc to be written)
pub mod diagnostic;
pub mod inventory;
pub mod source;
