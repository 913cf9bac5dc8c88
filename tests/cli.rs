//! The command line as users see it: the console sessions in `tests/cmd/`, run with the real
//! binary. `TRYCMD=overwrite cargo test --test cli` rewrites them.

#[test]
fn sessions() {
    trycmd::TestCases::new()
        .env("LC_ALL", "C.UTF-8")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        // Wherever the tests run, the sessions do not.
        .env("GITHUB_ACTIONS", "")
        .env("TF_BUILD", "")
        .case("tests/cmd/*.trycmd");
}
