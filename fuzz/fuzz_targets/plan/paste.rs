//! The line to paste.

use sandbox::spec::{Command, Word};
use underhood::limits::Limits;
use underhood::plan::Plan;
use underhood::protocol::{Mode, Request};
use underhood::{Target, cells, places};
use underhood_fuzz::shell_words;

use crate::commands::{argv, run_words};

/// The line says to a shell what the commands say to the kernel.
pub fn pastes(request: &Request, plan: &Plan) {
    // The one place where the shell is meant to put something in.
    let compiles = matches!(request.mode, Mode::Asm(_) | Mode::Ssa(_));
    let line = plan.command.replacen(" -trimpath=\"$PWD\" ", " ", usize::from(compiles));
    let words = shell_words(&line).unwrap_or_else(|| panic!("a shell would act on a part of {line:?}"));
    let assigned = |(name, value): &(String, Word)| format!("{name}={value}");
    let commands = &plan.build.job.commands;
    let last = commands.last().expect("there is one");
    let ours = cells::build_env(&Limits::default().build, &Target::host()).len();
    // What only makes the go command quicker changes nothing that is seen.
    let is_seen = |(name, _): &&(String, Word)| name != "GODEBUG" && name != "GOGC";
    let prefix: Vec<String> = last.env[ours..].iter().filter(is_seen).map(assigned).collect();
    let is_place = |word: &&String| !word.starts_with("/out") && !word.starts_with("-trimpath");
    let in_reader_s_folder = |word: &String| word.replace("/tmp/importcfg", "importcfg");
    let run = plan.run.as_ref().map(|run| (&run.job.commands[0], run_words(request)));
    let binary = run.as_ref().map_or("main", |(_, words)| words[0].as_str());
    let here = |word: &String| if word == places::BINARY { binary.to_owned() } else { word.clone() };
    let said = |command: &Command| argv(command).iter().map(here).collect::<Vec<_>>();
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let expected = match &request.mode {
        Mode::Run(_) | Mode::Test(_) | Mode::Bench(_) => {
            let (command, words) = run.as_ref().expect("it runs something");
            let variables = command.env[cells::run_env().len()..].iter().map(assigned).collect();
            let start = vec![format!("./{binary}")];
            let mut build = said(last);
            if Plan::target(request).has_race_detector() {
                // A variable says it in the cell.
                build.insert(2, "-race".to_owned());
            }
            [prefix, build, own(&["&&"]), variables, start, words[1..].to_vec()].concat()
        }
        Mode::Asm(_) | Mode::Ssa(_) => {
            let semicolon = words.iter().position(|word| word == ";").expect("there are two commands");
            let compile: Vec<String> =
                words[semicolon + 1..].iter().filter(|word| *word != "main.o").cloned().collect();
            let mut expected = prefix;
            // What is for the compiler alone stands first.
            expected.rotate_right(usize::from(matches!(request.mode, Mode::Ssa(_))));
            expected.extend(argv(last).iter().filter(is_place).map(in_reader_s_folder));
            assert_eq!(compile, expected);
            return;
        }
        Mode::Nm(options) => {
            let filter = options.func.as_ref().map(|_| {
                // The expression is one word, whatever is in it.
                assert!(words.last().is_some_and(|word| word.starts_with(' ')), "{words:?}");
                [own(&["|", "grep", "-E"]), words[words.len() - 1..].to_vec()].concat()
            });
            [prefix, said(&commands[0]), own(&["&&", "go", "tool"]), said(last), filter.unwrap_or_default()].concat()
        }
        Mode::Objdump(_) => [prefix, said(&commands[0]), own(&["&&", "go", "tool"]), said(last)].concat(),
        Mode::Build(_) => {
            let sizes = own(&["&&", "wc", "-c", "main", "&&", "size", "-A", "main"]);
            [prefix, said(&commands[0]), own(&["&&"]), said(&commands[1]), sizes].concat()
        }
        Mode::Layout(options) => {
            let arch = format!("arch={}", options.arch.goarch());
            let with = prefix.iter().filter(|word| word.starts_with("GOEXPERIMENT="));
            let with = with.flat_map(|word| ["--env".to_owned(), word.clone()]).collect();
            let files = request.files.iter().map(|(name, _)| name.to_owned()).collect();
            [own(&["underhood", "run", "--mode", "layout", "--opt", &arch]), with, files].concat()
        }
        // What is to be compiled for is nothing to gofmt.
        Mode::Fmt(_) => said(last),
        Mode::Escape(_) | Mode::Bounds(_) | Mode::Vet(_) => [prefix, said(last)].concat(),
    };
    assert_eq!(words, expected);
}
