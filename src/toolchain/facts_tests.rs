//! Facts of real toolchains, and of functions written alike.

use super::super::{data::DataDir, find};
use super::*;

#[test]
fn the_words_and_the_default_of_a_variable_are_those_of_its_function() {
    let pacer = "func r() int32 {\n\tif p == \"off\" {\n\t\treturn -1\n\t}\n\tif n, ok := strconv.Atoi32(p); ok {\n\
                 \t\treturn n\n\t}\n\treturn 100\n";
    let expected = Variable { default: Some("100".into()), amount: Some(Amount::Number), words: vec!["off".into()] };
    assert_eq!(variable(pacer), expected);
    let level = "func s(level string) {\n\tswitch level {\n\tcase \"none\":\n\tcase \"single\", \"\":\n\t}\n\tif GOOS == \"windows\" {\n\t}\n\tthrow(\"x y\")\n";
    let words = vec!["none".into(), "single".into()];
    assert_eq!(variable(level), Variable { default: Some("single".into()), amount: None, words });
}

#[test]
fn what_installed_toolchains_say_is_read() {
    let data = DataDir::from_env().unwrap();
    let installed: Vec<_> = find::installed(&data).unwrap().into_iter().flatten().collect();
    assert!(!installed.is_empty(), "no toolchain is installed");
    for toolchain in installed {
        let facts = Facts::read(toolchain.goroot()).unwrap();
        let version = toolchain.version();
        let setting = |key: &str| facts.godebug.get(key).cloned().unwrap_or_else(|| panic!("{version} has no {key}"));
        assert_eq!(setting("gctrace"), Setting { default: Some("0".into()), ..Setting::default() }, "{version}");
        assert_eq!(setting("invalidptr").default.as_deref(), Some("1"), "{version}");
        assert_eq!(setting("asyncpreemptoff").default.as_deref(), Some("0"), "{version}");
        let quota = Setting { default: Some("1".into()), since: Some("25".into()), counted: true };
        assert_eq!(setting("containermaxprocs"), quota, "{version}");
        assert_eq!(setting("netdns"), Setting::default(), "{version}");

        let meter = |name: &str| facts.metrics.get(name).copied();
        assert_eq!(meter("/gc/cycles/total:gc-cycles"), Some(Meter::Counter), "{version}");
        assert_eq!(meter("/gc/heap/goal:bytes"), Some(Meter::Gauge), "{version}");
        assert_eq!(meter("/sched/latencies:seconds"), Some(Meter::Histogram), "{version}");
        let counter = "/godebug/non-default-behavior/containermaxprocs:events";
        assert_eq!(meter(counter), Some(Meter::Counter), "{version}");

        let variable = |name: &str| facts.variables[name].clone();
        let off = vec!["off".to_owned()];
        assert_eq!(
            variable("GOGC"),
            Variable { default: Some("100".into()), amount: Some(Amount::Number), words: off.clone() }
        );
        assert_eq!(
            variable("GOMEMLIMIT"),
            Variable { default: Some("off".into()), amount: Some(Amount::Size), words: off }
        );
        assert_eq!(variable("GOMAXPROCS"), Variable { amount: Some(Amount::Number), ..Variable::default() });
        assert_eq!(variable("GOTRACEBACK").default.as_deref(), Some("single"));
        assert!(variable("GOTRACEBACK").words.contains(&"crash".to_owned()));
        for flag in ["m", "l", "N", "S", "d=checkptr", "d=ssa/check_bce", "d=ssa/prove"] {
            assert!(facts.compiler.contains(flag), "{version} has no {flag}");
        }
    }
}
