//! The page of `vmlint calendar` in a real browser: headless Chromium draws it, and what it drew is
//! looked at.
//!
//! Where there is no Chromium the tests say so and pass; with `CI` set they fail.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files fails"
)]

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The folder of the project.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The page of an estate, in the week of 2026-12-13.
fn page(estate: &Path, folder: &Path) -> String {
    let file = folder.join("week.html");
    let output = Command::new(env!("CARGO_BIN_EXE_vmlint"))
        .current_dir(root())
        .args(["calendar", "--week", "2026-12-13", "--html"])
        .arg(&file)
        .arg(estate)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    fs::read_to_string(file).unwrap()
}

/// What a browser makes of the page at an address behind `#`: the document without its scripts.
fn drawn(folder: &Path, address: &str) -> Option<String> {
    let browser = browser()?;
    let profile = TempDir::new().unwrap();
    let url = format!("file://{}#{address}", folder.join("week.html").display());
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--virtual-time-budget=5000", "--window-size=1200,900"])
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url)
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .collect();
    assert!(said.is_empty(), "the console says {said:#?}");
    let document = String::from_utf8_lossy(&output.stdout);
    let (document, _) = document
        .split_once("<script id=\"data\"")
        .unwrap_or_else(|| panic!("no document:\n{document}\n{log}"));
    Some(document.to_owned())
}

/// A Chromium that starts.
fn browser() -> Option<&'static str> {
    let starts = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let known = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let found = known.into_iter().find(starts);
    if found.is_none() {
        assert!(
            env::var_os("CI").is_none(),
            "there is no Chromium, and CI is set"
        );
        // Not `eprintln!`, which is swallowed when a test passes.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: there is no Chromium, the page of the calendar was not drawn"
        );
    }
    found
}

/// The names of the rows of the week.
fn rows(document: &str) -> Vec<&str> {
    let rows = document.split("role=\"rowheader\"").skip(1);
    rows.map(|row| {
        let (_, name) = row.split_once("<b>").unwrap();
        name.split_once("</b>").unwrap().0
    })
    .collect()
}

/// How wide the sheet is, in pixels.
fn width(document: &str) -> f64 {
    let (_, sheet) = document.split_once("id=\"sheet\" style=\"width: ").unwrap();
    sheet.split_once("px").unwrap().0.parse().unwrap()
}

fn count(document: &str, what: &str) -> usize {
    document.matches(what).count()
}

#[test]
fn the_week_of_the_example_is_drawn() {
    let folder = TempDir::new().unwrap();
    let estate = root().join("examples/estate");
    let text = page(&estate, folder.path());
    for bad in ["http", "src=", "@import", "url("] {
        assert!(!text.contains(bad), "the page has {bad}");
    }
    assert_eq!(
        text,
        page(&estate, folder.path()),
        "equal input, equal bytes"
    );
    let Some(document) = drawn(folder.path(), "") else {
        return;
    };
    let names = rows(&document);
    assert_eq!(names.len(), 25, "{names:?}");
    // Those that collide come first.
    assert_eq!(&names[..2], ["git01", "erp-app01"]);
    assert_eq!(count(&document, "class=\"row bad\""), 5);
    assert!(count(&document, "class=\"event backup\"") > 150);
    assert_eq!(count(&document, "class=\"event migration\""), 5);
    assert_eq!(count(&document, "class=\"event maintenance\""), 11);
    assert_eq!(
        count(&document, "class=\"event collision\""),
        28 + 4 + 3 + 3
    );
    assert!(document.contains(
        "aria-label=\"Collision. backup `weekly-full` meets maintenance `patch-prod`. \
         Sun 03:00–05:00. "
    ));
    assert!(document.contains("estate/maintenance/patching.yaml:7</span>"));
    // Loads and the matrix.
    assert_eq!(count(&document, "class=\"load bad\""), 2);
    assert_eq!(count(&document, "class=\"step over\""), 2);
    assert!(document.contains("Wed 20:00–21:00: 3 by rebalance-shop"));
    let cells: usize = ["works", "conditional", "unknown", "never"]
        .iter()
        .map(|verdict| count(&document, &format!("<td class=\"{verdict}")))
        .sum();
    assert_eq!(cells, 12 * 11);
    assert_eq!(
        count(&document, "class=\"self\"") + count(&document, "class=\"self first\""),
        12
    );
}

#[test]
fn the_address_filters_zooms_and_chooses_rows() {
    let folder = TempDir::new().unwrap();
    page(&root().join("examples/estate"), folder.path());
    let Some(whole) = drawn(folder.path(), "theme=light") else {
        return;
    };
    let document = drawn(folder.path(), "filter=sql&zoom=6h&at=149&theme=dark").unwrap();
    assert_eq!(rows(&document), ["sql01", "sql02"]);
    assert!(document.contains("data-theme=\"dark\""));
    assert!(width(&document) > 20.0 * width(&whole));
    assert_eq!(
        rows(&drawn(folder.path(), "only=collisions").unwrap()).len(),
        5
    );
    let document = drawn(folder.path(), "by=host&kinds=m").unwrap();
    assert_eq!(count(&document, "class=\"event backup\""), 0);
    assert!(document.contains("class=\"event overload\""));
    assert_eq!(rows(&document).len(), 6);
}

#[test]
fn the_keyboard_reaches_every_event_and_every_pair() {
    const KEYS: &str = r#"<script>
        const say = (name) => (document.documentElement.dataset[name] = tip.hidden ? "" : tip.textContent);
        const press = (...keys) => keys.forEach((key) => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
        byId("rows").querySelector('[tabindex="0"]').focus();
        press("ArrowDown", "ArrowRight", "ArrowRight", "PageDown", "PageDown", "PageDown", "Home");
        say("last");
        press("PageUp", "PageUp", "PageUp", "ArrowDown", "ArrowDown", "End");
        say("third");
        byId("matrix").querySelector('[tabindex="0"]').focus();
        press("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight");
        say("pair");
        press("Escape");
        say("nothing");
    </script></body>"#;
    let folder = TempDir::new().unwrap();
    let text = page(&root().join("examples/estate"), folder.path());
    let file = folder.path().join("week.html");
    fs::write(file, text.replace("</body>", KEYS)).unwrap();
    let Some(document) = drawn(folder.path(), "") else {
        return;
    };
    let said = |name: &str| {
        let (_, said) = document.split_once(&format!("data-{name}=\"")).unwrap();
        said.split_once('"').unwrap().0
    };
    assert!(
        said("last").starts_with("backup plant-nightlyMon 02:30"),
        "{}",
        said("last")
    );
    assert!(said("third").starts_with("Collision"), "{}", said("third"));
    assert!(said("third").contains("Sun 23:30"), "{}", said("third"));
    assert!(
        said("pair")
            .starts_with("hv32 → hv33: does not worklive migration is disabled on the target"),
        "{}",
        said("pair")
    );
    assert_eq!(said("nothing"), "");
}

#[test]
fn a_terminal_without_unicode_gets_none() {
    let output = Command::new(env!("CARGO_BIN_EXE_vmlint"))
        .current_dir(root())
        .args(["calendar", "--week", "2026-12-13", "examples/estate"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.is_ascii() && text.contains("Sun 03:00-05:00"),
        "{text}"
    );
}

#[test]
fn hostile_names_stay_text() {
    let folder = TempDir::new().unwrap();
    let name = "</script><b id=pwned>\\u2028\\\"'&lt;";
    let estate = format!(
        "apiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: {{ name: \"{name}\", labels: {{ a: b }} }}\n---\n\
         apiVersion: vmlint.dev/v1\nkind: Host\nmetadata: {{ name: \"<img onerror=alert(1)>\" }}\n---\n\
         apiVersion: vmlint.dev/v1\nkind: BackupPolicy\nmetadata: {{ name: \"${{x}}<!--\" }}\n\
         spec: {{ targets: {{ selector: {{ a: b }} }}, schedule: {{ cron: '0 1 * * *', duration: 1h }} }}\n"
    );
    fs::write(folder.path().join("estate.yaml"), estate).unwrap();
    let text = page(folder.path(), folder.path());
    assert_eq!(count(&text, "</script>"), 2);
    let Some(document) = drawn(folder.path(), "") else {
        return;
    };
    assert!(!document.contains("<b id=") && !document.contains("<img"));
    assert!(document.contains("&lt;img onerror=alert(1)&gt;"));
    let name = "&lt;/script&gt;&lt;b id=pwned&gt;\u{2028}\"'&amp;lt;";
    assert_eq!(rows(&document), [name]);
}
