use proptest::prelude::*;

use super::{Command, commands};

/// A command as its name and arguments: `-P=v`, `-P:v` for a joined one, `?` for what is unknown.
fn spelled(command: &Command) -> String {
    let mut text = command.name.clone();
    for argument in &command.arguments {
        text.push(' ');
        if let Some((name, _)) = &argument.parameter {
            text.push('-');
            text.push_str(name);
            if argument.joined {
                text.push(':');
            }
        }
        let values = argument.values.iter();
        let values: Vec<&str> = values
            .map(|value| value.text.as_deref().unwrap_or("?"))
            .collect();
        text.push_str(&values.join(","));
    }
    if command.piped {
        text.insert_str(0, "| ");
    }
    if command.splatted {
        text.push_str(" @");
    }
    text
}

fn found(script: &str) -> Vec<String> {
    commands(script).iter().map(spelled).collect()
}

#[test]
fn literals_are_read_in_every_quoting() {
    for (script, expected) in [
        ("Move-VM web01 hv02", "Move-VM web01 hv02"),
        ("Move-VM -Name 'web 01' hv02", "Move-VM -Name web 01 hv02"),
        ("Move-VM 'it''s'", "Move-VM it's"),
        ("Move-VM \"a`\"b\"", "Move-VM a\"b"),
        ("Move-VM \"a\"\"b\"", "Move-VM a\"b"),
        ("Move-VM \"$5 a$\"", "Move-VM ?"),
        ("Move-VM \"costs 5$\"", "Move-VM costs 5$"),
        ("Move-VM web`01", "Move-VM web01"),
        ("Move-VM a,b, 'c'", "Move-VM a,b,c"),
        ("Hyper-V\\Move-VM web01", "Move-VM web01"),
        ("& Move-VM web01", "Move-VM web01"),
        ("$job = Move-VM web01 -AsJob", "Move-VM web01 -AsJob"),
        (
            "Move-VM web01 `\n  -DestinationHost hv02",
            "Move-VM web01 -DestinationHost hv02",
        ),
        ("Move-VM web01 `\r\n  hv02", "Move-VM web01 hv02"),
        ("Move-VM web01 # to hv02", "Move-VM web01"),
        ("Move-VM <# away #> web01", "Move-VM web01"),
        ("Move-VM web#1", "Move-VM web#1"),
        (
            "Suspend-ClusterNode hv01 -Drain:$false",
            "Suspend-ClusterNode hv01 -Drain:false",
        ),
        (
            "Suspend-ClusterNode hv01 -Drain: $true",
            "Suspend-ClusterNode hv01 -Drain:true",
        ),
        (
            "Suspend-ClusterNode –Name hv01",
            "Suspend-ClusterNode -Name hv01",
        ),
        (
            "Set-VMHost -UseAnyNetworkForMigration $TRUE;",
            "Set-VMHost -UseAnyNetworkForMigration true",
        ),
        ("Move-VM web01 2>&1 | Out-Null", "Move-VM web01 2"),
    ] {
        let found = found(script);
        assert_eq!(
            found.first().map(String::as_str),
            Some(expected),
            "{script}"
        );
    }
}

#[test]
fn what_is_not_literal_is_unknown() {
    for (script, expected) in [
        ("Move-VM $vm hv02", "Move-VM ? hv02"),
        ("Move-VM $vm.Name hv02", "Move-VM ? hv02"),
        ("Move-VM $vms[0] hv02", "Move-VM ? hv02"),
        ("Move-VM \"web$n\" hv02", "Move-VM ? hv02"),
        ("Move-VM \"$(Get-Name \"x\")\" hv02", "Move-VM ? hv02"),
        ("Move-VM \"${vm}\" hv02", "Move-VM ? hv02"),
        ("Move-VM web$n hv02", "Move-VM ? hv02"),
        ("Move-VM (Get-VM web01) hv02", "Move-VM ? hv02"),
        ("Move-VM \"web\"'01' hv02", "Move-VM ? hv02"),
        ("Move-VM @'\nweb01\n'@ hv02", "Move-VM ? hv02"),
        ("Move-VM web01 @move", "Move-VM web01 @"),
        (
            "Get-VM web01 | Move-VM -DestinationHost hv02",
            "Get-VM web01",
        ),
    ] {
        assert_eq!(
            found(script).first().map(String::as_str),
            Some(expected),
            "{script}"
        );
    }
    let piped = found("Get-VM web01 |\n  Move-VM hv02");
    assert_eq!(piped, ["Get-VM web01", "| Move-VM hv02"]);
}

#[test]
fn what_may_not_run_is_passed_over() {
    for script in [
        "if ($x) { Move-VM web01 hv02 }",
        "if ($x)\n{\n  Move-VM web01 hv02\n}",
        "foreach ($vm in $vms) { Move-VM web01 hv02 }",
        "function Go { Move-VM web01 hv02 }",
        "$block = { Move-VM web01 hv02 }",
        "Invoke-Command -ComputerName hv03 { Move-VM web01 hv02 }",
        "Test-Path x && Move-VM web01 hv02",
        "@'\nMove-VM web01 hv02\n'@",
        "@\"\nMove-VM web01 hv02\n\"@",
        "'unended\nMove-VM web01 hv02",
        "@{ a = 'x' ; Move-VM = 1 }",
        "<# Move-VM web01 hv02",
    ] {
        let moves = found(script)
            .into_iter()
            .filter(|it| it.starts_with("Move-VM"));
        assert_eq!(moves.count(), 0, "{script}");
    }
    for script in [
        "try { Move-VM web01 hv02 } catch { Write-Error $_ }",
        "if ($x) { exit }\nMove-VM web01 hv02",
        "$a = @{ b = '}' }; Move-VM web01 hv02",
        "Write-Host \"a `\" $(\"}\")\"\nMove-VM web01 hv02",
        "[void](Get-VM)\nMove-VM web01 hv02",
        "$x.Run()\nMove-VM web01 hv02",
    ] {
        let moves = found(script)
            .into_iter()
            .filter(|it| it == "Move-VM web01 hv02");
        assert_eq!(moves.count(), 1, "{script}: {:?}", found(script));
    }
}

/// Text in which nothing is code.
fn inert() -> impl Strategy<Value = String> {
    let command = "(Move-VM web01 hv02|Set-VMHost x|[a-z ;|{}()]{0,8})";
    prop_oneof![
        command.prop_map(|it| format!("# {it} ' \" @'\n")),
        command.prop_map(|it| format!("<# {it}\n{it} ' #>\n")),
        command.prop_map(|it| format!("'{it}\n{it}'\n")),
        command.prop_map(|it| format!("\"{it}\n{it}\"\n")),
        command.prop_map(|it| format!("@'\n{it}\n' \" {it}\n'@\n")),
        command.prop_map(|it| format!("@\"\n{it}\n\" {it}\n\"@\n")),
        command.prop_map(|it| format!("$text = '{it}'\n")),
    ]
}

proptest! {
    #[test]
    fn any_text_comes_to_an_end(script in "(?s).{0,200}") {
        for command in commands(&script) {
            prop_assert!(script.get(command.at.clone()).is_some());
            for argument in &command.arguments {
                for value in &argument.values {
                    prop_assert!(script.get(value.at.clone()).is_some());
                }
            }
        }
    }

    #[test]
    fn so_does_text_made_of_what_means_something(
        script in "(\\$|@|'|\"|`|#|<#|#>|\\(|\\)|\\{|\\}|\\[|\\]|\\||&|;|,|=|-|>|\n| |a|Move-VM|\\$\\(|@\\{|@'\n|\n'@|try|return){0,60}",
    ) {
        for command in commands(&script) {
            prop_assert!(script.get(command.at.clone()).is_some());
        }
    }

    #[test]
    fn comments_and_texts_are_no_commands(
        before in prop::collection::vec(inert(), 0..4),
        after in prop::collection::vec(inert(), 0..4),
    ) {
        let script = format!("{}Suspend-ClusterNode hv01\n{}", before.concat(), after.concat());
        prop_assert_eq!(found(&script), ["Suspend-ClusterNode hv01"]);
    }
}
