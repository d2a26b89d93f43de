//! Words of commands, for the kernel and for a shell.

use sandbox::spec::{Command, Output, Program, Word};

use crate::run::places;

/// In the reader's folder, its output shown, ending the job if it fails.
pub(super) fn command(program: Program, argv: Vec<Word>, env: Vec<(String, Word)>) -> Command {
    let (stdout, stderr) = (Output::Stdout, Output::Stderr);
    Command { program, argv, env, dir: places::CODE.into(), stdout, stderr, may_fail: false }
}

pub(super) fn words(words: &[&str]) -> Vec<Word> {
    words.iter().map(|word| Word::from(*word)).collect()
}

pub(super) fn variables(env: &[(String, String)]) -> impl Iterator<Item = (String, Word)> {
    env.iter().map(|(name, value)| (name.clone(), Word::from(value)))
}

/// `NAME=value ` for each, as a shell takes them before a command.
pub(super) fn assignments(env: &[(String, String)]) -> String {
    env.iter().map(|(name, value)| format!("{name}={} ", quote(value))).collect()
}

/// Words as a shell reads them.
pub(super) fn shell(words: &[&str]) -> String {
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=.,/:@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
