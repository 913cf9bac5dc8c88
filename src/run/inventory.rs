//! `vmlint inventory`.

use std::io::{self, BufWriter, Write};

use serde::{Serialize, Serializer};

use super::estate::{self, Wanted};
use super::{Exit, Outside, Stop};
use crate::cli::{InventoryArgs, InventoryFormat};
use crate::discover::{Root, above, relative};
use crate::inventory::Listing;

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
    let document = Document {
        version: VERSION,
        resources: Resources(listing),
    };
    match format {
        InventoryFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)
        }
        InventoryFormat::Yaml => {
            let mut out = Remembering { out, failure: None };
            let written = serde_yaml::to_writer(&mut out, &document);
            match out.failure {
                Some(failure) => Err(failure.into()),
                None => written.map_err(io::Error::other),
            }
        }
        InventoryFormat::Ndjson => listing.resources().try_for_each(|resource| {
            serde_json::to_writer(&mut *out, &resource)?;
            writeln!(out)
        }),
    }
}

/// Remembers why writing failed, which the YAML writer does not tell: a broken pipe is no failure.
struct Remembering<'o> {
    out: &'o mut dyn Write,
    failure: Option<io::ErrorKind>,
}

impl Write for Remembering<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.failure = written.as_ref().err().map(io::Error::kind);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
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
