//! `vmlint schema`: JSON Schemas for editors.

use serde_json::Value as Json;

use super::{Exit, Outside, Stop, Trouble};
use crate::diagnostic::nearest;
use crate::model::{self, Kind};
use crate::{rules, settings};

pub(super) fn run(name: Option<&str>, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let schema = match name {
        None => model::schema::bundle(),
        Some(name) => named(name)?,
    };
    writeln!(outside.stdout, "{schema:#}")?;
    Ok(Exit::Clean)
}

fn named(name: &str) -> Result<Json, Trouble> {
    let lower = name.to_lowercase();
    match lower.as_str() {
        "rule" => return Ok(rules::schema::schema()),
        "config" => return Ok(settings::schema()),
        _ => {}
    }
    let mut kinds = Kind::ALL.into_iter();
    let kind = kinds.find(|kind| kind.as_str().to_lowercase() == lower);
    kind.map(model::schema::of_kind).ok_or_else(|| {
        let names = Kind::ALL.map(Kind::as_str);
        let near = nearest(name, names.into_iter().chain(["rule", "config"]));
        Trouble::new(format!("there is no schema `{name}`")).help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is one for {}, `rule` and `config`", names.join(", ")),
        })
    })
}
