use std::fs;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use tempfile::TempDir;

use super::*;
use crate::commands::Cli;

#[derive(Debug, Parser)]
#[command(name = "program")]
struct Small {
    #[command(subcommand)]
    command: Work,
}

#[derive(Debug, Subcommand)]
enum Work {
    Work(Args),
    Other,
}

/// An option of each form.
#[derive(Debug, clap::Args)]
struct Args {
    #[arg(long, env = "SMALL_CONFIG")]
    config: Option<PathBuf>,
    #[arg(long, env = "SMALL_COUNT", default_value_t = 3, value_parser = value_parser!(u16).range(1..=9))]
    count: u16,
    #[arg(long, env = "SMALL_SHARE", default_value_t = 0.5)]
    share: f64,
    #[arg(long, env = "SMALL_IS_ON")]
    is_on: bool,
    #[arg(long, env = "SMALL_GO")]
    go: Option<String>,
    #[arg(long, env = "SMALL_NAMES", value_delimiter = ',')]
    names: Vec<String>,
    #[arg(long, env = "SMALL_FORM", value_enum, default_value = "plain")]
    form: Form,
    #[arg(long, env = "SMALL_SIZE")]
    size: Option<bytesize::ByteSize>,
    #[arg(long, env = "SMALL_PLACE", num_args = 0..=1, default_missing_value = ".")]
    place: Option<PathBuf>,
    /// Typed only.
    #[arg(long)]
    once: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Form {
    Plain,
    Rich,
}

struct File {
    folder: TempDir,
}

impl File {
    fn new(text: &str) -> Self {
        let file = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(file.path(), text).unwrap();
        file
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("settings.toml")
    }

    fn read(&self, typed: &[&str]) -> Result<Settings, Unusable> {
        let path = self.path();
        let words = ["program", "work", "--config", path.to_str().unwrap()];
        let words: Vec<OsString> = words.iter().chain(typed).map(OsString::from).collect();
        read(Small::command(), &words)
    }

    fn args(&self, typed: &[&str]) -> Args {
        match Small::from_arg_matches(self.read(typed).unwrap().matches()).unwrap().command {
            Work::Work(args) => args,
            Work::Other => panic!("another command"),
        }
    }

    /// All complaints, without the file's name.
    fn flaws(&self) -> Vec<String> {
        match self.read(&[]) {
            Err(Unusable::Flaws(flaws)) => {
                let name = format!("{}:", self.path().display());
                flaws.iter().map(|flaw| flaw.strip_prefix(&name).expect("the file first").to_owned()).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_form_of_option_can_be_set() {
    let file = File::new(
        "count = 7\nshare = 0.25\nis-on = true\ngo = \"1.30\"\nnames = [\"a\", 'b']\nform = \"rich\"\nsize = \"2KiB\"\n\
         place = \"/srv\"\n",
    );
    let args = file.args(&[]);
    assert_eq!((args.count, args.share, args.is_on, args.go.as_deref()), (7, 0.25, true, Some("1.30")));
    assert_eq!((args.names, args.form), (vec!["a".to_owned(), "b".to_owned()], Form::Rich));
    assert_eq!((args.size.unwrap().as_u64(), args.place), (2048, Some("/srv".into())));
    let one = File::new("names = \"a\"\ncount = 0x8\nsize = 4096\nis-on = false\n").args(&[]);
    assert_eq!((one.names, one.count, one.size.unwrap().as_u64()), (vec!["a".to_owned()], 8, 4096));
    assert!(!one.is_on && !one.once && one.config.is_some());
    let none = File::new("names = []\n").args(&[]);
    assert_eq!((none.names.len(), none.count), (0, 3));
}

#[test]
fn what_is_typed_goes_before_the_file() {
    let file = File::new("\ncount = 7\nnames = [\"a\", \"b\"]\nform = 'rich'\n");
    let typed = ["--count", "5", "--names=x", "--is-on"];
    let args = file.args(&typed);
    assert_eq!((args.count, args.names, args.form, args.is_on), (5, vec!["x".to_owned()], Form::Rich, true));
    let settings = file.read(&typed).unwrap();
    let origin = |key: &str| {
        let arg = settings.options().find(|arg| arg.get_long() == Some(key)).unwrap();
        (settings.origin(arg), settings.texts(arg).unwrap_or_default())
    };
    assert_eq!(origin("count"), (Origin::Option("count".to_owned()), vec!["5".into()]));
    assert_eq!(origin("form"), (Origin::File(file.path(), 4), vec!["rich".into()]));
    assert_eq!(origin("share"), (Origin::Default, vec!["0.5".into()]));
    assert_eq!(origin("go"), (Origin::Default, vec![]));
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_is_allowed() {
    for (text, flaws) in [
        ("count = 7\n\ncuont = 3\n", &["3: there is no setting \"cuont\"; \"count\" is one"][..]),
        (
            "SMALL_xyzzy = 3",
            &["1: there is no setting \"SMALL_xyzzy\"; these are: count, share, is-on, go, names, form, size, place"],
        ),
        ("UNDERHOOD_IS_ON = true", &["1: there is no setting \"UNDERHOOD_IS_ON\"; \"is-on\" is one"]),
        (
            "once = true",
            &["1: there is no setting \"once\"; these are: count, share, is-on, go, names, form, size, place"],
        ),
        ("count = \"7\"", &["1: count is a number, without quotes"]),
        ("count = [7]", &["1: count is a number, without quotes"]),
        ("count = 10", &["1: invalid value '10' for '--count <COUNT>': 10 is not in 1..=9"]),
        ("count = -1", &["1: invalid value '-1' for '--count <COUNT>': -1 is not in 1..=9"]),
        ("is-on = 1", &["1: is-on is true or false"]),
        ("is-on = \"true\"", &["1: is-on is true or false"]),
        ("go = 1.30", &["1: go is a text, in quotes: go = \"1.30\""]),
        ("go = 2027-01-01", &["1: go is a text, in quotes: go = \"2027-01-01\""]),
        ("go = [\"1\"]", &["1: go is one text, not several"]),
        ("go = true", &["1: go is a text, in quotes: go = \"true\""]),
        ("names = [1]", &["1: each value of names is a text, in quotes"]),
        ("names = [[\"a\"]]", &["1: each value of names is one text, not several"]),
        ("form = \"poor\"", &["1: invalid value 'poor' for '--form <FORM>' [possible values: plain, rich]"]),
        ("[count]\na = 1", &["1: count is a number, without quotes"]),
        ("share = 0.1\nshare = 0.2", &["2: duplicate key"]),
        ("count = 3\ngo =\n", &["2: string values must be quoted, expected literal string"]),
        ("is-on = 1\ngo = 2\n", &["1: is-on is true or false", "2: go is a text, in quotes: go = \"2\""]),
        (
            "config = \"other.toml\"",
            &["1: there is no setting \"config\"; these are: count, share, is-on, go, names, form, size, place"],
        ),
    ] {
        assert_eq!(File::new(text).flaws(), flaws, "{text}");
    }
}

#[test]
fn files_that_are_none_and_commands_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let words = |command: &str, path: &Path| {
        ["program", command, "--config", path.to_str().unwrap()].map(OsString::from).to_vec()
    };
    let gone = folder.path().join("gone.toml");
    let told = read(Small::command(), &words("work", &gone)).unwrap_err().to_string();
    assert!(told.starts_with("cannot read the settings in ") && told.contains("gone.toml: No such file"), "{told}");
    assert!(matches!(read(Small::command(), &words("work", folder.path())), Err(Unusable::Read { .. })));
    let file = folder.path().join("bytes");
    fs::write(&file, b"go = \"\xff\"").unwrap();
    assert!(matches!(read(Small::command(), &words("work", &file)), Err(Unusable::Read { .. })));
    assert!(matches!(read(Small::command(), &words("other", &file)), Err(Unusable::Usage(_))));
    let settings = read(Small::command(), &["program".into(), "work".into()]).unwrap();
    assert!(settings.options().all(|arg| settings.origin(arg) == Origin::Default));
}

/// Each option of the service is a setting of one of the forms above, with a variable of the same name.
#[test]
fn every_option_of_serve_is_a_setting() {
    let command = Cli::command();
    let serve = command.find_subcommand("serve").unwrap();
    for arg in serve.get_arguments().filter(|arg| !["help", CONFIG].contains(&arg.get_id().as_str())) {
        let key = arg.get_long().unwrap_or_else(|| panic!("{} has no long name", arg.get_id()));
        assert!(of(serve).any(|each| each.get_long() == Some(key)), "--{key} cannot be set in a file");
        let variable = format!("UNDERHOOD_{}", key.to_uppercase().replace('-', "_"));
        assert_eq!(arg.get_env().unwrap(), variable.as_str());
    }
    let config = command.find_subcommand("config").unwrap();
    let keys = |command| of(command).map(|arg| arg.get_long().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(keys(config), keys(serve));
}
