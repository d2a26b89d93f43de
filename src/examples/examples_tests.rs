use super::*;

const VARIANT: &str = "[[variant]]\nname = \"a\"\nmode = \"escape\"\n";

fn read(files: &[(&str, &str)]) -> Result<Catalogue, String> {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let reading = super::read(files);
    let faults: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(Catalogue::new(reading.examples)) } else { Err(faults.join("\n")) }
}

fn error(description: &str) -> String {
    read(&[("t/n/example.toml", description), ("t/n/main.go", "package main\n")]).unwrap_err()
}

#[test]
fn one_file_is_its_text_and_several_are_txtar() {
    let description = format!("title = \"T\"\n{VARIANT}");
    let lone =
        read(&[("go.mod", "module m\n"), ("t/n/example.toml", &description), ("t/n/main.go", "package main\n")]);
    assert_eq!(lone.unwrap().get("t/n").unwrap().source, "package main\n");
    let several = read(&[
        ("t/n/example.toml", &description),
        ("t/n/main.go", "package main\n"),
        ("t/n/b/b.go", "package b\n"),
        ("t/n/golden/a.txt", "output"),
    ]);
    let source = "-- b/b.go --\npackage b\n-- main.go --\npackage main\n";
    assert_eq!(several.unwrap().get("t/n").unwrap().source, source);
}

#[test]
fn files_that_txtar_would_change_are_found() {
    let description = format!("title = \"T\"\n{VARIANT}");
    for text in ["package main\n/*\n-- x.go --\n*/\n", "package main\n-- ../x --\n"] {
        assert!(read(&[("t/n/example.toml", &description), ("t/n/main.go", text)]).is_err(), "{text}");
    }
    let no_newline = [("t/n/example.toml", description.as_str()), ("t/n/a.go", "package main"), ("t/n/b.go", "")];
    assert!(read(&no_newline).unwrap_err().contains("survive"));
}

#[test]
fn faults_name_the_file_the_line_and_the_flaw() {
    for (line, rest, part) in [
        (1, "", "no [[variant]]"),
        (2, "level = 1\n", "unknown field `level`"),
        (4, "[[variant]]\nname = \"a\"\nmode = \"objcopy\"\n", "no mode \"objcopy\"; allowed: run, escape"),
        (5, "VARIANToptions = { level = 3 }\n", "level is 1 or 2"),
        (5, "VARIANTenv = { PATH = \"/\" }\n", "\"PATH\""),
        (6, "VARIANTknobs = [\"GOGC\",\n\"GOFLAGS\"]\n", "\"GOFLAGS\""),
        (5, "VARIANTexit = \"fine\"\n", "\"fine\"; allowed: ok"),
        (5, "VARIANTwant = 1\n", "unknown field `want`"),
        (6, "VARIANTVARIANT", "two variants"),
        (3, "[[variant]]\nname = \"../a\"\nmode = \"run\"\n", "small letters"),
        (5, "VARIANTgolden = true\n[variant.env]\nGODEBUG = \"gctrace=1\"\n", "GODEBUG"),
        (5, "VARIANT[[variant.expect]]\nmatch = \"(\"\n", "unclosed group"),
        (5, "VARIANT[[variant.expect]]\nmin = 1\n", "either `match` or `not`"),
        (5, "VARIANT[[variant.expect]]\nnot = \"a\"\nmin = 1\n", "`not` allows none"),
        (5, "VARIANT[[variant.expect]]\nmatch = \"a\"\nmin = 2\nmax = 1\n", "larger"),
        (5, "VARIANT[[variant.expect]]\nmatch = \"a\"\ngo = \"1.26\"\n", "\">=1.26\""),
        (2, "files = [\"a.txt\"]\nVARIANT", "\"a.txt\", which is not there"),
    ] {
        let error = error(&format!("title = \"T\"\n{rest}").replace("VARIANT", VARIANT));
        let place = format!("t/n/example.toml:{line}: ");
        let is_there =
            error.starts_with(&place) || (part.contains("no [[") && error.starts_with("t/n/example.toml: "));
        assert!(is_there && error.contains(part), "{place} {part} in {error}");
    }
    assert!(read(&[("t/n/main.go", "package main\n")]).unwrap_err().contains("missing"));
}

#[test]
fn every_fault_is_told_and_hides_no_other_example() {
    let good = format!("title = \"T\"\n{VARIANT}");
    let files = [
        ("t/bad/example.toml", "title = 1\n"),
        ("t/bad/main.go", "package main\n"),
        ("t/good/.main.go.swp", "an editor's"),
        ("t/good/example.toml", &good),
        ("t/good/golden/a.txt", "text"),
        ("t/good/golden/b.txt", "text"),
        ("t/good/main.go", "package main\n"),
        ("t/good/notes.txt", "stray"),
        ("t/want/example.toml", &good),
        ("t/want/main.go", "package main\n\nfunc main() {} // want run@a \"x\"\n"),
        ("t/stray.go", "package t\n"),
        ("go.mod", "module m\n"),
    ];
    let reading = super::read(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())));
    let faults: Vec<_> = reading.faults.iter().map(|fault| (fault.file.as_str(), fault.line)).collect();
    let expected = [
        ("t/bad/example.toml", Some(1)),
        ("t/good/golden/b.txt", None),
        ("t/good/notes.txt", None),
        ("t/stray.go", None),
        ("t/want/main.go", Some(3)),
    ];
    assert_eq!(faults, expected);
    assert_eq!(reading.examples.iter().map(|example| example.path.as_str()).collect::<Vec<_>>(), ["t/good"]);
    assert_eq!(reading.broken.iter().collect::<Vec<_>>(), ["t/bad", "t/want"]);
}

#[test]
fn pages_show_the_code_without_its_wants() {
    let description = format!("title = \"T\"\n{VARIANT}[[variant.expect]]\nmatch = \"^a$\"\nmax = 3\n");
    let code = "package main\n\nfunc main() {} // want escape \"can inline\"\n";
    let catalogue = read(&[("t/n/example.toml", &description), ("t/n/main.go", code)]).unwrap();
    let example = catalogue.get("t/n").unwrap();
    assert_eq!(example.source, "package main\n\nfunc main() {}\n");
    assert_eq!((example.wants.len(), example.wants[0].line), (1, 3));
    let expectation = &example.variants[0].expectations[0];
    assert_eq!((expectation.min, expectation.max, expectation.line), (1, Some(3), 5));
    assert_eq!(expectation.pattern.count("b\na\na"), 2);
}

#[test]
fn an_ending_is_read_by_its_name() {
    let description = format!("title = \"T\"\n{VARIANT}exit = \"timed_out\"\n");
    let catalogue = read(&[("t/n/example.toml", &description), ("t/n/main.go", "package main\n")]).unwrap();
    let json = serde_json::to_value(&catalogue).unwrap();
    assert_eq!(json[0]["variants"][0]["exit"], "timed_out");
    assert_eq!(json[0]["variants"][0]["mode"], "escape");
}

#[test]
fn faults_of_questions_name_their_line_and_the_flaw() {
    let asked =
        |keys: &str| error(&format!("title = \"T\"\n{VARIANT}[variant.predict]\nquestion = \"Q?\"\n{keys}\n"));
    let choice = |text: &str| format!("[[variant.predict.choice]]\ntext = \"{text}\"\nmatch = \"x\"\n");
    for (line, keys, part) in [
        (5, "", "one of `lines`, `count`, `number` and `choice`"),
        (5, "count = \"a\"\nnumber = \"(a)\"", "one of `lines`"),
        (5, "count = \"a\"\namong = \"a\"", "`among` has no meaning beside `count`"),
        (5, "lines = [\"heap\"]\namong = \"a\"\nunit = \"x\"", "`unit` has no meaning beside `lines`"),
        (5, "lines = [\"heap\"]\namong = \"a\"\nstream = \"stdout\"", "`stream` has no meaning beside `lines`"),
        (5, "lines = [\"heap\"]", "needs `among`"),
        (5, "lines = []\namong = \"a\"", "names no code"),
        (5, "lines = [\"stacks\"]\namong = \"a\"", "no code \"stacks\"; allowed: heap, stack"),
        (5, "lines = [\"vet\"]\namong = \"a\"", "mode \"escape\" tells nothing of code \"vet\""),
        (5, "count = \"a*\"", "where there is no text"),
        (5, "number = \"a\"", "has 0 groups"),
        (5, "count = \"a\"\nwithin = -1.0", "`within` is a number from 0 on"),
        (5, "count = \"a\"\nwithin = nan", "`within` is a number from 0 on"),
        (8, "count = \"a\"\nwants = 1", "unknown field `wants`"),
        (5, &choice("a"), "at least two"),
        (10, &format!("{}{}", choice("a"), choice("a")), "two choices are \"a\""),
        (10, &format!("{}{}", choice("a"), choice(" ")), "no text"),
        (10, &format!("{}{}", choice("a"), choice("b").replace("\"x\"", "\"(\"")), "unclosed group"),
    ] {
        let error = asked(keys);
        assert!(error.starts_with(&format!("t/n/example.toml:{line}: ")) && error.contains(part), "{keys}: {error}");
    }
    assert!(
        error(&format!("title = \"T\"\n{VARIANT}[variant.predict]\nquestion = \" \"\ncount = \"a\"\n"))
            .contains("empty")
    );
}
