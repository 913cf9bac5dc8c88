//! The command line as users see it: the console sessions in `tests/cmd/`, run with the real
//! binary. `TRYCMD=overwrite cargo test --test cli` rewrites them.

#[test]
fn sessions() {
    trycmd::TestCases::new()
        .env("LC_ALL", "C.UTF-8")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .case("tests/cmd/*.trycmd");
}
