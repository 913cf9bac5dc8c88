//! Rules.

pub mod expr;
#[cfg(test)]
mod mock;
