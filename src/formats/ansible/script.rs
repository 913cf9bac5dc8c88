//! PowerShell in tasks: what four cmdlets say with literal arguments.
//!
//! Source of the parameters: <https://learn.microsoft.com/powershell/module/hyper-v/>,
//! <https://learn.microsoft.com/powershell/module/failoverclusters/suspend-clusternode>.

use std::ops::Range;

use arcstr::ArcStr;

use super::Task;
use super::cmdlets::{self, Bound};
use super::modules::{add_plan, title};
use crate::formats::join::Content;
use crate::formats::join::machines::Said;
use crate::formats::lowering::{known, unknown};
use crate::formats::powershell::{self, Value as Word};
use crate::formats::windows::{
    Fields, Site, authentication_type, boolean, performance_option, whole,
};
use crate::formats::{Lowered, lowering};
use crate::model::{
    Attr, Host, Item, Kind, MachineProcessor, MachineProcessorDetails, MaintenanceWindow,
    Migration, Modelled, Move, MoveDetails, MoveType, Ref, Standing, State, VirtualMachine,
    WindowDetails, WindowProduct,
};
use crate::source::Span;
use crate::yaml::{Entry, Node};

/// Which module runs a script, which says how it is written.
#[derive(Clone, Copy)]
pub(super) enum Shell {
    /// `win_shell`.
    Text,
    /// `win_powershell`.
    Script,
    /// `win_command`, which runs a program.
    CommandLine,
}

/// A script, and the bytes of the file that it is written with.
struct Script<'t> {
    text: &'t str,
    node: Node<'t>,
    offsets: Option<Vec<u32>>,
}

/// Whether a script holds one of the cmdlets.
pub(super) fn concerns_us(shell: Shell, entry: Entry<'_>) -> bool {
    script(shell, entry).is_some_and(|script| {
        let commands = powershell::commands(script.text);
        let mut names = commands.iter().map(|command| command.name.as_str());
        names.any(|name| cmdlets::find(name).is_some())
    })
}

fn script(shell: Shell, entry: Entry<'_>) -> Option<Script<'_>> {
    let fields = Fields::of(entry.value);
    let keys: &[&str] = match shell {
        Shell::Script => &["script"],
        Shell::Text | Shell::CommandLine => &["cmd", "_raw_params"],
    };
    let node = match entry.value.text() {
        Some(_) => entry.value,
        None => fields.entry(keys)?.value,
    };
    let is_other = |text: &str| text.to_ascii_lowercase().contains("cmd");
    let executable = fields.plain(&["executable"]);
    let text = node.text()?;
    if !cmdlets::are_in(text) || text.contains("{%") || executable.is_some_and(is_other) {
        return None;
    }
    let range = match shell {
        Shell::CommandLine => command_of(text)?,
        _ => 0..text.len(),
    };
    let offsets = offsets(node).map(|all| all[range.start..=range.end].to_vec());
    Some(Script {
        text: &text[range],
        node,
        offsets,
    })
}

/// What `powershell.exe -Command` runs in a command line. Quotes in it that are escaped for the
/// command line are not undone.
fn command_of(line: &str) -> Option<Range<usize>> {
    let lower = line.to_ascii_lowercase();
    let program = lower.split_whitespace().next()?;
    let program = program.rsplit(['\\', '/']).next()?.trim_matches('"');
    let is_shell = matches!(
        program,
        "powershell" | "powershell.exe" | "pwsh" | "pwsh.exe"
    );
    if !is_shell || line.contains("\\\"") {
        return None;
    }
    let flag = [" -command ", " -c "];
    let start = flag
        .iter()
        .find_map(|flag| Some(lower.find(flag)? + flag.len()))?;
    let rest = line[start..].trim();
    let start = start + line[start..].find(rest)?;
    let quoted = rest.len() > 1 && rest.starts_with('"') && rest.ends_with('"');
    let inset = usize::from(quoted);
    Some(start + inset..start + rest.len() - inset)
}

/// For each byte of a scalar's text, and for its end, where it is written in the file. None where
/// that cannot be told.
fn offsets(node: Node<'_>) -> Option<Vec<u32>> {
    if node.place().anchor.is_some() {
        return None;
    }
    let (text, written) = (node.text()?.as_bytes(), node.written().as_bytes());
    let mut at = match node.style() {
        crate::yaml::Style::Literal | crate::yaml::Style::Folded => {
            written.iter().position(|it| *it == b'\n')? + 1
        }
        crate::yaml::Style::SingleQuoted | crate::yaml::Style::DoubleQuoted => 1,
        _ => 0,
    };
    let mut offsets = Vec::with_capacity(text.len() + 1);
    for byte in text {
        let found = loop {
            match written.get(at) {
                Some(here) if here == byte => break at,
                // What is folded, indented or escaped.
                Some(b' ' | b'\t' | b'\r' | b'\n' | b'\'' | b'\\')
                    if !byte.is_ascii_whitespace() =>
                {
                    at += 1;
                }
                Some(b'\\') if byte.is_ascii_whitespace() => {
                    at += 2;
                    break at - 1;
                }
                Some(_) if byte.is_ascii_whitespace() => break at,
                None if byte.is_ascii_whitespace() => break written.len(),
                _ => return None,
            }
        };
        offsets.push(node.span().start + u32::try_from(found).ok()?);
        if written.get(found) == Some(byte) {
            at = found + 1;
        }
    }
    offsets.push(node.span().start + u32::try_from(at).ok()?);
    Some(offsets)
}

impl Script<'_> {
    fn span(&self, at: &Range<usize>) -> Span {
        let Some(offsets) = &self.offsets else {
            return self.node.place().span;
        };
        let of = |at: usize| offsets.get(at).copied().unwrap_or_default() as usize;
        let last = of(at.end.saturating_sub(1).max(at.start));
        Span::new(of(at.start), last + 1)
    }
}

pub(super) fn lower(
    shell: Shell,
    entry: Entry<'_>,
    site: Site,
    task: &Task<'_>,
    lowered: &mut Lowered,
) {
    let Some(script) = script(shell, entry) else {
        return;
    };
    for command in powershell::commands(script.text) {
        let Some(cmdlet) = cmdlets::find(&command.name) else {
            continue;
        };
        let Some(bound) = cmdlets::bind(cmdlet, &command) else {
            continue;
        };
        let mut caller = Caller {
            site: Site {
                key: script.span(&command.at),
                ..site
            },
            task,
            script: &script,
            bound: &bound,
            unsure: task.setting.unsure,
            open: command.piped || command.splatted,
            lowered,
        };
        match cmdlet.name {
            "Set-VMProcessor" => caller.set_processor(),
            "Set-VMHost" => caller.set_host(),
            "Move-VM" => caller.move_machine(),
            _ => caller.suspend_node(),
        }
    }
}

struct Caller<'a, 't> {
    site: Site,
    task: &'a Task<'t>,
    script: &'a Script<'t>,
    bound: &'a Bound<'a>,
    unsure: bool,
    /// Whether what is not written may still be said.
    open: bool,
    lowered: &'a mut Lowered,
}

impl Caller<'_, '_> {
    fn read<T: Modelled>(&self, parameter: &str, read: impl Fn(&str) -> Option<T>) -> Attr<T> {
        let Some(values) = self.bound.values(parameter) else {
            return Attr::default();
        };
        let [value] = values else {
            return unknown(self.site.key);
        };
        let text = literal(value).filter(|_| !self.unsure);
        Attr::new(
            text.and_then(read).map_or(State::Unknown, State::Known),
            self.script.span(&value.at),
        )
    }

    fn switch(&self, parameter: &str) -> Attr<bool> {
        match self.bound.switch(parameter) {
            Some((Some(value), at)) if !self.unsure => known(value, self.script.span(&at)),
            Some((_, at)) => unknown(self.script.span(&at)),
            None => Attr::default(),
        }
    }

    /// The names that a parameter lists, with their places.
    fn names(&self, parameter: &str) -> Vec<(ArcStr, Span)> {
        let values = self.bound.values(parameter).unwrap_or_default();
        let named = values.iter().filter_map(|value| {
            let text = literal(value).filter(|text| !text.contains(['*', '?', '[']))?;
            Some((text.into(), self.script.span(&value.at)))
        });
        named.collect()
    }

    /// The host that the cmdlet is for: the one it names, else the one it runs on.
    fn host(&self) -> Option<(ArcStr, Span)> {
        match self.bound.values("ComputerName") {
            Some([_]) => self.names("ComputerName").pop(),
            Some(_) => None,
            None if self.bound.values("CimSession").is_some() => None,
            None => self.task.setting.host.clone(),
        }
    }

    fn host_reference(&self) -> Attr<Ref<Host>> {
        let host = self.host().filter(|_| !self.unsure);
        host.map(|(name, span)| known(Ref::to(name), span))
            .unwrap_or_default()
    }

    fn set_processor(&mut self) {
        for (name, span) in self.names("VMName") {
            let processor = MachineProcessor {
                place: self.site.key.into(),
                count: self.read("Count", whole),
                compatibility_for_migration_enabled: self
                    .read("CompatibilityForMigrationEnabled", boolean),
                details: MachineProcessorDetails {
                    expose_virtualization_extensions: self
                        .read("ExposeVirtualizationExtensions", boolean),
                    ..MachineProcessorDetails::default()
                }
                .apart(),
            };
            let spec = VirtualMachine {
                host: self.host_reference(),
                processor: known(processor, self.site.key),
                ..VirtualMachine::default()
            };
            self.add_machine(&name, span, spec);
        }
    }

    fn add_machine(&mut self, name: &str, span: Span, spec: VirtualMachine) {
        let meta = self.site.meta(Kind::VirtualMachine, name, span);
        self.lowered.add(meta, spec);
    }

    fn set_host(&mut self) {
        let migration = Migration {
            place: self.site.key.into(),
            maximum_virtual_machine_migrations: self.read("MaximumVirtualMachineMigrations", whole),
            authentication_type: self.read(
                "VirtualMachineMigrationAuthenticationType",
                authentication_type,
            ),
            performance_option: self.read(
                "VirtualMachineMigrationPerformanceOption",
                performance_option,
            ),
            use_any_network: self.read("UseAnyNetworkForMigration", boolean),
            ..Migration::default()
        };
        let spec = Host {
            migration: known(migration, self.site.key),
            ..Host::default()
        };
        match self.bound.values("ComputerName") {
            Some(_) => {
                for (name, span) in self.names("ComputerName") {
                    let meta = self.site.meta(Kind::Host, &name, span);
                    self.lowered.add(meta, spec.clone());
                }
            }
            None if self.open => {}
            None => add_host(self.site, self.host(), spec, self.lowered),
        }
    }

    fn move_machine(&mut self) {
        let Some((name, span)) = self.names("Name").pop() else {
            return;
        };
        let to = self.read("DestinationHost", |text| Some(Ref::to(text)));
        if to.is_absent() {
            return;
        }
        let include_storage = match self.switch("IncludeStorage") {
            said if !said.is_absent() => said,
            _ if self.open || self.bound.values("Vhds").is_some() => unknown(self.site.key),
            _ => known(false, self.site.key),
        };
        let certain = !self.unsure;
        if certain {
            let said = Said::Moved(name.clone(), span);
            self.lowered.add_piece(Content::Windows(said));
        }
        let host = self.host_reference();
        let spec = VirtualMachine {
            host: host.clone(),
            ..VirtualMachine::default()
        };
        self.add_machine(&name, span, spec);
        let moved = Move {
            place: self.site.key.into(),
            vm: known(Ref::to(name), span),
            from: match certain {
                true => host,
                false => unknown(self.site.key),
            },
            to,
            move_type: match certain {
                true => known(MoveType::Live, self.site.key),
                false => unknown(self.site.key),
            },
            details: MoveDetails {
                to_storage: match self.bound.values("DestinationStoragePath") {
                    Some(_) => unknown(self.site.key),
                    None => Attr::default(),
                },
                include_storage,
            }
            .apart(),
        };
        let (title, title_span) = title(self.task, "Move-VM", self.site);
        add_plan(moved, (&title, title_span), self.site, self.lowered);
    }

    fn suspend_node(&mut self) {
        let names = self.names("Name");
        let Some((_, span)) = names.first().cloned() else {
            return;
        };
        let item = |(name, span): (ArcStr, Span)| {
            Item::new(
                match self.unsure {
                    true => State::Unknown,
                    false => State::Known(Ref::to(name)),
                },
                span,
            )
        };
        let hosts = names.into_iter().map(item).collect();
        let drain = match self.switch("Drain") {
            said if !said.is_absent() => said,
            _ if self.open => unknown(self.site.key),
            _ => known(false, self.site.key),
        };
        let stays = drain.known() != Some(&true);
        let spec = MaintenanceWindow {
            hosts: known(hosts, span),
            strategy: match stays {
                true => unknown(self.site.key),
                false => Attr::default(),
            },
            details: WindowDetails {
                drain,
                product: known(WindowProduct::FailoverCluster, self.site.key),
                ..WindowDetails::default()
            }
            .apart(),
            ..MaintenanceWindow::default()
        };
        let (title, title_span) = title(self.task, "Suspend-ClusterNode", self.site);
        let mut meta = self.site.meta(Kind::MaintenanceWindow, &title, title_span);
        meta.partial = false;
        self.lowered.add(meta, spec);
    }
}

fn literal(value: &Word) -> Option<&str> {
    let text = value.text.as_deref()?;
    (!text.is_empty() && !lowering::is_unknown_text(text)).then_some(text)
}

/// Adds what is known of the host that a task runs on. Whether it is a host, and not a group, is
/// seen when all files are read; until then it stands apart.
pub(super) fn add_host(
    site: Site,
    host: Option<(ArcStr, Span)>,
    spec: Host,
    lowered: &mut Lowered,
) {
    let (name, span) = host.unwrap_or(("the host of this task".into(), site.key));
    let mut meta = site.meta(Kind::Host, &name, span);
    meta.standing = Standing::Apart;
    lowered.add(meta, spec);
}

#[cfg(test)]
mod tests {
    use super::offsets;
    use crate::yaml;

    #[test]
    fn each_byte_of_a_script_has_its_place_in_the_file() {
        for (file, whole) in [
            ("a: |\n  Move-VM x `\n    y\n", true),
            ("a: >-\n  Move-VM x\n  y\n\n  z\n", true),
            ("a: Move-VM x\n  y\n", true),
            ("a: 'Move-VM ''x'' y'\n", true),
            ("a: \"Move-VM \\\"x\\\" y\\n z\"\n", true),
            ("a: \"Move-VM \\x41 y\"\n", false),
        ] {
            let stream = yaml::parse(file);
            let node = stream.documents[0].root().get("a").unwrap().value;
            let found = offsets(node);
            assert_eq!(found.is_some(), whole, "{file}");
            let text = node.text().unwrap().bytes();
            for (byte, at) in text.zip(found.into_iter().flatten()) {
                let written = file.as_bytes()[at as usize];
                let blank = byte.is_ascii_whitespace();
                assert!(written == byte || blank, "{file}: {byte} at {at}");
            }
        }
    }
}
