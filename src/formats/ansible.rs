//! Ansible: plays, lists of tasks and handlers, of which tasks of the collection
//! `microsoft.hyperv` and PowerShell in tasks of `ansible.windows` say something about an estate.
//!
//! Nothing is run: variables are unknown, and so is what stands under a condition or a loop. Roles
//! and files that are imported are read as files of their own. Source of the parameters:
//! <https://github.com/ansible-collections/microsoft.hyperv>, `plugins/modules`.

mod cmdlets;
mod modules;
mod script;

use arcstr::ArcStr;

use super::windows::{Fields, Site, boolean, is_open};
use super::{Format, Lowered};
use crate::model::AnyResource;
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// Playbooks and lists of tasks.
pub(super) const FORMAT: Format = Format {
    name: "ansible",
    title: "Ansible: tasks of the collection microsoft.hyperv, and PowerShell in tasks",
    recognised_by: "tasks microsoft.hyperv.hv_*, or win_shell, win_powershell, win_command with Set-VMProcessor, …",
    markers: &[
        "hv_",
        "Set-VMProcessor",
        "Set-VMHost",
        "Move-VM",
        "Suspend-ClusterNode",
    ],
    helpers: &[],
    recognise,
    lower,
};

const COLLECTION: &str = "microsoft.hyperv";

/// What plays and blocks say about the tasks in them.
#[derive(Clone)]
struct Setting {
    /// Whether modules of the collection go by their short names.
    collection: bool,
    /// Whether a task may not run, or not as it is written.
    unsure: bool,
    /// The host that the tasks run on, if it is a single one by its name.
    host: Option<(ArcStr, Span)>,
}

/// A task that calls a module.
struct Task<'t> {
    node: Node<'t>,
    module: Module<'t>,
    setting: Setting,
}

/// What a task calls.
enum Module<'t> {
    /// A module of the collection, by its short name.
    HyperV(&'t str, Entry<'t>),
    /// PowerShell.
    Script(script::Shell, Entry<'t>),
    /// A restart of the host.
    Reboot,
}

impl Task<'_> {
    fn is_ours(&self) -> bool {
        match &self.module {
            Module::HyperV(..) => true,
            Module::Script(shell, entry) => script::concerns_us(*shell, *entry),
            Module::Reboot => false,
        }
    }
}

fn recognise(root: Node<'_>) -> bool {
    lists(root).iter().flatten().any(Task::is_ours)
}

fn lower(root: Node<'_>, lowered: &mut Lowered) {
    lowered.mixed = true;
    for tasks in lists(root) {
        let restarts = modules::restarts(&tasks);
        for (task, restart) in tasks.iter().zip(restarts) {
            let fields = |entry: Entry<'_>| Site {
                file: lowered.file,
                extent: task.node.place().span,
                key: entry.key.place().span,
            };
            match task.module {
                Module::HyperV(name, entry) => {
                    modules::lower(name, entry, fields(entry), task, restart, lowered);
                }
                Module::Script(shell, entry) => {
                    script::lower(shell, entry, fields(entry), task, lowered);
                }
                Module::Reboot => {}
            }
        }
    }
    let start = |resource: &AnyResource| resource.meta().extent.start;
    lowered.resources.sort_by_key(start);
}

/// The tasks of a document, list by list, in their order; those of blocks are among them.
fn lists(root: Node<'_>) -> Vec<Vec<Task<'_>>> {
    let mut lists = Vec::new();
    let mut alone = Vec::new();
    for item in root.items() {
        if !matches!(item.value(), Value::Mapping(_)) {
            continue;
        }
        let setting = Setting {
            collection: false,
            unsure: false,
            host: None,
        };
        if item.get("hosts").is_none() {
            add(item, &setting, 0, &mut alone);
            continue;
        }
        let setting = Setting {
            collection: uses_collection(item),
            host: single_host(item.get("hosts")),
            ..setting
        };
        let mut tasks = Vec::new();
        let mut handlers = Vec::new();
        for entry in item.entries() {
            let list = match entry.key.text() {
                Some("pre_tasks" | "tasks" | "post_tasks") => &mut tasks,
                Some("handlers") => &mut handlers,
                _ => continue,
            };
            for task in entry.value.items() {
                add(task, &setting, 0, list);
            }
        }
        lists.push(tasks);
        lists.push(handlers);
    }
    lists.push(alone);
    lists
}

/// How deep blocks may lie in each other.
const DEEPEST: usize = 50;

fn add<'t>(node: Node<'t>, around: &Setting, depth: usize, tasks: &mut Vec<Task<'t>>) {
    let mut setting = around.clone();
    setting.collection |= uses_collection(node);
    for entry in node.entries() {
        match entry.key.text().unwrap_or_default() {
            "when" | "loop" => setting.unsure = true,
            "check_mode" => {
                let off = entry.value.text().and_then(boolean) == Some(false);
                setting.unsure |= !off;
            }
            key if key.starts_with("with_") => setting.unsure = true,
            "delegate_to" => setting.host = single_host(Some(entry)),
            _ => {}
        }
    }
    if node.get("block").is_some() {
        for entry in node.entries() {
            let unsure = match entry.key.text() {
                Some("block" | "always") => setting.unsure,
                // It runs only where the block failed.
                Some("rescue") => true,
                _ => continue,
            };
            let setting = Setting {
                unsure,
                ..setting.clone()
            };
            for task in entry.value.items().filter(|_| depth < DEEPEST) {
                add(task, &setting, depth + 1, tasks);
            }
        }
        return;
    }
    let called = node.entries().find_map(|entry| called(entry, &setting));
    if let Some(module) = called {
        tasks.push(Task {
            node,
            module,
            setting,
        });
    }
}

/// What an entry of a task calls, if that says something.
fn called<'t>(entry: Entry<'t>, setting: &Setting) -> Option<Module<'t>> {
    let key = entry.key.text()?;
    let short = key
        .strip_prefix(COLLECTION)
        .and_then(|it| it.strip_prefix('.'));
    let short = short.or((setting.collection && key.starts_with("hv_")).then_some(key));
    if let Some(name) = short.filter(|name| name.starts_with("hv_")) {
        return Some(Module::HyperV(name, entry));
    }
    let windows = key.strip_prefix("ansible.windows.").unwrap_or(key);
    match windows {
        "win_reboot" => Some(Module::Reboot),
        "win_updates" => {
            let reboots = Fields::of(entry.value).boolean(&["reboot"]);
            (reboots.known() == Some(&true)).then_some(Module::Reboot)
        }
        "win_shell" => Some(Module::Script(script::Shell::Text, entry)),
        "win_powershell" => Some(Module::Script(script::Shell::Script, entry)),
        "win_command" => Some(Module::Script(script::Shell::CommandLine, entry)),
        _ => None,
    }
}

fn uses_collection(node: Node<'_>) -> bool {
    let collections = node.get("collections").map(|entry| entry.value);
    collections.is_some_and(|list| {
        list.text() == Some(COLLECTION) || list.items().any(|item| item.text() == Some(COLLECTION))
    })
}

/// The host that `hosts` or `delegate_to` names, where that is one and no pattern.
fn single_host(entry: Option<Entry<'_>>) -> Option<(ArcStr, Span)> {
    let node = entry?.value;
    let mut items = node.items();
    let node = match (items.next(), items.next()) {
        (Some(only), None) => only,
        (None, _) => node,
        _ => return None,
    };
    let text = node.text()?;
    let is_pattern =
        text.is_empty() || text.contains([':', ',', '*', '?', '&', '!', '~', '[', ' ']);
    (!is_pattern && !is_open(node)).then(|| (text.into(), node.place().span))
}
