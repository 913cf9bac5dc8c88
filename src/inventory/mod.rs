//! What an estate is made of.

pub mod processors;
