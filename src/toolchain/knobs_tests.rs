//! Settings read from source laid out like Go's, and from a real toolchain.

use super::{
    super::{data::DataDir, find, goroot::tests::write},
    *,
};

/// A toolchain whose source files are these.
fn with(files: &[(&str, &str)]) -> (tempfile::TempDir, Toolchain) {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "1.27.3", "x");
    let cpu = format!("internal/cpu/cpu_{}.go", cpu_file());
    let plain = [
        ("internal/godebugs/table.go", TABLE),
        ("runtime/runtime1.go", RUNTIME),
        (cpu.as_str(), "package cpu\nvar o = []option{\n\t{Name: \"aes\", Feature: &X.HasAES},\n}\n"),
        ("internal/goexperiment/flags.go", FLAGS),
        ("internal/buildcfg/exp.go", "package buildcfg\nvar a, b = \"regabi\", \"none\"\n"),
    ];
    for (name, text) in plain.iter().chain(files) {
        let path = dir.path().join("src").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let toolchain = Toolchain::at(dir.path()).unwrap();
    (dir, toolchain)
}

const TABLE: &str = r#"package godebugs
// var All = []Info{ {Name: "in a comment"} }
type Info struct { Name string }
var All = []Info{
	{Name: "first", Package: "a}b{"},
	//{Name: "commented", Package: "x"},
	/* {Name: "blocked"}, */ {Package: "y", Name:   "second"}, {
		Name: "third",
	},
	{Name: "gone"},
}
var Removed = []RemovedInfo{
	{Name: "gone", Removed: 27, Old: func(s string) bool { return s == "1" }},
	{Name: "gonetoo", Removed: 27, Old: one},
}
var Other = []Info{{Name: "elsewhere"}}
"#;

const RUNTIME: &str = r#"package runtime
var dbgvars = []*dbgVar{
	{name: "gctrace", value: &debug.gctrace},
	{name: "panicnil", atomic: &debug.panicnil, def: 1},
}
func parse(key string) { _ = key == "memprofilerate"; _ = x{name: "local"} }
"#;

const FLAGS: &str = "package goexperiment\n\ntype Flags struct {\n\tFieldTrack bool // bool\n\n\t// Dwarf5 does.\n\tDwarf5, JSONv2 bool\n\tcount int\n}\n\ntype Other struct {\n\tNotThis bool\n}\n";

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn keys_come_from_all_lists_without_comments_and_removed_ones() {
    let (_dir, toolchain) = with(&[]);
    let expected = ["cpu.aes", "cpu.all", "first", "gctrace", "memprofilerate", "panicnil", "second", "third"];
    assert_eq!(godebug_keys(&toolchain).unwrap(), set(&expected));
    assert_eq!(godebug_removed(&toolchain).unwrap(), set(&["gone", "gonetoo"]));
}

#[test]
fn experiments_come_with_their_negations() {
    let (_dir, toolchain) = with(&[]);
    let words = ["dwarf5", "fieldtrack", "jsonv2", "regabi"];
    let mut expected = set(&words);
    expected.extend(words.iter().map(|word| format!("no{word}")));
    expected.insert("none".to_owned());
    assert_eq!(goexperiments(&toolchain).unwrap(), expected);
}

#[test]
fn source_that_changed_shape_is_an_error_and_not_an_empty_list() {
    let (_dir, toolchain) = with(&[("internal/godebugs/table.go", "package godebugs\n")]);
    assert!(matches!(godebug_keys(&toolchain), Err(KnobsError::Empty { what: "settings", .. })));
    let (_dir, toolchain) = with(&[("runtime/runtime1.go", "package runtime\nvar dbgvars = load()\n")]);
    assert!(matches!(godebug_keys(&toolchain), Err(KnobsError::Empty { what: "debug variables", .. })));
    let (_dir, toolchain) = with(&[("internal/goexperiment/flags.go", "package goexperiment\n")]);
    assert!(matches!(goexperiments(&toolchain), Err(KnobsError::Empty { what: "experiments", .. })));
    let (dir, toolchain) = with(&[]);
    fs::remove_file(dir.path().join("src/runtime/runtime1.go")).unwrap();
    assert!(matches!(godebug_keys(&toolchain), Err(KnobsError::Read { .. })));
}

#[test]
fn quotes_in_source_do_not_confuse() {
    let text = "a := \"// no comment\" // yes\nb := '\"' /* x */ c := `\\` + \"\\\"//\"";
    assert_eq!(without_comments(text), "a := \"// no comment\" \nb := '\"'   c := `\\` + \"\\\"//\"");
}

/// The real thing: `make test` has installed a toolchain.
#[test]
fn the_toolchain_at_hand_knows_what_lessons_use() {
    let named = std::env::var("UNDERHOOD_GO").ok();
    let choice = find::choose(named.as_deref(), &DataDir::from_env().unwrap()).unwrap();
    let keys = godebug_keys(&choice.toolchain).unwrap();
    for key in [
        "gctrace",
        "schedtrace",
        "scheddetail",
        "inittrace",
        "gcpacertrace",
        "scavtrace",
        "asyncpreemptoff",
        "madvdontneed",
        "cgocheck",
        "invalidptr",
        "memprofilerate",
        "panicnil",
        "http2debug",
        "netdns",
        "cpu.all",
        "cpu.aes",
    ] {
        assert!(keys.contains(key), "{key} is missing from {keys:?}");
    }
    assert!(!keys.contains("nosuchknob") && !keys.contains("allocfreetrace"));
    let removed = godebug_removed(&choice.toolchain).unwrap();
    assert!(keys.is_disjoint(&removed));
    let words = goexperiments(&choice.toolchain).unwrap();
    for word in ["loopvar", "noloopvar", "arenas", "regabiargs", "none"] {
        assert!(words.contains(word), "{word} is missing from {words:?}");
    }
}
