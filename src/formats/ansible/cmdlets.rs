//! Cmdlets that are read, and which of their parameters an argument is for.
//!
//! Source: the pages of `Set-VMProcessor`, `Set-VMHost`, `Move-VM` and `Suspend-ClusterNode` at
//! <https://learn.microsoft.com/powershell/module/>, and about_CommonParameters.

use std::ops::Range;

use crate::formats::powershell::{Argument, Command, Value};
use crate::formats::windows::boolean;

/// A cmdlet.
pub(super) struct Cmdlet {
    pub(super) name: &'static str,
    /// Parameters that can be told by position, in their order.
    positions: &'static [&'static str],
    /// Parameters that take a value.
    valued: &'static [&'static str],
    switches: &'static [&'static str],
    /// Other names of parameters.
    aliases: &'static [(&'static str, &'static str)],
}

static CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Set-VMProcessor",
        positions: &["VMName"],
        valued: &[
            "VMName",
            "VM",
            "VMProcessor",
            "ComputerName",
            "CimSession",
            "Credential",
            "Count",
            "CompatibilityForMigrationEnabled",
            "CompatibilityForMigrationMode",
            "CompatibilityForOlderOperatingSystemsEnabled",
            "HwThreadCountPerCore",
            "L3CacheWays",
            "Maximum",
            "Reserve",
            "RelativeWeight",
            "MaximumCountPerNumaNode",
            "MaximumCountPerNumaSocket",
            "ResourcePoolName",
            "EnableHostResourceProtection",
            "ExposeVirtualizationExtensions",
        ],
        switches: &["Passthru"],
        aliases: &[],
    },
    Cmdlet {
        name: "Set-VMHost",
        positions: &["ComputerName"],
        valued: &[
            "ComputerName",
            "CimSession",
            "Credential",
            "MaximumStorageMigrations",
            "MaximumVirtualMachineMigrations",
            "VirtualMachineMigrationAuthenticationType",
            "UseAnyNetworkForMigration",
            "VirtualMachineMigrationPerformanceOption",
            "ResourceMeteringSaveInterval",
            "VirtualHardDiskPath",
            "VirtualMachinePath",
            "MacAddressMaximum",
            "MacAddressMinimum",
            "FibreChannelWwnn",
            "FibreChannelWwpnMaximum",
            "FibreChannelWwpnMinimum",
            "NumaSpanningEnabled",
            "EnableEnhancedSessionMode",
        ],
        switches: &["Passthru"],
        aliases: &[("PSComputerName", "ComputerName")],
    },
    Cmdlet {
        name: "Move-VM",
        positions: &["Name", "DestinationHost"],
        valued: &[
            "Name",
            "VM",
            "CompatibilityReport",
            "ComputerName",
            "CimSession",
            "Credential",
            "DestinationHost",
            "DestinationCimSession",
            "DestinationCredential",
            "DestinationStoragePath",
            "VirtualMachinePath",
            "SnapshotFilePath",
            "SmartPagingFilePath",
            "Vhds",
            "ResourcePoolName",
        ],
        switches: &[
            "IncludeStorage",
            "RetainVhdCopiesOnSource",
            "RemoveSourceUnmanagedVhds",
            "AsJob",
            "Passthru",
        ],
        aliases: &[("VMName", "Name")],
    },
    Cmdlet {
        name: "Suspend-ClusterNode",
        positions: &["Name", "TargetNode"],
        valued: &["Name", "TargetNode", "InputObject", "Cluster"],
        switches: &["Drain", "ForceDrain", "Wait"],
        aliases: &[],
    },
];

const COMMON: &[&str] = &[
    "ErrorAction",
    "WarningAction",
    "InformationAction",
    "ProgressAction",
    "ErrorVariable",
    "WarningVariable",
    "InformationVariable",
    "OutVariable",
    "OutBuffer",
    "PipelineVariable",
];
const COMMON_SWITCHES: &[&str] = &["Verbose", "Debug", "WhatIf", "Confirm"];

/// The cmdlet of a name, whatever its case.
pub(super) fn find(name: &str) -> Option<&'static Cmdlet> {
    CMDLETS
        .iter()
        .find(|cmdlet| cmdlet.name.eq_ignore_ascii_case(name))
}

/// Whether a text mentions a cmdlet.
pub(super) fn are_in(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut names = CMDLETS.iter().map(|cmdlet| cmdlet.name);
    names.any(|name| text.contains(&name.to_ascii_lowercase()))
}

/// The arguments of a command by their parameters.
pub(super) struct Bound<'c> {
    values: Vec<(&'static str, &'c [Value])>,
    switches: Vec<(&'static str, Option<bool>, Range<usize>)>,
}

impl<'c> Bound<'c> {
    /// What a parameter is given; none where it is not.
    pub(super) fn values(&self, parameter: &str) -> Option<&'c [Value]> {
        let found = self.values.iter().find(|(name, _)| *name == parameter);
        found.map(|(_, values)| *values)
    }

    /// Whether a switch is on, if that is known, and where it stands; none where it does not.
    pub(super) fn switch(&self, parameter: &str) -> Option<(Option<bool>, Range<usize>)> {
        let found = self.switches.iter().find(|(name, ..)| *name == parameter);
        found.map(|(_, on, at)| (*on, at.clone()))
    }
}

/// Tells which parameter each argument is for. None where that is not certain, and where the
/// command only says what it would do.
pub(super) fn bind<'c>(cmdlet: &'static Cmdlet, command: &'c Command) -> Option<Bound<'c>> {
    let mut bound = Bound {
        values: Vec::new(),
        switches: Vec::new(),
    };
    let mut positional: Vec<&'c [Value]> = Vec::new();
    let mut arguments = command.arguments.iter().peekable();
    while let Some(argument) = arguments.next() {
        let Some((written, at)) = &argument.parameter else {
            positional.push(&argument.values);
            continue;
        };
        let (name, is_switch) = parameter(cmdlet, written)?;
        if is_switch {
            let on = match argument.joined {
                true => value_of(argument),
                false => Some(true),
            };
            bound.switches.push((name, on, at.clone()));
        } else if argument.joined {
            bound.values.push((name, &argument.values));
        } else {
            let next = arguments.next_if(|next| next.parameter.is_none())?;
            bound.values.push((name, &next.values));
        }
    }
    let free = cmdlet.positions.iter();
    let taken: Vec<&str> = bound.values.iter().map(|(name, _)| *name).collect();
    let mut free = free.filter(|name| !taken.contains(name));
    for values in positional {
        bound.values.push((*free.next()?, values));
    }
    match bound.switch("WhatIf") {
        Some((Some(false), _)) | None => Some(bound),
        Some(_) => None,
    }
}

fn value_of(argument: &Argument) -> Option<bool> {
    match argument.values.as_slice() {
        [value] => boolean(value.text.as_deref()?),
        _ => None,
    }
}

/// The parameter that a name stands for, which may be shortened, and whether it is a switch.
fn parameter(cmdlet: &Cmdlet, written: &str) -> Option<(&'static str, bool)> {
    let own = cmdlet.valued.iter().map(|name| (*name, *name, false));
    let switches = cmdlet.switches.iter().map(|name| (*name, *name, true));
    let aliases = cmdlet.aliases.iter();
    let aliases = aliases.map(|(alias, name)| (*alias, *name, false));
    let common = COMMON.iter().map(|name| (*name, *name, false));
    let common = common.chain(COMMON_SWITCHES.iter().map(|name| (*name, *name, true)));
    let short = [("ea", "ErrorAction", false), ("wi", "WhatIf", true)];
    let short = short
        .into_iter()
        .chain([("cf", "Confirm", true), ("vb", "Verbose", true)]);
    let all: Vec<_> = own
        .chain(switches)
        .chain(aliases)
        .chain(common)
        .chain(short)
        .collect();
    let exact = all
        .iter()
        .find(|(word, ..)| word.eq_ignore_ascii_case(written));
    let mut starting = all.iter().filter(|(word, ..)| {
        let start = word.get(..written.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(written))
    });
    let found = exact.or_else(|| match (starting.next(), starting.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    });
    found.map(|(_, name, is_switch)| (*name, *is_switch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::powershell::commands;

    fn bound(script: &str) -> Option<Vec<String>> {
        let commands = commands(script);
        let cmdlet = find(&commands[0].name)?;
        let bound = bind(cmdlet, &commands[0])?;
        let values = bound.values.iter().map(|(name, values)| {
            let values = values.iter();
            let values: Vec<_> = values
                .map(|it| it.text.clone().unwrap_or("?".into()))
                .collect();
            format!("{name}={}", values.join(","))
        });
        let switches = bound.switches.iter();
        let switches = switches.map(|(name, on, _)| format!("{name}={on:?}"));
        Some(values.chain(switches).collect())
    }

    #[test]
    fn arguments_go_to_their_parameters() {
        for (script, expected) in [
            (
                "Move-VM web01 hv02",
                vec!["Name=web01", "DestinationHost=hv02"],
            ),
            ("move-vm -dest:hv02 web01", vec![]),
            (
                "move-vm -DestinationH hv02 web01",
                vec!["DestinationHost=hv02", "Name=web01"],
            ),
            (
                "Move-VM -VMName web01 hv02 -IncludeStorage -Verbose",
                vec![
                    "Name=web01",
                    "DestinationHost=hv02",
                    "IncludeStorage=Some(true)",
                    "Verbose=Some(true)",
                ],
            ),
            (
                "Suspend-ClusterNode hv01 -Drain:$false -Wait:$w",
                vec!["Name=hv01", "Drain=Some(false)", "Wait=None"],
            ),
            (
                "Set-VMProcessor -VMName a,b -Count 4 -EA Stop",
                vec!["VMName=a,b", "Count=4", "ErrorAction=Stop"],
            ),
            (
                "Set-VMHost -UseAny $true -WhatIf:$false",
                vec!["UseAnyNetworkForMigration=true", "WhatIf=Some(false)"],
            ),
        ] {
            let expected = (!expected.is_empty()).then_some(expected);
            let found = bound(script);
            let found = found
                .as_ref()
                .map(|it| it.iter().map(String::as_str).collect());
            assert_eq!(found, expected, "{script}");
        }
    }

    #[test]
    fn what_is_not_certain_is_not_bound() {
        for script in [
            "Move-VM web01 hv02 -WhatIf",
            "Move-VM web01 hv02 more",
            "Move-VM web01 -Destination hv02",
            "Move-VM web01 hv02 -NoSuchThing",
            "Move-VM web01 -DestinationHost",
        ] {
            assert_eq!(bound(script), None, "{script}");
        }
    }
}
