//! Sizes and offsets as they are shown are those of the compiler, which is asked to compile constants that only hold
//! if they are equal.

use serde_json::{Value, json};

use super::{artifact, tells};
use crate::harness::go::Folder;

const TYPES: &str = r#"package main

import (
	"sync/atomic"
	"unsafe"
)

type mixed struct {
	a bool
	b int64
	c bool
	d [3]uint16
	e string
}

type ends struct {
	n int32
	z struct{}
}

type starts struct {
	z struct{}
	n int32
}

type headers struct {
	s []byte
	m map[string]int
	c chan int
	f func()
	i any
	e error
	p unsafe.Pointer
	x complex64
}

type counts struct {
	ok bool
	n  atomic.Int64
	m  atomic.Uint32
}

type nested struct {
	mixed
	counts
	list [2]ends
	_    bool
	last float64
}

type empty struct{}

func main() {}
"#;

/// One word for each constant: the compiler refuses a negative one where two numbers differ.
fn asserted(layout: &Value) -> String {
    let mut text = String::from("package main\n\nimport \"unsafe\"\n\n");
    let mut equal = |what: String, number: &Value| {
        text += &format!("const _ uintptr = -({what} ^ {number})\n");
    };
    for one in layout["structs"].as_array().expect("structs") {
        let name = one["name"].as_str().expect("a name");
        equal(format!("unsafe.Sizeof({name}{{}})"), &one["size"]);
        equal(format!("unsafe.Alignof({name}{{}})"), &one["align"]);
        for field in one["fields"].as_array().expect("fields") {
            let of_field = match (field["name"].as_str().expect("a name"), &field["type"]) {
                ("_", _) => continue,
                ("", embedded) => embedded.as_str().expect("a type").to_owned(),
                (named, _) => named.to_owned(),
            };
            for (function, number) in [("Offsetof", "offset"), ("Sizeof", "size"), ("Alignof", "align")] {
                equal(format!("unsafe.{function}({name}{{}}.{of_field})"), &field[number]);
            }
        }
    }
    text
}

fn of_arch(arch: &str) -> Value {
    let events = tells(TYPES, "layout", &[&format!("arch={arch}")]).that_end("ok");
    let layout = artifact(&events, "layout.json");
    assert_eq!(layout["mime"], "application/json");
    serde_json::from_str(layout["text"].as_str().expect("text")).expect("JSON")
}

fn compiles(layout: &Value, arch: &str) -> bool {
    let files = vec![("main.go".to_owned(), TYPES.to_owned()), ("sizes.go".to_owned(), asserted(layout))];
    Folder::with(files).compile(&[], &[("GOARCH", arch)]).code == Some(0)
}

#[test]
fn the_compiler_agrees() {
    for arch in ["amd64", "386", "arm64"] {
        let mut layout = of_arch(arch);
        let names: Vec<_> =
            layout["structs"].as_array().expect("structs").iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["mixed", "ends", "starts", "headers", "counts", "nested", "empty"]);
        assert!(compiles(&layout, arch), "{arch}: {layout}");
        // And it would say so if it did not.
        let size = layout["structs"][0]["size"].as_u64().expect("a size");
        layout["structs"][0]["size"] = (size + 1).into();
        assert!(!compiles(&layout, arch), "{arch}: a wrong size was taken");
    }
}

#[test]
fn fields_and_padding_fill_a_type() {
    for one in of_arch("amd64")["structs"].as_array().expect("structs") {
        let fields = one["fields"].as_array().expect("fields");
        let sum = |what: &str| fields.iter().map(|field| field[what].as_u64().expect("a number")).sum::<u64>();
        assert_eq!(sum("size") + sum("padding"), one["size"].as_u64().expect("a size"), "{one}");
        assert_eq!(sum("padding"), one["padding"].as_u64().expect("a number"), "{one}");
    }
}

/// Prints `NAME POINTERS BLOCK` for each type: where its last pointer ends, as its type descriptor has it
/// (internal/abi.Type), and what one takes on the heap.
const ASKED: &str = r#"
func ask[T any](name string) {
	var of any = *new(T)
	pointers := (*(**[2]uintptr)(unsafe.Pointer(&of)))[1]
	const n = 1000
	kept := make([]*T, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range kept {
		kept[i] = new(T)
	}
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(kept)
	println(name, pointers, (after.TotalAlloc-before.TotalAlloc)/n)
}
"#;

#[test]
fn the_runtime_agrees() {
    let more = "\ntype row struct {\n\tcells [100]*int\n\tn     int\n}\n\ntype bytes struct{ all [700]byte }\n";
    let types = TYPES.replace("\nfunc main() {}\n", more);
    let layout = {
        let events = tells(&format!("{types}\nfunc main() {{}}\n"), "layout", &[]).that_end("ok");
        let text = artifact(&events, "layout.json")["text"].as_str().expect("text").to_owned();
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let structs = layout["structs"].as_array().expect("structs");
    let names = || structs.iter().map(|one| one["name"].as_str().expect("a name"));
    let asks: String = names().map(|name| format!("\task[{name}](\"{name}\")\n")).collect();
    let types = types.replace("import (", "import (\n\t\"runtime\"");
    let said = tells(&format!("{types}{ASKED}\nfunc main() {{\n{asks}}}\n"), "run", &[]).that_end("ok").stderr();
    let said: Vec<Vec<&str>> = said.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!(said.len(), structs.len());
    for (one, said) in structs.iter().zip(said) {
        assert_eq!(one["pointer_bytes"].to_string(), said[1], "{one}");
        let block = one["block"].as_u64();
        // Those that share a block, and those of no size, have none.
        let size = one["size"].as_u64().expect("a size");
        assert_eq!(block.is_some(), size >= 16 || said[1] != "0", "{one}");
        if let Some(block) = block {
            assert_eq!(block.to_string(), said[2], "{one}");
        }
    }
    let of = |name: &str| structs.iter().find(|one| one["name"] == name).expect("the struct");
    assert!(of("row")["block"].as_u64() > of("row")["size"].as_u64());
}

#[test]
fn the_lines_of_fields_are_known() {
    let program = "package main

type t struct {
\t// a is first.
\ta bool `x:\"y\"` // Yes.

\tb, c int64
\tin   struct {
\t\td byte
\t}
\tinner
}

type inner struct{ e int32 }

type other inner

var x = []*inner{{1}, {e: 2}}

func main() { _, _ = t{}, x }
";
    let events = tells(program, "layout", &[]).that_end("ok");
    let artifact = artifact(&events, "layout.json");
    let layout: Value = serde_json::from_str(artifact["text"].as_str().expect("text")).expect("JSON");
    let structs = &layout["structs"];
    let line =
        |line: u64, end_line: u64, fields: u64| json!({ "line": line, "end_line": end_line, "fields": fields });
    assert_eq!(structs[0]["declarations"], json!([line(4, 5, 1), line(7, 7, 2), line(8, 10, 1), line(11, 11, 1)]));
    assert_eq!(structs[0]["fields"][3]["fields"][0]["name"], "d");
    assert_eq!(structs[0]["fields"][4]["fields"][0]["name"], "e");
    assert_eq!(structs[1]["declarations"], Value::Null);
    assert_eq!(structs[1]["fixed"], "some of its fields share a line");
    assert_eq!(structs[1]["positional"], json!([{ "file": "main.go", "line": 18 }]));
    assert_eq!(structs[2]["fixed"], "its fields are declared with another type");
}

#[test]
fn it_can_be_read() {
    let text = tells("package main\n\ntype t struct {\n\ta bool\n\tb int64\n}\n\nfunc main() {}\n", "layout", &[]);
    let expected = "\
main.go:3: t on amd64: size 16, align 8, padding 7
  offset     size  align  field
       0        1      1  a bool
       1        7         (padding)
       8        8      8  b int64
";
    assert_eq!(text.stdout(), expected);
}

#[test]
fn instances_of_generic_types_are_shown() {
    let program = "package main\n\ntype pair[T any] struct {\n\ta T\n\tb bool\n}\n\nfunc main() {\n\tvar x pair[int32]\n\tvar y pair[string]\n\t_, _ = x, y\n}\n";
    let text = tells(program, "layout", &[]).stdout();
    assert!(text.contains("pair[int32] on amd64: size 8,") && text.contains("pair[string] on amd64: size 24,"));
}

#[test]
fn what_does_not_type_check_is_said() {
    let events = tells("package main\n\nfunc main() { x }\n", "layout", &[]).that_end("build_failed");
    assert!(events.stderr().contains("main.go:3:15: undefined: x"), "{}", events.stderr());
    assert_eq!(events.stdout(), "");
}
