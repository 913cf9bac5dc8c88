//! Good inputs to start from: what the project has of each kind.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folders: &[&str], extensions: &[&str]) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = match root.file_name() {
        Some(name) if name == "fuzz" => root.parent().unwrap_or(root),
        _ => root,
    };
    let below = folders.iter().flat_map(|folder| {
        let walk = walkdir::WalkDir::new(root.join(folder)).sort_by_file_name();
        walk.into_iter().flatten().map(walkdir::DirEntry::into_path)
    });
    below
        .filter(|path| {
            let extension = path.extension().and_then(|it| it.to_str());
            extension.is_some_and(|it| extensions.contains(&it))
        })
        .collect()
}

fn texts(folders: &[&str], extensions: &[&str]) -> Vec<Vec<u8>> {
    let texts = files(folders, extensions);
    let texts = texts.iter().filter_map(|path| fs::read(path).ok());
    texts.filter(|bytes| bytes.len() < 20_000).collect()
}

pub(crate) fn estates() -> Vec<Vec<u8>> {
    texts(
        &["examples", "tests/cases", "tests/yaml_suite"],
        &["yaml", "yml"],
    )
}

/// YAML of all kinds, that of rules and settings too.
pub(crate) fn yaml() -> Vec<Vec<u8>> {
    let mut seeds = estates();
    seeds.extend(rules());
    seeds.extend(settings());
    seeds
}

pub(crate) fn rules() -> Vec<Vec<u8>> {
    texts(&["rules", "tests/packs"], &["yaml"])
}

fn lines(seeds: &[&str]) -> Vec<Vec<u8>> {
    seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect()
}

/// Cases and examples of other formats, a folder each, and what the examples of rules have of them.
pub(crate) fn formats() -> Vec<Vec<u8>> {
    let words = [
        ".io/",
        "hv_",
        "Move-VM",
        "Set-VM",
        "Suspend-ClusterNode",
        "Dsc",
    ];
    let is_other = |text: &str| words.iter().any(|word| text.contains(word));
    let mut folders: std::collections::BTreeMap<PathBuf, String> = Default::default();
    let all = files(&["tests/cases", "examples/mixed"], &["yaml", "yml"]);
    for path in all {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let folder = path.parent().unwrap_or(&path);
        let name = path.strip_prefix(folder).unwrap_or(&path);
        let files = folders.entry(folder.to_owned()).or_default();
        files.push_str(&format!("{}{}\n{text}\n", super::NEXT_FILE, name.display()));
    }
    let mut seeds: Vec<String> = folders.into_values().collect();
    for rule in rules() {
        let rule = String::from_utf8_lossy(&rule).into_owned();
        for document in &vmlint::yaml::parse(&rule).documents {
            let mut texts = String::new();
            examples(document.root(), &mut texts);
            seeds.extend(texts.split("#@\n").map(str::to_owned));
        }
    }
    seeds.retain(|text| is_other(text) && text.len() < 20_000);
    seeds.into_iter().map(String::into_bytes).collect()
}

/// The files of examples, each example ended by a line of its own.
fn examples(node: vmlint::yaml::Node<'_>, texts: &mut String) {
    for entry in node.entries() {
        match (entry.key.text(), entry.value.text()) {
            (Some(path), Some(text)) if path.ends_with(".yaml") || path.ends_with(".yml") => {
                texts.push_str(&format!("{}{path}\n{text}\n", super::NEXT_FILE));
            }
            _ => examples(entry.value, texts),
        }
        if entry.key.text() == Some("files") {
            texts.push_str("#@\n");
        }
    }
    node.items().for_each(|item| examples(item, texts));
}

pub(crate) fn scripts() -> Vec<Vec<u8>> {
    lines(&[
        "Set-VMProcessor -VMName web01,'sql 01' -CompatibilityForMigrationEnabled $true -Count 4\n",
        "Set-VMHost -ComputerName \"hv01\" -MaximumVirtualMachineMigrations 4 `\n  -VirtualMachineMigrationPerformanceOption SMB # fast\n",
        "Get-VM web01 | Move-VM -DestinationHost amd01 -IncludeStorage:$false; Move-VM -Name $name hv02\n",
        "<# all\nof it #> try { Suspend-ClusterNode -Name hv01 -Drain -Wait } catch { exit 1 } finally { }\n",
        "$x = @'\nMove-VM\n'@; $y = @\"\n$(Move-VM a b)\n\"@\n@args = @{ Name = 'web01' }\nMove-VM @args\n",
        "if ($a -and (Get-VM \"a`$b${c}\")) { Move-VM 'it''s' hv02 } else { & { Set-VMHost } }\n",
        "powershell.exe -Command \"Move-VM web01 hv02\" ; Move-VM --% a b\n",
    ])
}

pub(crate) fn crons() -> Vec<Vec<u8>> {
    lines(&[
        "*/5 1-3,7 * * 1\n0 0 31 2 ?\n5/20 22-23/2 1,15 JAN-MAR mon-fri\n",
        "CRON_TZ=Europe/Berlin 30 2 * * *\nTZ=Local 0 1 * * *\nTZ=UTC @daily\n",
        "@every 1h30m\n@every 1.5h2us\n@every -1h\n@hourly\n@annually\n@midnight\n",
        "CRON_TZ=America/New_York  0 2 */2 * 0-6\nTZ= 0 0 * * *\nCRON_TZ=europe/berlin 0 0 * * *\n",
    ])
}

pub(crate) fn schedules() -> Vec<Vec<u8>> {
    lines(&[
        "*/5 1-3,7 * * 1#2\nEurope/Berlin\n2h30m\n2026-03-29\n\n",
        "TZ=America/New_York 0 22 L * ?\nAustralia/Lord_Howe\nPT2H30M\n2026-10-25\n",
        "@daily\nUTC\n1d\n9999-12-31\n",
        "22:00\nEurope/London\n45s\nsunday\n06:00\n",
        "02:30\nEurope/Berlin\n\nmonday\nlast\n",
        "2026-03-29T02:30:00\nEurope/Berlin\n90m\n0001-01-01\n",
        "2026-02-01T22:00:00+01:00\nAsia/Kolkata\nP2W\n2026-01-01\n",
        "9999-12-31T23:59:59Z\nUTC\n9223372036854775807s\n9999-12-31\n",
    ])
}

pub(crate) fn expressions() -> Vec<Vec<u8>> {
    let mut seeds = lines(&[
        "has(vm.host) && vm.host.processor.vendor == 'intel'",
        "vm.disks.exists(d, d.size > 1 * memory('1TiB'))",
        "vm.labels['tier'] in ['gold', 'silver'] || !(vm.name.matches('^a.*$'))",
        "(1 / 0 > 2 ? 9223372036854775807 + 1 : -9223372036854775808 % -1) == 0",
        "vm.disks.map(d, vm.disks.filter(e, e.path == d.path)).size() > duration('1h').size()",
    ]);
    // Conditions of the rules that are built in.
    for text in rules() {
        let text = String::from_utf8_lossy(&text).into_owned();
        let conditions = text.lines().filter_map(|line| line.strip_prefix("deny: "));
        seeds.extend(conditions.map(|it| it.trim_matches('"').as_bytes().to_vec()));
    }
    seeds
}

pub(crate) fn settings() -> Vec<Vec<u8>> {
    let mut seeds = lines(&[
        "scopes: [\"clusters/*\"]\nassume: { backupDuration: 1h }\nexclude: [\"**/rendered/**\"]\n",
        "rules: { saved-state-backup: error, schedule: off, no-backup: { level: warning, exclude: [\"lab/**\"] } }\noverrides: [{ paths: [\"lab/**\"], rules: { no-backup: off } }]\n",
        "extends: ../.vmlint.yaml\nrulePacks: [policies, ../../etc, /etc]\n",
        "waivers: [{ rule: cross-vendor-move, resource: MigrationPlan/a, reason: r, owner: o, expires: 2027-01-31 }]\n",
    ]);
    seeds.extend(texts(&["src/run/init"], &["yaml"]));
    seeds
}

pub(crate) fn suppressions() -> Vec<Vec<u8>> {
    lines(&[
        "vmlint: ignore[no-backup] moved by hand\nvmlint: ignore-file[schema-violation]\n",
        "vmlint: ignore[a, b,, no-backup]\nvmlint:ignore [x]\nvmlint: ignroe[x] y\n",
        "vmlint: ignore[[]]\nvmlint: ignore]\n\u{1b}[31m vmlint: \n",
    ])
}

pub(crate) fn baselines() -> Vec<Vec<u8>> {
    let mut seeds = texts(&["tests/cmd"], &["jsonl"]);
    seeds.extend(lines(&[
        "{\"baseline\":1}\n{\"path\":\"a.yaml\",\"rule\":\"no-backup\",\"resource\":\"VirtualMachine/a\",\"fingerprint\":\"00\"}\n",
    ]));
    seeds
}
