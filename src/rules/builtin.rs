//! The rules that come with the program: every file in `rules/<topic>/`.

/// Path (`<topic>/<id>.yaml`) and text of every built-in rule, in the order of the paths.
pub static FILES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));
