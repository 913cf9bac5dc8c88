//! The vmlint binary.
fn main() {}
