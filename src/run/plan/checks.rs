//! What is said of the source alone.

use std::path::{Path, PathBuf};

use sandbox::spec::{Command, Word};

use super::context::Context;
use super::words::{shell, words};
use super::{Lowered, Product, Stage, direct, tool};
use crate::protocol::Files;
use crate::protocol::mode::LayoutOptions;
use crate::run::places;

/// The types once more, for programs that read them.
const LAYOUT: &str = "layout.json";

/// All that gofmt is given, in any folder.
pub(super) fn formatted(files: &Files) -> impl Iterator<Item = &str> {
    files.iter().map(|(name, _)| name).filter(|name| name.ends_with(".go"))
}

impl Context<'_> {
    pub(super) fn vet(&self) -> Lowered {
        let arguments = self.package.arguments();
        let stage = self.build_stage(vec![("vet", self.go_command("vet", &arguments))], None);
        let line = self.line(&[&["go", "vet"][..], &arguments].concat());
        Lowered::tools(Stage { finds: true, ..stage }, line)
    }

    /// The differences: what a reader wants to see is what gofmt would change.
    pub(super) fn fmt(&self) -> Lowered {
        let argv: Vec<&str> = ["gofmt", "-d"].into_iter().chain(formatted(self.files)).collect();
        let gofmt = self.program(PathBuf::from(places::GOROOT).join("bin/gofmt"), words(&argv));
        let stage = direct::tools_stage(self, vec![("fmt", gofmt)]);
        Lowered::tools(Stage { finds: true, ..stage }, shell(&argv))
    }

    pub(super) fn layout(&self, options: &LayoutOptions) -> Lowered {
        let arch = options.arch.goarch();
        let json = Path::new(places::OUT).join(LAYOUT);
        let mut argv = words(&["layout", "-arch", arch, "-importcfg"]);
        argv.extend([Word::path("", places::IMPORTCFG), Word::from("-json"), Word::path("", &json)]);
        argv.extend(self.files.go_files().map(Word::from));
        let layout: Command = self.program(tool("layout"), argv);
        let with_file = |mut stage: Stage| {
            stage.job.artifact = Some(json.clone());
            stage.product = Product::Text { name: LAYOUT, mime: "application/json" };
            stage
        };
        let with_go = vec![("list", self.list()), ("layout", layout.clone())];
        let with_go = with_file(self.build_stage(with_go, None));
        let direct = direct::with_imports(self, vec![("layout", layout)]).map(with_file);
        let stage = Stage::first(direct, with_go);
        // No tool of Go's own shows this.
        let mut line = vec!["underhood", "run", "--mode", "layout"];
        let opt = format!("arch={arch}");
        line.extend(["--opt", &opt]);
        let experiment = self.target.env().into_iter().find(|(name, _)| name == "GOEXPERIMENT");
        let experiment = experiment.map(|(name, value)| format!("{name}={value}"));
        line.extend(experiment.iter().flat_map(|variable| ["--env", variable]));
        line.extend(self.files.iter().map(|(name, _)| name));
        Lowered::tools(stage, shell(&line))
    }
}
