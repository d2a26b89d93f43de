//! Installations from a server on the loopback, whole, broken, doubled and killed.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use tempfile::TempDir;

use super::{
    super::{archive::tests::tar_of, goroot::tests::files, progress::Silent},
    *,
};

/// A release that was never made, and its archive.
fn release() -> (Pin, Vec<u8>) {
    let mut files = files("1.98.7", "x");
    for (name, _) in &mut files {
        name.insert_str(0, "go/");
    }
    let archive = tar_of(&files);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("archive");
    fs::write(&path, &archive).unwrap();
    let tree = archive::unpack(&path, Format::TarGz, &dir.path().join("go"), &mut Silent).unwrap();
    let pin = Pin {
        version: "1.98.7".parse().unwrap(),
        tree,
        archive_sha256: None,
        wheel_sha256: "0".repeat(64),
        wheel_bytes: 1,
    };
    (pin, archive)
}

/// What a server does with each request, after its head was read.
type Answer = dyn Fn(&mut TcpStream) + Send + Sync;

struct Server {
    sources: Sources,
    requests: Arc<AtomicUsize>,
}

/// A server that gives every request the same answer. Its threads end with the test.
fn server(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let downloads = format!("http://{}/dl", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let answer: Arc<Answer> = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (counter, answer) = (Arc::clone(&counter), Arc::clone(&answer));
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut head = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = head.next().unwrap().unwrap();
                assert_eq!(first, "GET /dl/go1.98.7.linux-amd64.tar.gz HTTP/1.1");
                head.find(|line| line.as_ref().unwrap().is_empty());
                counter.fetch_add(1, Ordering::SeqCst);
                answer(&mut stream);
            });
        }
    });
    Server { sources: Sources { downloads: Some(downloads), pip: false }, requests }
}

/// An answer that promises `body` and delivers its first `sent` bytes.
fn deliver(stream: &mut TcpStream, body: &[u8], sent: usize) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body[..sent]));
}

fn data() -> (TempDir, DataDir) {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::at(folder.path().join("data"));
    (folder, data)
}

/// What lies in the folder of toolchains, without the lock.
fn left(data: &DataDir) -> Vec<String> {
    let entries = fs::read_dir(data.toolchains()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != ".lock").collect()
}

/// Installs from `server`, which must fail and leave nothing; returns what is said of it.
fn failure(pin: &Pin, server: &Server) -> String {
    let (_folder, data) = data();
    let error = install(pin, &data, &server.sources, &mut Silent).unwrap_err();
    assert_eq!(left(&data), [""; 0]);
    error.to_string()
}

#[test]
fn a_good_download_is_installed_once() {
    let (pin, archive) = release();
    let server = server(move |stream| deliver(stream, &archive, archive.len()));
    let (_folder, data) = data();
    let first = install(&pin, &data, &server.sources, &mut Silent).unwrap();
    assert!(!first.already);
    assert_eq!(first.toolchain.version(), &pin.version);
    assert!(install(&pin, &data, &server.sources, &mut Silent).unwrap().already);
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    assert_eq!(left(&data), ["go1.98.7"]);
}

#[test]
fn a_damaged_installation_is_replaced() {
    let (pin, archive) = release();
    let server = server(move |stream| deliver(stream, &archive, archive.len()));
    let (_folder, data) = data();
    let first = install(&pin, &data, &server.sources, &mut Silent).unwrap();
    fs::remove_file(first.toolchain.go()).unwrap();
    assert!(!install(&pin, &data, &server.sources, &mut Silent).unwrap().already);
    assert_eq!(left(&data), ["go1.98.7"]);
}

#[test]
fn wrong_checksums_are_refused() {
    let (mut pin, archive) = release();
    let server = server(move |stream| deliver(stream, &archive, archive.len()));
    pin.archive_sha256 = Some("1".repeat(64));
    let error = failure(&pin, &server);
    assert!(error.contains("the sha256 of the download is") && error.contains(&"1".repeat(64)), "{error}");
    pin.archive_sha256 = None;
    pin.tree = "2".repeat(64);
    let error = failure(&pin, &server);
    assert!(error.contains("the sha256 of the unpacked toolchain is"), "{error}");
}

#[test]
fn an_interrupted_download_is_no_installation() {
    let (pin, archive) = release();
    let server = server(move |stream| deliver(stream, &archive, archive.len() / 2));
    let error = failure(&pin, &server);
    assert!(error.contains("the download broke off"), "{error}");
}

#[test]
fn a_server_that_has_it_not_is_told() {
    let (pin, _) = release();
    let server = server(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    });
    assert!(failure(&pin, &server).contains("404"));
}

#[test]
fn an_archive_that_would_leave_its_folder_is_refused() {
    let (pin, _) = release();
    let archive = tar_of(&[("go/src/../../../../escaped".to_owned(), b"x".to_vec())]);
    let server = server(move |stream| deliver(stream, &archive, archive.len()));
    assert!(failure(&pin, &server).contains("would leave its folder"));
}

#[test]
fn two_installations_at_once_download_once() {
    let (pin, archive) = release();
    let (asked, is_asked) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let server = server(move |stream| {
        asked.send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
        deliver(stream, &archive, archive.len());
    });
    let (_folder, data) = data();
    let (waits, is_waiting) = mpsc::channel();
    let run = |progress: &mut dyn Progress| install(&pin, &data, &server.sources, progress).unwrap().already;
    thread::scope(|scope| {
        let first = scope.spawn(|| run(&mut Silent));
        is_asked.recv().unwrap();
        let second = scope.spawn(move || run(&mut Started(waits)));
        assert!(is_waiting.recv().unwrap().contains("Waiting"));
        go_on.send(()).unwrap();
        assert!(!first.join().unwrap());
        assert!(second.join().unwrap());
    });
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

/// Tells the test of every task that starts.
struct Started(mpsc::Sender<String>);

impl Progress for Started {
    fn start(&mut self, what: &str, _: Unit, _: Option<u64>) {
        let _ = self.0.send(what.to_owned());
    }
    fn advance(&mut self, _: u64) -> Result<(), Interrupted> {
        Ok(())
    }
    fn finish(&mut self) {}
    fn note(&mut self, _: &str) {}
}

/// Stops at the first step.
struct Stop;

impl Progress for Stop {
    fn start(&mut self, _: &str, _: Unit, _: Option<u64>) {}
    fn advance(&mut self, _: u64) -> Result<(), Interrupted> {
        Err(Interrupted)
    }
    fn finish(&mut self) {}
    fn note(&mut self, _: &str) {}
}

#[test]
fn asked_to_stop_it_leaves_nothing() {
    let (pin, archive) = release();
    let server = server(move |stream| deliver(stream, &archive, archive.len()));
    let (_folder, data) = data();
    let error = install(&pin, &data, &server.sources, &mut Stop).unwrap_err();
    assert!(matches!(error, InstallError::Interrupted(_)), "{error}");
    assert_eq!(left(&data), [""; 0]);
}

/// Run anew as a child of itself, which is killed in the middle of its download.
#[test]
fn what_a_killed_installation_leaves_is_swept() {
    const PLACE: &str = "UNDERHOOD_TEST_PLACE";
    const FROM: &str = "UNDERHOOD_TEST_FROM";
    let (pin, archive) = release();
    if let (Some(place), Ok(from)) = (env::var_os(PLACE), env::var(FROM)) {
        let sources = Sources { downloads: Some(from), pip: false };
        let _ = install(&pin, &DataDir::at(PathBuf::from(place)), &sources, &mut Silent);
        return;
    }
    let (asked, is_asked) = mpsc::channel();
    let half = archive.len() / 2;
    let stalling = server({
        let archive = archive.clone();
        move |stream| {
            deliver(stream, &archive, half);
            asked.send(()).unwrap();
            // Until the other side is gone.
            let _ = std::io::copy(stream, &mut std::io::sink());
        }
    });
    let (_folder, data) = data();
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            concat!(module_path!(), "::what_a_killed_installation_leaves_is_swept").split_once("::").unwrap().1,
        ])
        .env(PLACE, data.toolchains().parent().unwrap())
        .env(FROM, stalling.sources.downloads.as_ref().unwrap())
        .spawn()
        .unwrap();
    is_asked.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let unfinished = left(&data);
    assert!(unfinished.len() == 1 && unfinished[0].starts_with(".unfinished-"), "{unfinished:?}");

    let good = server(move |stream| deliver(stream, &archive, archive.len()));
    install(&pin, &data, &good.sources, &mut Silent).unwrap();
    assert_eq!(left(&data), ["go1.98.7"]);
}
