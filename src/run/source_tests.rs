use super::*;

fn read(text: &str) -> Option<Source> {
    Source::read(text)
}

#[test]
fn heads_that_the_go_command_takes() {
    for (text, imports) in [
        ("package main", &[][..]),
        ("// Copyright.\n\n/* A\ndoc. */\npackage main // here\n", &[]),
        ("package main; import \"fmt\"; func main() {}", &["fmt"]),
        ("package main\nimport\n\"fmt\"\nfunc main() {}", &["fmt"]),
        (
            "package main\n\nimport f \"fmt\"\nimport . \"os\"\nimport _ \"net/http/pprof\"\n",
            &["fmt", "net/http/pprof", "os"],
        ),
        (
            "package main\r\nimport (\r\n\t\"fmt\" // for printing\r\n\tx \"os\"; \"io\"\r\n)\r\nvar a = 1\r\n",
            &["fmt", "io", "os"],
        ),
        ("package main\nimport (\"fmt\")\nimport ()\n", &["fmt"]),
        ("package main\n/* x\n*/import \"fmt\"\n", &["fmt"]),
        ("package main /* x\n*/ import \"fmt\"\n", &["fmt"]),
        ("//line other.go:1\npackage main\n", &[]),
        ("package main\n\nimport \"fmt\"\n\n//go:noinline\nfunc f() {}", &["fmt"]),
    ] {
        let source = read(text).unwrap_or_else(|| panic!("{text:?} was not taken"));
        assert!(source.imports.iter().eq(imports), "{text:?}: {:?}", source.imports);
    }
}

#[test]
fn heads_that_the_go_command_is_asked_for() {
    for text in [
        "",
        "package",
        "package other",
        "package main func main() {}",
        "package main\nimport \"fmt\" func main() {}",
        "package main\nimport \"C\"x",
        "package main\nimport fmt\n",
        "package main\nimport func \"fmt\"\n",
        "package main\nimport \u{20ac}x \"fmt\"\n",
        "package main\nimport `fmt`\n",
        "package main\nimport \"f\\x6dt\"\n",
        "package main\nimport \"a b\"\n",
        "package main\nimport \"embed\"\n",
        "package main\nimport (\n\"fmt\"\n",
        "package main\nimport (\n\"fmt\", \"os\"\n)\n",
        "package main\nimport \"fmt\n\"\n",
        "//go:build ignore\n\npackage main\n",
        "// +build ignore\n\npackage main\n",
        "/*\n+build ignore\n*/\npackage main\n",
        "//go:debug panicnil=1\npackage main\n",
        "package main\nx := 1\n",
        "package main\nimport \"fmt\"\n}\n",
        "\u{feff}package main\n",
        "package main\nvar x = \"\0\"\n",
        "package main\n/* never closed\n",
        "package main\nvar x = `never closed\n",
        "package main\nvar x = 'a\n",
        "package main\nfunc main() { ] }\n",
        "package main\nfunc main() {} }\n",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
}

#[test]
fn main_is_found_where_it_is_declared() {
    let declares = |rest: &str| read(&format!("package main\n{rest}")).unwrap().declares_main;
    for rest in ["func main() {}", "var x = 1\nfunc  main /* x */ (\n) {}", "func f() {}\n\nfunc main() { f() }"] {
        assert!(declares(rest), "{rest:?}");
    }
    for rest in [
        "",
        "// func main() {}",
        "/*\nfunc main() {}\n*/",
        "var x = `\nfunc main() {}\n`",
        "var x = \"func main() {}\"",
        "type T int\nfunc (T) main() {}",
        "func Main() {}",
        "func f() { func main() {} }",
        "var main = func() {}",
        "func mainly() {}",
    ] {
        assert!(!declares(rest), "{rest:?}");
    }
}

#[test]
fn what_the_linker_might_refuse() {
    let may_not_link = |rest: &str| read(&format!("package main\n{rest}\nfunc main() {{}}")).unwrap().may_not_link;
    for rest in [
        "var x [1e9]byte",
        "var x [1000][1000][1000]byte",
        "var (\n\ta int\n\tx [0x4000_0000]byte\n)",
        "const n = 1 << 30\nvar x, y, z [n]byte",
        "type t [1 << 30]byte\nvar x, y, z t",
        "var x [math.MaxInt16][math.MaxInt16]byte",
        "var x = [...]byte{1000000000: 1}",
        "var x [len(s)]byte",
        "var x struct {\n\ta [100000000]int\n}",
        "//go:linkname f runtime.f\nfunc f()",
        "//go:nosplit\nfunc f() {}",
    ] {
        assert!(may_not_link(rest), "{rest}");
    }
    for rest in [
        "var x [1000]int",
        "var m = map[string][]int{\"a\": {1, 2, 3}}",
        "type Stack[T any] struct { all []T }\nvar s Stack[int]",
        "type Pair[K comparable, V any] struct{}\nvar p Pair[string, int]",
        "var table = [...]int{1000, 2000, 3000}",
        "//go:noinline\nfunc f(x [1000000000]byte) { _ = x[1000000000] }",
        "const big = 1 << 40\nvar x = big",
    ] {
        assert!(!may_not_link(rest), "{rest}");
    }
}
