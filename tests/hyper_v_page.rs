//! `docs/formats/hyper-v.md` and the script it is about: the export it shows has the findings it
//! shows, the page of Windows formats shows a finding where it says so, and the script only reads.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its page fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

/// The block of code behind `opening`.
fn block<'p>(page: &'p str, opening: &str) -> &'p str {
    let start = page.find(opening).unwrap() + opening.len();
    let length = page[start..].find("```").unwrap();
    &page[start..start + length]
}

/// What is found in files, as `path:line severity rule`.
fn findings(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_vmlint"))
        .args(["check", ".", "--format", "json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines = report["findings"].as_array().unwrap().iter().map(|found| {
        let at = &found["location"];
        format!(
            "{}:{} {} {}\n",
            at["path"].as_str().unwrap(),
            at["start"]["line"],
            found["severity"].as_str().unwrap(),
            found["rule"].as_str().unwrap()
        )
    });
    lines.collect()
}

#[test]
fn the_export_on_the_page_has_the_findings_on_the_page() {
    let page = read("docs/formats/hyper-v.md");
    let export = block(&page, "<!-- export -->\n```yaml\n");
    let shown = block(&page, "<!-- findings -->\n```text\n");
    assert_eq!(findings(&[("prod-a.yaml", export)]), shown);
}

#[test]
fn a_playbook_on_the_page_is_judged_with_the_hosts_on_the_page() {
    let page = read("docs/formats/windows.md");
    let hosts = block(&page, "```yaml\n# hosts.yaml\n");
    let playbook = block(&page, "```yaml\n# evacuate.yml\n");
    let found = findings(&[("hosts.yaml", hosts), ("evacuate.yml", playbook)]);
    assert_eq!(found, "evacuate.yml:5 error cross-vendor-move\n");
}

#[test]
fn the_script_only_reads() {
    let script = read("contrib/Export-VmlintInventory.ps1");
    assert!(
        script.is_ascii(),
        "Windows PowerShell 5.1 takes it for the code page of the machine"
    );
    let own: BTreeSet<&str> = script
        .lines()
        .filter_map(|line| line.strip_prefix("function ")?.split_whitespace().next())
        .collect();
    let harmless = [
        "ForEach-Object",
        "Where-Object",
        "New-Object",
        "Set-StrictMode",
        "Split-Path",
        "Write-Verbose",
        "Write-Warning",
    ];
    let code = script.split("#>").nth(1).unwrap();
    let code: Vec<&str> = code
        .lines()
        .map(|line| line.split('#').next().unwrap())
        .collect();
    let code = code.join("\n");
    let is_name = |it: char| it.is_ascii_alphanumeric() || it == '-';
    let is_cmdlet = |word: &&str| {
        let name = |it: &str| it.len() > 1 && it.chars().all(|it| it.is_ascii_alphabetic());
        let (verb, noun) = word.split_once('-').unwrap_or_default();
        name(verb) && name(noun)
    };
    for word in code.split(|it| !is_name(it)).filter(is_cmdlet) {
        let known = word.starts_with("Get-") || own.contains(word) || harmless.contains(&word);
        assert!(known, "`{word}` may do more than read");
    }
}
