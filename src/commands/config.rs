//! `underhood config`: what `serve` would use, and where it comes from.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Arg;
use serde_json::json;
use toml::Value;

use super::serve;
use super::settings::{InForce, Kind, Origin, Settings, is_list, kind};

/// Print the settings that serve would use, and where each comes from
///
/// Takes all options of underhood serve. What is printed can be kept as a file for --config: values are in force, also
/// those that depend on this machine, and a comment behind each says who has set it.
///
/// Exit code: 0, or 2 when something in the file, the environment or the options is wrong.
#[derive(Debug, clap::Args)]
// The options of serve are a group of that name already.
#[group(skip)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    serve: serve::Args,
}

/// Examples for the help; those of `serve` would stand there otherwise.
pub const EXAMPLES: &str = "Examples:
  underhood config
  underhood config --config deploy/underhood.toml --max-runs 4
  underhood config --json";

/// A setting, ready to be shown.
struct Shown<'a> {
    key: &'a str,
    heading: &'a str,
    value: Option<Value>,
    origin: Origin,
    note: Option<String>,
}

/// Runs the subcommand.
pub fn run(args: &Args, settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut in_force = args.serve.in_force()?;
    let shown = settings.options().map(|arg| shown(arg, settings, &mut in_force)).collect::<Result<Vec<_>, _>>()?;
    let text = if args.json { as_json(&shown)? } else { as_toml(&shown) };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn shown<'a>(
    arg: &'a Arg,
    settings: &Settings,
    in_force: &mut BTreeMap<&'static str, InForce>,
) -> anyhow::Result<Shown<'a>> {
    let key = arg.get_long().unwrap_or_default();
    let mut texts = Vec::new();
    for text in settings.texts(arg).into_iter().flatten() {
        let text = text.into_string().ok();
        texts.push(text.with_context(|| format!("--{key} is no UTF-8, and so cannot be written as TOML"))?);
    }
    let value = match (is_list(arg), texts.len()) {
        (true, _) => Some(Value::Array(texts.into_iter().map(|text| value(arg, text)).collect())),
        (false, 0) => None,
        (false, _) => Some(value(arg, texts.swap_remove(0))),
    };
    let InForce { value: computed, note } =
        in_force.remove(key).unwrap_or(InForce { value: None, note: String::new() });
    Ok(Shown {
        key,
        heading: arg.get_help_heading().unwrap_or_default(),
        value: value.or(computed),
        origin: settings.origin(arg),
        note: Some(note).filter(|note| !note.is_empty()),
    })
}

fn value(arg: &Arg, text: String) -> Value {
    match kind(arg) {
        Kind::Flag => Value::Boolean(text == "true"),
        Kind::Number => match text.parse() {
            Ok(number) => Value::Integer(number),
            Err(_) => text.parse().map_or(Value::String(text), Value::Float),
        },
        Kind::Text | Kind::Own => Value::String(text),
    }
}

/// The widest that lines are before their comment.
const WIDEST: usize = 44;

fn as_toml(shown: &[Shown<'_>]) -> String {
    let line = |shown: &Shown<'_>| match &shown.value {
        Some(value) => format!("{} = {value}", shown.key),
        None => format!("# {}: not set", shown.key),
    };
    let width = shown.iter().map(|shown| line(shown).chars().count()).filter(|width| *width <= WIDEST).max();
    let width = width.unwrap_or(0);
    let mut text = "# What `underhood serve` uses with the same options, variables and file.\n".to_owned();
    let mut headings: Vec<&str> = Vec::new();
    for each in shown {
        if !headings.contains(&each.heading) {
            headings.push(each.heading);
        }
    }
    for heading in headings {
        let title = if heading.is_empty() { String::new() } else { format!("# {heading}\n") };
        text += &format!("\n{title}");
        for each in shown.iter().filter(|shown| shown.heading == heading) {
            let note = each.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
            let mut comment = format!("{}{note}", each.origin);
            comment.retain(|character| !character.is_control());
            text += &match each.value {
                // Already a comment.
                None => format!("{:width$}  ({comment})\n", line(each)),
                Some(_) => format!("{:width$}  # {comment}\n", line(each)),
            };
        }
    }
    text
}

fn as_json(shown: &[Shown<'_>]) -> anyhow::Result<String> {
    let settings: Vec<_> = shown
        .iter()
        .map(|shown| {
            let from = match &shown.origin {
                Origin::Option(name) => json!({"from": "option", "name": format!("--{name}")}),
                Origin::Environment(variable) => json!({"from": "environment", "name": variable}),
                Origin::File(path, line) => json!({"from": "file", "file": path, "line": line}),
                Origin::Default => json!({"from": "default"}),
            };
            json!({"key": shown.key, "value": shown.value, "origin": from, "note": shown.note})
        })
        .collect();
    Ok(serde_json::to_string_pretty(&json!({ "settings": settings }))? + "\n")
}
