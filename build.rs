//! Checks that what the binary embeds has been made, and has it built again when that changes.

use std::path::Path;

fn main() {
    for folder in ["web/dist", "lessons", "examples-go"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    if !Path::new("web/dist/site.js").is_file() {
        println!("cargo::error=web/dist is missing: run `make web` first");
    }
}
