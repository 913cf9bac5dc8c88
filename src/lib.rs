//! vmlint (crate doc to be written)
pub mod diagnostic;
pub mod model;
pub mod rules;
pub mod source;
pub mod yaml;
