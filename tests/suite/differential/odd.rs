//! Programs that are better made than written down: odd bytes, and much of something.

const GOOD: &str = "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(\"odd\")\n}\n";

/// Those that build.
pub fn accepted() -> Vec<(&'static str, String)> {
    let calls: String = (0..200).map(|n| format!("\tfmt.Println(f{n}({n}))\n")).collect();
    let functions: String = (0..200).map(|n| format!("\nfunc f{n}(x int) int {{ return x + {n} }}\n")).collect();
    vec![
        ("byte_order_mark", format!("\u{feff}{GOOD}")),
        ("carriage_returns", GOOD.replace('\n', "\r\n")),
        ("carriage_return_in_a_raw_string", GOOD.replace("\"odd\"", "`a\r\nb`")),
        ("no_last_newline", GOOD.trim_end().to_owned()),
        ("many_functions", format!("package main\n\nimport \"fmt\"\n\nfunc main() {{\n{calls}}}\n{functions}")),
        ("long_comment_before", format!("/*{}*/\n{GOOD}", "a line\n".repeat(5000))),
        ("tag_after_a_long_comment", format!("/*{}*/\n//go:build !windows\n\n{GOOD}", "a line\n".repeat(5000))),
        ("import_after_a_long_comment", GOOD.replace("import", &format!("/*{}*/\nimport", "x".repeat(9000)))),
        ("form_feed_in_a_comment", format!("// \u{c}\u{b}\n{GOOD}")),
        ("tag_with_a_carriage_return", format!("//go:build linux\r\n\r\n{}", GOOD.replace('\n', "\r\n"))),
    ]
}

/// Those that do not.
pub fn refused() -> Vec<(&'static str, String)> {
    let undefined: String = (0..50).map(|n| format!("\tundefined{n}()\n")).collect();
    let imports: String = (0..30).map(|n| format!("import \"nosuch/p{n}\"\n")).collect();
    vec![
        ("empty_file", String::new()),
        ("one_newline", "\n".to_owned()),
        ("only_a_byte_order_mark", "\u{feff}".to_owned()),
        ("byte_order_mark_twice", format!("\u{feff}\u{feff}{GOOD}")),
        ("byte_order_mark_inside", GOOD.replace("odd", "o\u{feff}d")),
        ("byte_order_mark_between_imports", GOOD.replace("\n\nfunc", "\n\u{feff}import \"os\"\n\nfunc")),
        ("nul_in_a_string", GOOD.replace("odd", "o\0d")),
        ("nul_before_the_package", format!("\0{GOOD}")),
        ("nul_in_an_import", GOOD.replace("\"fmt\"", "\"f\0mt\"")),
        ("nul_at_the_end", format!("{GOOD}\0")),
        ("old_line_ends", GOOD.replace('\n', "\r")),
        ("form_feed_between", GOOD.replace("\n\nfunc", "\n\u{c}\nfunc")),
        ("no_break_space", GOOD.replace("\t", "\u{a0}")),
        ("fifty_errors", format!("package main\n\nfunc main() {{\n{undefined}}}\n")),
        ("thirty_missing_imports", format!("package main\n\n{imports}\nfunc main() {{}}\n")),
        ("deep_parentheses", format!("package main\n\nvar x = {}1\n\nfunc main() {{}}\n", "(".repeat(20_000))),
        ("long_name_undefined", format!("package main\n\nfunc main() {{ {}() }}\n", "n".repeat(5000))),
        (
            "long_line_before_an_error",
            format!("package main\n\nvar s = \"{}\" + 1\n\nfunc main() {{}}\n", "é".repeat(70_000)),
        ),
        ("replacement_character", GOOD.replace("Println", "Print\u{fffd}ln")),
        ("import_in_other_letters", GOOD.replace("import \"fmt\"", "import \"fmt\u{e9}\"\nimport \"ｆｍｔ\"")),
        ("import_with_replacement_character", GOOD.replace("\"fmt\"", "\"f\u{fffd}mt\"")),
    ]
}
