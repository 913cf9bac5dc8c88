//! Lists the rule files of `rules/<topic>/<id>.yaml`, so that being in the folder is being built in.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    println!("cargo::rerun-if-changed=rules");
    let mut table = String::from("[\n");
    for topic in entries(&root)? {
        for file in entries(&topic)? {
            if file
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                let path = file.strip_prefix(&root).unwrap_or(&file);
                let path = path.to_string_lossy().replace('\\', "/");
                let _ = writeln!(table, "    ({path:?}, include_str!({file:?})),");
            }
        }
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("builtin_rules.rs"), table)
}

/// What lies in a folder, in order; nothing when there is no such folder.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
