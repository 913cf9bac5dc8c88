//! `vmlint config show`: each effective value, and where it comes from.

use super::configure::place;
use super::{Exit, Outside, Stop, Trouble, check, console};
use crate::cli::ShowArgs;
use crate::discover::{plain, relative};
use crate::rules::{RuleSet, topics};
use crate::schedule::format_duration;
use crate::settings::{Glob, Level, Said, Settings};
use crate::verdict::{Levels, Origin};

/// Lines of YAML, and where each comes from.
type Lines = Vec<(String, Option<String>)>;

pub(super) fn run(args: &ShowArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let path = plain(&outside.working_directory.join(&args.path));
    if !path.exists() {
        return Err(Trouble::new(format!("`{}` does not exist", args.path.display())).into());
    }
    let (rules, options) = check::prepare(&args.check(), None, outside)?;
    let settings = &*options.settings;
    let shown = relative(&path, &outside.working_directory);
    // A folder stands for a file in it that no glob names.
    let file = match path.is_dir() {
        true => format!("{shown}/file.yaml"),
        false => shown.clone(),
    };
    let seen = settings.seen(file.strip_prefix("./").unwrap_or(&file));
    let mut lines = header(settings, &shown, &seen);
    lines.extend(values(settings));
    lines.push(("rules:".to_owned(), None));
    lines.extend(levels(&rules, &options.levels, settings, &seen));
    let width = lines.iter().filter(|(_, origin)| origin.is_some());
    let width = width.map(|(text, _)| text.chars().count()).max();
    let width = width.unwrap_or(0).min(60);
    for (text, origin) in lines {
        let text = console::plain(&text);
        match origin {
            Some(origin) => writeln!(outside.stdout, "{text:width$}  # {origin}")?,
            None => writeln!(outside.stdout, "{text}")?,
        }
    }
    Ok(Exit::Clean)
}

fn header(settings: &Settings, shown: &str, seen: &str) -> Lines {
    let files: Vec<_> = settings
        .sources()
        .iter()
        .map(|(_, file)| format!("`{}`", file.path()))
        .collect();
    let says = match files.as_slice() {
        [] => "there are no settings".to_owned(),
        files => files.join(", which extends "),
    };
    let mut lines = vec![(format!("# for `{shown}`: {says}"), None)];
    let glob = settings.exclude().iter();
    if let Some(glob) = glob.clone().find(|glob| glob.value.takes_in(seen)) {
        let place = place(settings, glob.at);
        lines.push((format!("# it is not read: {place} excludes it"), None));
    }
    match settings.scope(seen) {
        "" => {}
        scope => lines.push((format!("# it belongs to the scope `{scope}`"), None)),
    }
    lines
}

/// Everything but the levels.
fn values(settings: &Settings) -> Lines {
    let mut lines = globs(settings, "scopes", settings.scopes());
    lines.extend(globs(settings, "exclude", settings.exclude()));
    let assumed = settings.backup_duration();
    match assumed {
        None => lines.push(("assume: {}".to_owned(), Some("default".to_owned()))),
        Some(seconds) => {
            lines.push(("assume:".to_owned(), None));
            let text = format!("  backupDuration: {}", format_duration(seconds.value));
            lines.push((text, Some(place(settings, seconds.at))));
        }
    }
    let packs = settings.packs().into_iter().map(|(at, _)| {
        let text = settings.sources().get(at.file).slice(at.span).to_owned();
        (text, at)
    });
    lines.extend(list(settings, "rulePacks", packs.collect()));
    let waivers = settings.waivers().iter().map(|waiver| {
        let rule = &waiver.rule.value;
        let (resource, expires) = (waiver.resource(), waiver.expires.value);
        let text = format!("{{ rule: {rule}, resource: {resource}, expires: {expires} }}");
        (text, waiver.at)
    });
    lines.extend(list(settings, "waivers", waivers.collect()));
    lines
}

fn globs(settings: &Settings, key: &str, globs: &[Said<Glob>]) -> Lines {
    let globs = globs.iter();
    let texts = globs.map(|glob| (format!("{:?}", glob.value.as_str()), glob.at));
    list(settings, key, texts.collect())
}

fn list(settings: &Settings, key: &str, items: Vec<(String, crate::source::Location)>) -> Lines {
    if items.is_empty() {
        return vec![(format!("{key}: []"), Some("default".to_owned()))];
    }
    let items = items.into_iter();
    let items = items.map(|(text, at)| (format!("  - {text}"), Some(place(settings, at))));
    std::iter::once((format!("{key}:"), None))
        .chain(items)
        .collect()
}

/// The level of each rule, topic by topic.
fn levels(rules: &RuleSet, levels: &Levels, settings: &Settings, seen: &str) -> Lines {
    let mut rules: Vec<_> = rules.iter().collect();
    rules.sort_by_key(|rule| (topics::rank(&rule.topic), &rule.topic, &rule.id));
    let lines = rules.into_iter().map(|rule| {
        let (level, origin) = levels.level(&rule.id, seen);
        let level = level.unwrap_or(Level::Severity(rule.severity));
        let origin = match origin {
            Origin::Rule => "default".to_owned(),
            Origin::CommandLine => "command line".to_owned(),
            Origin::Settings(at) => place(settings, at),
        };
        (format!("  {}: {level}", rule.id), Some(origin))
    });
    lines.collect()
}
