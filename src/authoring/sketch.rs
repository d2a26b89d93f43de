//! The first files of a new example. No I/O.

/// The files of an example called `name`, by name. `schema` is where its schema lies, as seen from its folder.
pub fn example(name: &str, schema: Option<&str>) -> [(&'static str, String); 2] {
    let words = name.replace('-', " ");
    let title = words
        .chars()
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), &words[first.len_utf8()..]));
    let schema = schema.map_or_else(String::new, |schema| format!("#:schema {schema}\n"));
    let description = format!(
        "{schema}title = \"{title}\"\n\n[[variant]]\nname = \"escape\"\nmode = \"escape\"\n\n\
         [[variant]]\nname = \"run\"\nmode = \"run\"\ngolden = true\n"
    );
    [("main.go", MAIN.to_owned()), ("example.toml", description)]
}

const MAIN: &str = r#"package main

var last = new(int)

//go:noinline
func keep(p *int) {
	last = p
}

func main() {
	n := 42 // want escape "moved to heap: n"
	keep(&n)
	println(*last)
}
"#;
