//! The addresses of the Go Playground.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::client::{Answer, ask, get, post_with};
use crate::harness::command::HANGS;
use crate::harness::host::Host;
use crate::harness::processes::{programs, wait_for};
use crate::harness::serve::Service;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");

/// As jQuery encodes a form, though with more of it in percents than needed.
fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    fields.join("&")
}

fn post(service: &Service, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
    post_with(Ipv4Addr::LOCALHOST, service.address(), path, body, headers, HANGS)
}

/// What a form is answered with.
#[track_caller]
fn asked(service: &Service, path: &str, fields: &[(&str, &str)]) -> Value {
    let mut answer = post(service, path, form(fields).as_bytes(), &[FORM]);
    let text = answer.rest();
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[track_caller]
fn compiled(service: &Service, body: &str) -> Value {
    asked(service, "/compile", &[("version", "2"), ("body", body)])
}

/// All that was printed.
fn printed(compiled: &Value) -> String {
    let events = compiled["Events"].as_array().expect("events");
    events.iter().map(|event| event["Message"].as_str().expect("a message")).collect()
}

#[test]
fn a_program_is_compiled_and_run() {
    let service = Service::start();
    let source = "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n\nfunc main() {\n\tfmt.Println(\"first\")\n\
        \ttime.Sleep(time.Second)\n\tfmt.Fprintln(os.Stderr, \"second\")\n\tos.Exit(3)\n}\n";
    let answer = compiled(&service, source);
    assert_eq!(
        (&answer["Errors"], &answer["Status"], &answer["IsTest"]),
        (&json!(""), &json!(3), &json!(false)),
        "{answer}"
    );
    let events = answer["Events"].as_array().expect("events");
    let said: Vec<_> = events.iter().map(|event| (&event["Kind"], &event["Message"])).collect();
    assert_eq!(said, [(&json!("stdout"), &json!("first\n")), (&json!("stderr"), &json!("second\n"))]);
    let delay = Duration::from_nanos(events[1]["Delay"].as_u64().expect("a delay"));
    // The clock is real: the program slept for so long.
    assert!(delay > Duration::from_millis(900), "{delay:?} later");

    // The first version, which has neither events nor codes.
    let first = asked(&service, "/compile", &[("body", source)]);
    assert_eq!(first, json!({"compile_errors": "", "output": "first\nsecond\n"}));
    // JSON, as the Playground's page sends it now, and below the other prefix.
    let json = json!({"Body": source, "WithVet": false}).to_string();
    let mut answer = post(&service, "/_/compile", json.as_bytes(), &[("Content-Type", "text/plain")]);
    assert_eq!(printed(&serde_json::from_str(&answer.rest()).expect("JSON")), "first\nsecond\n");
}

#[test]
fn what_is_wrong_with_the_code_has_the_same_shape() {
    let service = Service::start_on(Host::mine(), &[("RUN_SECONDS", "2"), ("BUILD_SECONDS", "60")]);
    let broken = compiled(&service, "package main\n\nfunc main() {\n\tx := 1\n}\n");
    assert_eq!(broken["Errors"], "./prog.go:4:2: declared and not used: x\n");
    assert_eq!(broken["Events"], json!([]));
    let first = asked(&service, "/compile", &[("body", "package main\n\nfunc main() {\n\tx := 1\n}\n")]);
    assert_eq!(first, json!({"compile_errors": broken["Errors"], "output": ""}));

    let named = compiled(&service, "-- ../x.go --\npackage main\n");
    assert!(named["Errors"].as_str().expect("words").contains("file name"), "{named}");

    // Clients know these words, and show what came before.
    let endless = compiled(&service, "package main\n\nfunc main() {\n\tprintln(\"begun\")\n\tfor {\n\t}\n}\n");
    assert_eq!((&endless["Errors"], printed(&endless).as_str()), (&json!("process took too long"), "begun\n"));

    let flood = "package main\n\nimport \"strings\"\n\nfunc main() {\n\tline := strings.Repeat(\"x\", 1<<16)\n\tfor {\n\t\tprint(line)\n\t}\n}\n";
    let flood = compiled(&service, flood);
    assert!(printed(&flood).ends_with("Print less.\n") && flood["Status"] == 1, "{}", &printed(&flood)[1_000_000..]);
    service.still_answers();
}

#[test]
fn tests_are_run_as_tests_and_several_files_as_one_program() {
    let service = Service::start_on(Host::mine(), &[("BUILD_SECONDS", "60")]);
    let tests = "package main\n\nimport \"testing\"\n\nfunc TestGood(t *testing.T) {}\n\n\
        func TestBad(t *testing.T) { t.Error(\"wrong\") }\n";
    let answer = asked(&service, "/compile", &[("version", "2"), ("withVet", "true"), ("body", tests)]);
    assert_eq!(
        (&answer["IsTest"], &answer["TestsFailed"], &answer["VetOK"]),
        (&json!(true), &json!(1), &json!(true)),
        "{answer}"
    );
    assert!(printed(&answer).contains("prog_test.go:7: wrong"), "{answer}");

    let several = "package main\n\nimport \"play/greeting\"\n\nfunc main() { println(greeting.Of[int]()) }\n\
        -- greeting/greeting.go --\npackage greeting\n\nfunc Of[T any]() string { return \"hello\" }\n";
    let answer = compiled(&service, several);
    assert_eq!((&answer["Errors"], printed(&answer).as_str()), (&json!(""), "hello\n"));
}

#[test]
fn vet_is_asked_too() {
    let service = Service::start_on(Host::mine(), &[("BUILD_SECONDS", "60")]);
    let source = "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Printf(\"%d\\n\", \"x\")\n}\n";
    let fields = [("version", "2"), ("withVet", "true"), ("body", source)];
    let answer = asked(&service, "/compile", &fields);
    let words = "prog.go:6:14: fmt.Printf format %d has arg \"x\" of wrong type string\n";
    assert_eq!((&answer["VetErrors"], &answer["VetOK"]), (&json!(words), &Value::Null), "{answer}");
    assert_eq!(printed(&answer), "%!d(string=x)\n");
    // As older clients ask.
    assert_eq!(asked(&service, "/vet", &fields)["Errors"], words);
    // Nothing is said of what does not build, and nothing that was not asked.
    let broken = asked(&service, "/compile", &[("version", "2"), ("withVet", "true"), ("body", "package main\n")]);
    assert_eq!((&broken["VetErrors"], &broken["VetOK"]), (&Value::Null, &Value::Null), "{broken}");
    assert_eq!(compiled(&service, source)["VetErrors"], Value::Null);
}

#[test]
fn sources_are_formatted_whole() {
    let service = Service::start_on(Host::mine(), &[("BUILD_SECONDS", "60")]);
    let formatted = |body: &str, imports: &[(&str, &str)]| {
        let answer = asked(&service, "/fmt", &[&[("body", body)], imports].concat());
        assert_eq!(answer["Error"], "", "{answer}");
        answer["Body"].as_str().expect("a body").to_owned()
    };
    let source = "package main\nimport \"os\"\nfunc main() {fmt.Println( strings.ToUpper(\"é\"),rand.IntN(2) )}\n";
    assert_eq!(
        formatted(source, &[]),
        "package main\n\nimport \"os\"\n\nfunc main() { fmt.Println(strings.ToUpper(\"é\"), rand.IntN(2)) }\n"
    );
    assert_eq!(
        formatted(source, &[("imports", "true")]),
        "package main\n\nimport (\n\t\"fmt\"\n\t\"math/rand/v2\"\n\t\"strings\"\n)\n\n\
            func main() { fmt.Println(strings.ToUpper(\"é\"), rand.IntN(2)) }\n"
    );
    // A comment stays with what it is about; what other files declare is no package.
    let several = "package main\n\nimport (\n\t\"os\" // for nothing\n\t\"time\" // for the clock\n)\n\nfunc main() { log.X(time.Now) }\n\
        -- log.go --\npackage main\nvar log struct{ X func(any) }\n-- go.mod --\nmodule  x\n";
    assert_eq!(
        formatted(several, &[("imports", "true")]),
        "package main\n\nimport (\n\t\"time\" // for the clock\n)\n\nfunc main() { log.X(time.Now) }\n\
            -- log.go --\npackage main\n\nvar log struct{ X func(any) }\n-- go.mod --\nmodule  x\n"
    );
    let broken = asked(&service, "/_/fmt", &[("body", "package main\n\nfunc main() {\n")]);
    assert_eq!(broken, json!({"Body": "", "Error": "prog.go:3:15: expected '}', found 'EOF'"}));
    let named = asked(&service, "/fmt", &[("body", "-- /x.go --\npackage main\n")]);
    assert!(named["Error"].as_str().expect("words").contains("file name"), "{named}");
}

#[test]
fn code_is_shared_and_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start_on(Host::mine(), &[("SHARES", folder.path().to_str().expect("UTF-8"))]);
    let source = "package main\n\nfunc main() { println(\"shared\") }\n";
    let share = |path: &str, body: &[u8]| {
        let mut answer = post(&service, path, body, &[("Content-Type", "text/plain; charset=utf-8")]);
        (answer.status, answer.rest())
    };
    let (status, id) = share("/share", source.as_bytes());
    assert_eq!((status, share("/_/share", source.as_bytes())), (200, (200, id.clone())), "{id}");
    assert!(id.len() < 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{id}");
    let mut code = get(service.address(), &format!("/p/{id}.go"));
    assert_eq!((code.rest().as_str(), code.header("content-type")), (source, "text/plain; charset=utf-8"));
    let file = get(service.address(), &format!("/p/{id}.go?download=true"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"prog.go\"");
    let page = get(service.address(), &format!("/p/{id}"));
    assert_eq!((page.status, page.header("location")), (303, format!("/s/{id}").as_str()));
    for path in ["/p/nothing.go", "/p/nothing", "/p/.go", "/p/%FF.go", "/p/..%2F..%2Fetc%2Fpasswd.go"] {
        assert_eq!(get(service.address(), path).status, 404, "{path}");
    }
    for (body, expected) in
        [(&b""[..], 400), (b" \n", 400), (b"\xff", 400), (b"-- ../x.go --\n", 422), (&[b'x'; 65 << 10], 413)]
    {
        assert_eq!(share("/share", body).0, expected);
    }
}

#[test]
fn the_version_is_told() {
    let service = Service::start();
    for path in ["/version", "/_/version"] {
        let told: Value = serde_json::from_str(&get(service.address(), path).rest()).expect("JSON");
        let version = told["Version"].as_str().expect("a version");
        let release = told["Release"].as_str().expect("a release");
        assert!(version.starts_with(release) && release.starts_with("go1."), "{told}");
        assert_eq!(told["Name"], format!("Go {}", &release[2..]));
    }
}

#[test]
fn requests_that_are_turned_away_are_problems() {
    let service = Service::start();
    let long = form(&[("version", "2"), ("body", &"x".repeat(257 << 10))]);
    let foreign = ("Origin", "https://evil.example");
    let json = ("Content-Type", "application/json");
    for path in ["/compile", "/vet", "/fmt", "/_/compile"] {
        for (body, headers, status) in [
            (&b""[..], &[FORM][..], 400),
            (b"version=2", &[FORM], 400),
            (b"body=", &[FORM], 400),
            (b"", &[], 400),
            (b"{\"Body\": \"\xff\"}", &[json], 400),
            ("[".repeat(200_000).as_bytes(), &[json], 400),
            (long.as_bytes(), &[FORM], 413),
            ("x".repeat(2 << 20).as_bytes(), &[FORM], 413),
            (b"body=package+main", &[FORM, foreign], 403),
        ] {
            let mut answer = post(&service, path, body, headers);
            let text = answer.rest();
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (status, "application/problem+json"),
                "{text}"
            );
        }
    }
    assert_eq!(ask(service.address(), "GET /compile?body=package+main", &[]).status, 405);
    // What is no UTF-8 in a form is replaced, as browsers do it, and so is no Go.
    let mut answer = post(&service, "/compile", b"version=2&body=package+main%FF", &[FORM]);
    assert!(answer.rest().contains("prog.go:1:"), "not said where");
    service.still_answers();
}

#[test]
fn a_client_that_goes_ends_its_program() {
    let service = Service::start_on(Host::mine(), &[("RUN_SECONDS", "60"), ("BUILD_SECONDS", "60")]);
    let endless =
        form(&[("version", "2"), ("withVet", "true"), ("body", "package main\n\nfunc main() {\n\tfor {\n\t}\n}\n")]);
    let mut stream = std::net::TcpStream::connect(service.address()).expect("connected");
    let head = format!(
        "POST /compile HTTP/1.1\r\nHost: x\r\n{}: {}\r\nContent-Length: {}\r\n\r\n{endless}",
        FORM.0,
        FORM.1,
        endless.len()
    );
    std::io::Write::write_all(&mut stream, head.as_bytes()).expect("sent");
    let begun = || programs(service.pid()).pop();
    wait_for("the program", Duration::from_secs(60), begun);
    drop(stream);
    wait_for("its end", Duration::from_secs(5), || programs(service.pid()).is_empty().then_some(()));
    service.still_answers();
}
