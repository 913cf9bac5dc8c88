//! Rules: files that say what is wrong with an estate, and what comes of holding them against one.
//!
//! [`load`] reads a rule file, [`compile`] checks it against the vocabulary, [`evaluate`] makes
//! findings. What this is not: it derives no facts, and which rules run at which level, and which
//! findings are shown, is decided elsewhere.

mod batch;
pub mod builtin;
pub mod compile;
pub mod evaluate;
pub mod examples;
pub mod expr;
mod fix;
pub mod guide;
mod later;
mod library;
pub mod load;
#[cfg(test)]
mod mock;
pub mod path;
pub(crate) mod read;
pub mod schema;
mod set;
pub mod template;
#[cfg(test)]
mod tests;
pub mod topics;

pub use batch::RuleOutcome;
pub use compile::RuleMutation;
pub use load::{INVALID_RULE, Rule};
pub use set::{InvalidRules, RuleSet};
