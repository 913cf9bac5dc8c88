//! `vmlint calendar`.

use super::shelf;
use super::{Exit, Outside, Stop, Trouble, console, estate};
use crate::cli::{By, CalendarArgs, EstateArgs};
use crate::facts;
use crate::schedule::Zone;
use crate::view::{self, Board, Shown, Week};

pub(super) fn run(args: &CalendarArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let wanted = args.time_zone.as_deref().map(zone).transpose()?;
    let as_of = args.estate.as_of.unwrap_or(outside.today);
    let day = args.week.unwrap_or(as_of);
    let from_before_the_week = EstateArgs {
        as_of: Some(Board::search_from(day)),
        ..args.estate.clone()
    };
    let estate = estate::read(&from_before_the_week, outside)?;
    let agenda = estate.facts.agenda();
    let zone = wanted.unwrap_or_else(|| agenda.usual_zone());
    let board = Board::new(&agenda, &estate.sources, Week::of(day, zone));
    let shown = Shown {
        by: match args.by {
            By::Vm => facts::By::Machine,
            By::Host => facts::By::Host,
            By::Cluster => facts::By::Cluster,
        },
        only_collisions: args.only_collisions,
        all: args.all,
    };
    if let Some(file) = &args.html {
        let page = view::page(&board, shown);
        shelf::put(&outside.working_directory.join(file), page.as_bytes())
            .map_err(|error| Trouble::new(format!("cannot write `{}`: {error}", file.display())))?;
    }
    let style = console::style(args.color.color, outside);
    view::draw(&board, shown, &style, outside.stdout)?;
    Ok(Exit::Clean)
}

fn zone(name: &str) -> Result<Zone, Trouble> {
    Zone::parse(name).map_err(|error| {
        let trouble = Trouble::new(error.message);
        match error.help {
            Some(help) => trouble.help(help),
            None => trouble,
        }
    })
}
