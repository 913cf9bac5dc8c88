//! The week of an estate, for people: facts in, text or one HTML page out.
//!
//! Takes an [`Agenda`], which has everything that follows from what is declared, and decides only
//! what is shown of it, in which order and in which words. [`Board`] is what both outputs share.

mod board;
mod data;
mod grid;
mod lists;
mod page;
mod text;
mod week;

pub use board::{Board, Shown};
pub use page::page;
pub use text::draw;
pub use week::Week;

#[cfg(doc)]
use crate::facts::Agenda;
