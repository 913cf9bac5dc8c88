//! Two texts of a file → a unified diff.

use similar::TextDiff;

/// What changed in the file at `path`, as `patch -p0` takes it; empty when nothing did.
#[must_use]
pub fn unified(path: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new)
        .unified_diff()
        .header(path, path)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn a_last_line_without_a_line_break_is_told() {
        assert_eq!(
            unified("a.yaml", "a: 1\nb: 2", "a: 1\nb: 3"),
            "--- a.yaml\n+++ a.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n\\ No newline at end of file\n+b: 3\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("a.yaml", "a: 1\n", "a: 1\n"), "");
    }
}
