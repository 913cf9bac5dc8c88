//! vmlint (crate doc to be written)
pub mod diagnostic;
pub mod facts;
pub mod formats;
pub mod inventory;
pub mod model;
pub mod schedule;
pub mod source;
pub mod yaml;
