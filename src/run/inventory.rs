//! `vmlint inventory`.

use std::io::{self, BufWriter, Write};

use serde::{Serialize, Serializer};

use super::estate::{self, Wanted};
use super::{Exit, Outside, Stop};
use crate::cli::{InventoryArgs, InventoryFormat};
use crate::discover::{Root, above, relative};
use crate::inventory::Listing;
use crate::report::{inert, json_of, visible_line};

/// The release of the form of the document.
const VERSION: u32 = 1;

pub(super) fn run(args: &InventoryArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let wanted = Wanted {
        paths: &args.paths,
        no_ignore: args.no_ignore,
        hidden: args.hidden,
        config: &args.config,
    };
    let (road, inventory) = estate::survey(&wanted, outside)?;
    estate::note(&road, outside)?;
    let root = above(&outside.working_directory, Root::Git);
    let working_directory = outside.working_directory.clone();
    let listing = Listing {
        inventory: &inventory,
        sources: road.sources(),
        scope: &|file| road.scope_of(file),
        path: &|path| match &root {
            Some(root) => relative(&working_directory.join(path), root),
            None => path.to_owned(),
        },
        positions: args.positions,
        defaults: args.defaults,
    };
    let mut out = BufWriter::new(&mut *outside.stdout);
    write(&listing, args.format, &mut out)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// Writes resource after resource, so that there is never a document of all of them in memory.
fn write(listing: &Listing<'_>, format: InventoryFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        InventoryFormat::Json => {
            let document = Document {
                version: VERSION,
                resources: Resources(listing),
            };
            json_of(out, &document, true)
        }
        InventoryFormat::Yaml => {
            let mut resources = listing.resources().peekable();
            let none = match resources.peek() {
                Some(_) => "",
                None => " []",
            };
            writeln!(out, "version: {VERSION}\nresources:{none}")?;
            resources.try_for_each(|resource| write_item(&resource, out))
        }
        InventoryFormat::Ndjson => {
            let mut resources = listing.resources();
            resources.try_for_each(|resource| json_of(out, &resource, false))
        }
    }
}

/// Writes a resource as an item of a YAML list. One with text that a terminal or a build service would
/// act on is written as JSON, in which all of that can be escaped, and which is YAML as well.
fn write_item(resource: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_yaml::to_string(&[resource]).map_err(io::Error::other)?;
    let is_safe = |line: &str| *visible_line(line, true) == *line && *inert(line) == *line;
    match text.split('\n').all(is_safe) {
        true => out.write_all(text.as_bytes()),
        false => {
            out.write_all(b"- ")?;
            json_of(out, resource, false)
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    resources: Resources<'a>,
}

struct Resources<'a>(&'a Listing<'a>);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.resources())
    }
}
