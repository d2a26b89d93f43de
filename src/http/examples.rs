//! Requests that the document shows. The tests send each of them.

use serde_json::{Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{OpenApi, RefOr};

const ESCAPES: &str = "package main\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n\nfunc main() { f() }\n";

const SUM: &str = "package main\n\nimport \"fmt\"\n\nfunc sum(xs []int) (total int) {\n\tfor _, x := range xs {\n\t\ttotal += x\n\t}\n\
    \treturn total\n}\n\nfunc main() { fmt.Println(sum([]int{1, 2, 3})) }\n";

const SUM_TEST: &str = "package main\n\nimport \"testing\"\n\nfunc TestSum(t *testing.T) {\n\tif got := sum([]int{1, 2}); got != 3 {\n\
    \t\tt.Errorf(\"sum is %d\", got)\n\t}\n}\n";

const GARBAGE: &str =
    "package main\n\nvar sink []byte\n\nfunc main() {\n\tfor range 100 {\n\t\tsink = make([]byte, 1<<20)\n\t}\n}\n";

/// Name, what it shows, and the body.
fn of_runs() -> [(&'static str, &'static str, Value); 6] {
    [
        ("run", "Build and run", json!({"mode": "run", "source": SUM})),
        ("escape", "What escapes to the heap", json!({"mode": "escape", "source": ESCAPES})),
        (
            "asm",
            "Assembly of one function, for another processor",
            json!({"mode": "asm", "source": SUM, "options": {"arch": "arm64", "func": "sum"}}),
        ),
        ("ssa", "A function, pass by pass", json!({"mode": "ssa", "source": SUM, "options": {"func": "sum"}})),
        (
            "test",
            "Tests, in several files",
            json!({"mode": "test", "files": {"main.go": SUM, "main_test.go": SUM_TEST}}),
        ),
        (
            "collector",
            "What the garbage collector does, told by the runtime",
            json!({"mode": "run", "source": GARBAGE, "env": {"GODEBUG": "gctrace=1", "GOGC": "50"}}),
        ),
    ]
}

/// The lines of `escape`, where times and the toolchain differ.
pub const LINES: &str = concat!(
    r#"{"seq":0,"t_ms":0,"type":"started","go":"go1.27.3","mode":"escape","cached":false,"command":"go build -gcflags=-m -o /dev/null main.go"}"#,
    "\n",
    r#"{"seq":1,"t_ms":1,"type":"step","name":"compile"}"#,
    "\n",
    r#"{"seq":2,"t_ms":12,"type":"step","name":"compile","wall_ms":11}"#,
    "\n",
    r##"{"seq":3,"t_ms":12,"type":"stderr","text":"# command-line-arguments\n./main.go:3:6: can inline f\n./main.go:8:6: can inline main\n./main.go:8:16: inlining call to f\n./main.go:4:2: moved to heap: x\n"}"##,
    "\n",
    r#"{"seq":4,"t_ms":12,"type":"diagnostic","file":"main.go","line":3,"column":6,"severity":"hint","code":"inline","message":"can inline f"}"#,
    "\n",
    r#"{"seq":5,"t_ms":12,"type":"diagnostic","file":"main.go","line":8,"column":6,"severity":"hint","code":"inline","message":"can inline main"}"#,
    "\n",
    r#"{"seq":6,"t_ms":12,"type":"diagnostic","file":"main.go","line":8,"column":16,"severity":"hint","code":"inlined-call","message":"inlining call to f"}"#,
    "\n",
    r#"{"seq":7,"t_ms":12,"type":"diagnostic","file":"main.go","line":4,"column":2,"severity":"information","code":"heap","message":"moved to heap: x"}"#,
    "\n",
    r#"{"seq":8,"t_ms":13,"type":"exit","status":"ok","code":0,"signal":null,"wall_ms":12,"cpu_ms":12,"max_rss_bytes":18440192}"#,
    "\n",
);

/// Puts them where they belong.
pub fn add(document: &mut OpenApi) {
    let Some(run) = document.paths.paths.get_mut("/api/v1/runs").and_then(|item| item.post.as_mut()) else { return };
    let Some(RefOr::T(body)) = &mut run.request_body else { return };
    if let Some(RefOr::T(body)) = body.content.get_mut("application/json") {
        for (name, summary, value) in of_runs() {
            let example = ExampleBuilder::new().summary(summary).value(Some(value)).build();
            body.examples.insert(name.to_owned(), example.into());
        }
    }
}
