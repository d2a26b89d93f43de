use super::*;

fn facts() -> Facts {
    let setting = |default: &str, since: Option<&str>, counted| Setting {
        default: Some(default.to_owned()),
        since: since.map(str::to_owned),
        counted,
    };
    let gogc = Variable { default: Some("100".into()), amount: Some(Amount::Number), words: vec!["off".into()] };
    Facts {
        variables: [("GOGC".to_owned(), gogc)].into(),
        godebug: [
            ("gctrace".to_owned(), setting("0", None, false)),
            ("quota".to_owned(), setting("1", Some("25"), true)),
        ]
        .into(),
        metrics: [("/a:bytes".to_owned(), Meter::Gauge)].into(),
        compiler: ["m", "d=checkptr", "d=ssa/prove"].map(str::to_owned).into(),
    }
}

const WRITTEN: &str = "# T
| GODEBUG | left alone |

<!-- knobs: begin -->
| GODEBUG | means |
|---|---|
| `gctrace=1` | a line each |
| `quota=0` | old | without |

Text.

| variable | means |
|---|---|
| `GOGC=50` | growth |

| runtime/metrics | means |
|---|---|
| `/a:bytes` | all |

| -gcflags | means |
|---|---|
| `-m=2` | why |
| `-d=checkptr` | checks |
| `-d=ssa/prove/debug=1` | proved |
<!-- knobs: end -->
End
";

const FILLED: &str = "# T
| GODEBUG | left alone |

<!-- knobs: begin, go1.27.3: filled in by underhood capture -->
| GODEBUG | default | means |
|---|---|---|
| `gctrace=1` | `0` | a line each |
| `quota=0` | `1`, since 1.25, counted | without |

Text.

| variable | default, else | means |
|---|---|---|
| `GOGC=50` | `100`, else a number, `off` | growth |

| runtime/metrics | kind | means |
|---|---|---|
| `/a:bytes` | gauge | all |

| -gcflags | means |
|---|---|
| `-m=2` | why |
| `-d=checkptr` | checks |
| `-d=ssa/prove/debug=1` | proved |
<!-- knobs: end -->
End
";

#[test]
fn a_table_keeps_the_words_of_its_author_and_gets_the_rest() {
    let once = filled(WRITTEN, "go1.27.3", &facts()).unwrap().unwrap();
    assert_eq!((once.text.as_str(), once.line), (FILLED, 4));
    // What is right stays as it is, with a later patch release too.
    assert_eq!(filled(FILLED, "go1.27.9", &facts()).unwrap().unwrap().text, FILLED);
    assert_eq!((made_for(WRITTEN), made_for(FILLED)), (None, Some("go1.27.3")));
    assert_eq!(filled("# T\n| `a` |\n", "go1.27.3", &facts()), Ok(None));
}

#[test]
fn what_the_toolchain_does_not_have_is_told_with_its_line() {
    for (old, new, line, what) in [
        ("`gctrace=1`", "`gctrance=1`", 7, "go1.27.3 knows no such GODEBUG: gctrance=1"),
        ("`GOGC=50`", "`GOGCC=50`", 14, "no such variable: GOGCC=50"),
        ("`/a:bytes`", "`/a:byte`", 18, "no such runtime/metrics: /a:byte"),
        ("`-m=2`", "`m=2`", 22, "no such -gcflags: m=2"),
        ("`-d=checkptr`", "`-d=checkpt`", 23, ": -d=checkpt"),
        ("ssa/prove/", "ssa/proves/", 24, ": -d=ssa/proves/debug=1"),
        ("`/a:bytes`", "/a:bytes", 18, "in backquotes"),
        ("| variable |", "| knob |", 12, "one of variable, GODEBUG"),
        (END, "", 4, "there is no `<!-- knobs: end -->`"),
    ] {
        let wrong = filled(&WRITTEN.replace(old, new), "go1.27.3", &facts()).unwrap_err();
        assert_eq!(wrong.len(), 1, "{new}: {wrong:?}");
        assert!(wrong[0].line == line && wrong[0].what.contains(what), "{new}: {wrong:?}");
    }
}
