//! The standard libraries of a toolchain that are compiled ahead, one for each target, in the data folder.

use std::{
    collections::HashMap,
    fs, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    data::{Claim, DataDir, DataError, write_error},
    goroot::Toolchain,
    library::Library,
    progress::Progress,
    stdlib::{self, Build, StdlibError},
    target::Target,
};

/// Changes whenever what is compiled ahead changes, so that older ones are not taken for whole.
const RECIPE: u32 = 8;

/// What is there, and how to get more. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Libraries {
    toolchain: Toolchain,
    data: DataDir,
    read: Arc<Mutex<HashMap<Target, Arc<Library>>>>,
}

impl Libraries {
    /// Those of `toolchain`.
    pub fn of(toolchain: &Toolchain, data: &DataDir) -> Self {
        Self { toolchain: toolchain.clone(), data: data.clone(), read: Arc::default() }
    }

    /// The one for `target`, if it is there. Reads a few files the first time.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn find(&self, target: &Target) -> Result<Option<Arc<Library>>, StdlibError> {
        if let Some(library) = self.read().get(target) {
            return Ok(Some(Arc::clone(library)));
        }
        let folder = self.data.std().join(self.name(target));
        let library = match Library::read(&folder) {
            Ok(library) => Arc::new(library),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(StdlibError::Unread { folder, cause, remedy: self.remedy() }),
        };
        self.read().insert(target.clone(), Arc::clone(&library));
        Ok(Some(library))
    }

    fn find_whole(&self, target: &Target) -> Option<Arc<Library>> {
        self.find(target).ok()?.filter(|library| library.cut().is_none())
    }

    /// Compiles the one for `target`, unless it is there whole. Takes a minute or so, of all processors unless it is to be
    /// gentle. Safe to call from two processes at once.
    ///
    /// # Errors
    /// When the data folder cannot be used or the go command fails. Nothing half done is left.
    pub fn prepare(
        &self,
        target: &Target,
        is_gentle: bool,
        progress: &mut dyn Progress,
    ) -> Result<Arc<Library>, StdlibError> {
        if let Some(library) = self.find_whole(target) {
            return Ok(library);
        }
        let claim = Claim::take(&self.data.std(), progress).map_err(interruption)?;
        // Another process may have compiled it. A damaged one is replaced.
        if let Some(library) = self.find_whole(target) {
            return Ok(library);
        }
        self.forget(target);
        let unfinished = claim.unfinished()?;
        let folder = unfinished.path();
        let build = Build::new(&self.toolchain, target, folder, is_gentle).map_err(|e| write_error(folder, e))?;
        let whole = build.all(progress)?;
        claim.put(&whole, &self.name(target), &unfinished)?;
        self.remove_older(folder);
        let place = self.data.std().join(self.name(target));
        self.find(target)?.ok_or_else(|| write_error(&place, io::ErrorKind::NotFound.into()).into())
    }

    /// Whether nothing stands in the way of one for `target`, as far as can be told without trying. Looks for a file.
    ///
    /// # Errors
    /// What this machine lacks, and what to install.
    pub fn obstacle(target: &Target) -> Result<(), StdlibError> {
        stdlib::obstacle(target)
    }

    /// What to type to have those that are damaged compiled anew.
    pub fn remedy(&self) -> String {
        self.toolchain.remedy()
    }

    /// How many targets of this toolchain are there, and how many of these are experiments.
    pub fn count(&self) -> (usize, usize) {
        let start = self.prefix();
        let entries = fs::read_dir(self.data.std()).into_iter().flatten().flatten();
        let names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().to_str()?.strip_prefix(&start).map(str::to_owned)).collect();
        (names.len(), names.iter().filter(|name| Target::is_experiment(name)).count())
    }

    /// Those that were read.
    pub fn in_use(&self) -> Vec<Arc<Library>> {
        self.read().values().cloned().collect()
    }

    /// Has the one for `target` read anew the next time.
    pub fn forget(&self, target: &Target) {
        self.read().remove(target);
    }

    /// Removes what earlier versions of this program compiled.
    fn remove_older(&self, unfinished: &Path) {
        let ours = format!("{}-", self.toolchain.id());
        for entry in fs::read_dir(self.data.std()).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let recipe =
                name.to_str().and_then(|name| name.strip_prefix(&ours)?.split('-').next()?.parse::<u32>().ok());
            if recipe.is_some_and(|recipe| recipe < RECIPE) {
                // It goes with that folder; what cannot be moved stays.
                let _ = fs::rename(entry.path(), unfinished.join(name));
            }
        }
    }

    fn prefix(&self) -> String {
        format!("{}-{RECIPE}-", self.toolchain.id())
    }

    fn name(&self, target: &Target) -> String {
        self.prefix() + &target.file_name()
    }

    fn read(&self) -> std::sync::MutexGuard<'_, HashMap<Target, Arc<Library>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn interruption(error: DataError) -> StdlibError {
    match error {
        DataError::Interrupted(stop) => stop.into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::goroot::tests::write, super::progress::Silent, *};

    #[test]
    fn a_failed_preparation_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let goroot = dir.path().join("go");
        write(&goroot, "1.27.3", "not a program");
        let data = DataDir::at(dir.path().join("data"));
        let libraries = Libraries::of(&Toolchain::at(&goroot).unwrap(), &data);
        let result = libraries.prepare(&Target::host(), false, &mut Silent);
        assert!(matches!(result, Err(StdlibError::Start { .. } | StdlibError::Go { .. })), "{result:?}");
        assert_eq!(libraries.find(&Target::host()).unwrap(), None);
        assert_eq!(libraries.count(), (0, 0));
        let left: Vec<_> = fs::read_dir(data.std()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [".lock"]);
    }

    #[test]
    fn one_that_cannot_be_read_is_told_and_compiled_anew() {
        let dir = tempfile::tempdir().unwrap();
        let goroot = dir.path().join("go");
        write(&goroot, "1.27.3", "not a program");
        let data = DataDir::at(dir.path().join("data"));
        let libraries = Libraries::of(&Toolchain::at(&goroot).unwrap(), &data);
        let folder = data.std().join(libraries.name(&Target::host())).join("cache");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("recipe.json"), "{\"comp").unwrap();
        let error = libraries.find(&Target::host()).unwrap_err().to_string();
        assert!(error.contains("cannot be read: EOF") && error.contains("toolchain install"), "{error}");
        let tried = libraries.prepare(&Target::host(), false, &mut Silent);
        assert!(matches!(tried, Err(StdlibError::Start { .. } | StdlibError::Go { .. })), "{tried:?}");
    }

    #[test]
    fn what_the_go_command_complains_of_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let goroot = dir.path().join("go");
        write(&goroot, "1.27.3", "not a program");
        let libraries = Libraries::of(&Toolchain::at(&goroot).unwrap(), &DataDir::at(dir.path().join("data")));
        // Another program in its place, which knows of no `list`.
        fs::remove_file(goroot.join("bin/go")).unwrap();
        std::os::unix::fs::symlink("/bin/cat", goroot.join("bin/go")).unwrap();
        let error = libraries.prepare(&Target::host(), false, &mut Silent).unwrap_err().to_string();
        assert!(error.contains("list: No such file or directory"), "{error}");
    }
}
