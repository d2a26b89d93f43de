//! `serve --watch`: lessons and examples are read anew whenever their files change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::authoring::project;
use crate::http::pages::Pages;
use crate::site::{Content, Mistake};

/// A folder of examples and the lessons beside it, watched.
pub struct Watch {
    examples: PathBuf,
    lessons: PathBuf,
    watcher: RecommendedWatcher,
    changes: Receiver<()>,
}

/// Nothing is read before files have been left alone for so long: a save is several changes, a checkout hundreds.
const QUIET: Duration = Duration::from_millis(100);

/// Where files are never left alone, they are read all the same.
const LATEST: Duration = Duration::from_secs(2);

impl Watch {
    /// Finds the folder of examples at a path, below it or above it, and begins to watch.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let path = path.canonicalize().with_context(|| format!("cannot watch {}", path.display()))?;
        let examples = project::locate(&path)?;
        let lessons = project::lessons_beside(&examples);
        let (tell, changes) = mpsc::channel();
        let folders = [examples.clone(), lessons.clone()];
        let on_event = move |event: notify::Result<notify::Event>| match event {
            // Reading is no change; to read because of it would never end.
            Ok(event) if event.kind.is_access() => {}
            Ok(event) => {
                let is_ours = |path: &PathBuf| folders.iter().any(|folder| path.starts_with(folder));
                if event.need_rescan() || event.paths.iter().any(is_ours) {
                    // When nobody listens any more, the service is ending.
                    let _ = tell.send(());
                }
            }
            Err(error) => tracing::warn!(%error, "not all files are watched"),
        };
        let watcher = RecommendedWatcher::new(on_event, Config::default().with_follow_symlinks(false))?;
        let mut watch = Self { examples, lessons, watcher, changes };
        watch.arm()?;
        Ok(watch)
    }

    /// Makes pages of what is there now, and replaces what they show for as long as the process lives.
    pub fn pages(self, of: impl FnOnce(Content) -> Pages) -> anyhow::Result<Arc<Pages>> {
        let (content, mistakes) = project::site(&self.examples)?;
        let pages = Arc::new(of(content).watching());
        eprintln!("watching {} and {}", self.examples.display(), self.lessons.display());
        if !mistakes.is_empty() {
            tell(&mistakes);
        }
        pages.show(pages.content(), &mistakes);
        let shown = Arc::clone(&pages);
        std::thread::Builder::new().name("watch".to_owned()).spawn(move || self.follow(&shown, mistakes))?;
        Ok(pages)
    }

    fn follow(mut self, pages: &Pages, mut told: Vec<Mistake>) {
        while self.settled() {
            // Before reading, so that what is made meanwhile is news.
            if let Err(error) = self.arm() {
                tracing::warn!("{error:#}");
            }
            let (content, mistakes) = match project::site(&self.examples) {
                Ok((content, mistakes)) => (Arc::new(content), mistakes),
                // What was read last is better than nothing.
                Err(error) => (pages.content(), vec![unreadable(&self.examples, error.to_string())]),
            };
            if mistakes != told {
                tell(&mistakes);
            }
            pages.show(content, &mistakes);
            told = mistakes;
        }
    }

    /// Waits for a change, and until it is over. False when there will be none.
    fn settled(&self) -> bool {
        let is_some = self.changes.recv().is_ok();
        let latest = Instant::now() + LATEST;
        while Instant::now() < latest && self.changes.recv_timeout(QUIET).is_ok() {}
        is_some
    }

    /// Watches all folders that are there, also those that took the place of others.
    fn arm(&mut self) -> anyhow::Result<()> {
        // Sees the two folders themselves come and go.
        let above = self.examples.parent().map(|above| (above, RecursiveMode::NonRecursive));
        let folders = [&self.examples, &self.lessons].map(|folder| (folder.as_path(), RecursiveMode::Recursive));
        for (folder, mode) in above.into_iter().chain(folders).filter(|(folder, _)| folder.is_dir()) {
            self.watcher.watch(folder, mode).with_context(|| {
                format!("cannot watch {}; perhaps fs.inotify.max_user_watches is too low", folder.display())
            })?;
        }
        Ok(())
    }
}

fn unreadable(folder: &Path, what: String) -> Mistake {
    Mistake { at: None, place: folder.display().to_string(), what }
}

/// In the form of `check`.
fn tell(mistakes: &[Mistake]) {
    for mistake in mistakes {
        eprintln!("{mistake}");
    }
    match mistakes.len() {
        0 => eprintln!("no mistakes"),
        1 => eprintln!("1 mistake"),
        count => eprintln!("{count} mistakes"),
    }
}
