//! docs/settings.md, made of the options themselves.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{Arg, Command, CommandFactory as _};

use super::Cli;
use super::settings::{Kind, is_list, kind, of};

const HEAD: &str = "# Settings

<!-- Made of the options by `UNDERHOOD_WRITE_SETTINGS=1 cargo test settings_page`; edit those. -->

`underhood serve` takes its settings from four places. What comes first in this list goes before what comes after it:

1. **Options**: `--max-runs 8`
2. **The environment**: `UNDERHOOD_MAX_RUNS=8`
3. **A file**: `max-runs = 8`, in TOML, named by `--config FILE` or `UNDERHOOD_CONFIG`
4. **Defaults**

The three names of a setting are made of each other. [deploy/underhood.toml](../deploy/underhood.toml) is a file to begin with. This
says what is in force, and from where; it takes the same options, variables and file:

```sh
underhood config
underhood config --json
```

A key that there is not, or a value that the option would not take, is an error that names file and line. The service does not start
then, and `underhood config` ends with 2.

Sizes are texts such as `\"64MiB\"`; times are whole seconds. In the file texts stand in quotes, versions too: `go = \"1.27\"`. A list is
`[\"a\", \"b\"]`; in the environment its values have commas between, and the option is given several times. In the environment a
setting without a value is `true` or `false`. Secrets are no settings.
";

const REST: &str = "## What is no setting of serve

These are variables only, for all commands:

| variable | for |
|---|---|
| `UNDERHOOD_DATA` | the folder for toolchains and standard libraries, for those commands that have no `--data` |
| `UNDERHOOD_LOG` | which log lines are written to standard error, such as `underhood=debug` |

Without `--go` and `UNDERHOOD_GO`, `go` on PATH is used if it is new enough. Else an installed one is: the release that Underhood
is tested with, or the newest. `underhood toolchain list` says which, and why.

Other commands read variables of theirs, and those above that they have options for, but no file:

| variable | option | for |
|---|---|---|
";

/// `UNDERHOOD_WRITE_SETTINGS=1 cargo test settings_page` writes it anew.
#[test]
fn the_page_of_settings_is_made_of_the_options() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let page = page(&Cli::command());
    if std::env::var_os("UNDERHOOD_WRITE_SETTINGS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let hint = "UNDERHOOD_WRITE_SETTINGS=1 cargo test settings_page writes it anew";
    assert!(kept == page, "docs/settings.md is another; {hint}");
}

fn page(program: &Command) -> String {
    let serve = program.find_subcommand("serve").unwrap();
    let mut text = HEAD.to_owned();
    let mut headings: Vec<&str> = Vec::new();
    for arg in of(serve) {
        let heading = arg.get_help_heading().unwrap_or("The service");
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    for heading in headings {
        text += &format!("\n## {heading}\n\n| key | takes | unless set | for |\n|---|---|---|---|\n");
        for arg in of(serve).filter(|arg| arg.get_help_heading().unwrap_or("The service") == heading) {
            let (what, default) = what_and_default(arg);
            text += &format!("| `{}` | {} | {default} | {what} |\n", arg.get_long().unwrap(), takes(arg));
        }
    }
    let ours: BTreeSet<&str> = of(serve).filter_map(Arg::get_long).collect();
    text += &format!("\n{REST}");
    for command in program.get_subcommands().filter(|command| command.get_name() != "config") {
        for arg in of(command).filter(|arg| !ours.contains(arg.get_long().unwrap())) {
            let variable = arg.get_env().unwrap().to_str().unwrap();
            let option = format!("{} --{}", command.get_name(), arg.get_long().unwrap());
            text += &format!("| `{variable}` | `{option}` | {} |\n", what_and_default(arg).0);
        }
    }
    text
}

fn takes(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let name = names.first().map_or("value", |name| name.as_str()).to_lowercase();
    let possible: Vec<_> = arg.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    match kind(arg) {
        Kind::Flag => "true or false".to_owned(),
        Kind::Own if !possible.is_empty() => possible.join(", "),
        Kind::Number if ["seconds", "cells"].contains(&name.as_str()) => format!("a number of {name}"),
        Kind::Number => "a number".to_owned(),
        Kind::Own | Kind::Text if is_list(arg) => format!("a list of texts: {name}"),
        Kind::Own | Kind::Text => format!("a text: {name}"),
    }
}

/// What the help says, and the default, which may be a part of it.
fn what_and_default(arg: &Arg) -> (String, String) {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let (what, told) = match help.split_once(" [default: ") {
        Some((what, default)) => (what.to_owned(), Some(default.trim_end_matches(']').to_owned())),
        None => (help, None),
    };
    let values: Vec<_> =
        arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    let default = match (kind(arg), told) {
        (_, Some(told)) => told,
        (Kind::Flag, None) => "`false`".to_owned(),
        (_, None) => values.join(", "),
    };
    (what, default)
}
