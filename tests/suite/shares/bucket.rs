//! Shares in a bucket, of a server that speaks S3: moto's (`moto[server]`), where it is installed.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{HELLO, refused, share, shared};
use crate::harness::client::{ask, get};
use crate::harness::host::Host;
use crate::harness::processes::wait_for;
use crate::harness::serve::Service;
use crate::harness::underhood;

/// It keeps all in memory.
struct S3 {
    child: Child,
    address: SocketAddr,
}

const BUCKET: &str = "go-shares";
const PLACE: &str = "s3://go-shares/below/this";

impl S3 {
    /// With one bucket; `None` where there is no such server.
    fn start() -> Option<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("its number");
        let port = free.port().to_string();
        let mut command = Command::new("moto_server");
        command
            .args(["-H", "127.0.0.1", "-p", &port])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let is_there = || {
            let has_ended = child.try_wait().expect("waited").is_some();
            (has_ended || TcpStream::connect(free).is_ok()).then_some(!has_ended)
        };
        // A shim of a Python that lacks it ends at once.
        if !wait_for("moto_server", Duration::from_secs(60), is_there) {
            return None;
        }
        let made = ask(free, &format!("PUT /{BUCKET}"), &[("Content-Length", "0")]);
        assert_eq!(made.status, 200);
        Some(Self { child, address: free })
    }

    fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("AWS_ENDPOINT", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", "key".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("UNDERHOOD_SHARES", PLACE.to_owned()),
        ]
    }

    fn service(&self) -> Service {
        let mut command = Host::mine().underhood();
        command.envs(self.variables());
        Service::start_by(command, &[])
    }

    fn command(&self, args: &[&str]) -> String {
        let output = Command::new(underhood()).arg("shares").args(args).envs(self.variables()).output();
        let output = output.expect("underhood starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_bucket_does_as_well_as_a_folder() {
    let Some(s3) = S3::start() else {
        eprintln!("left out: there is no moto_server; pip install 'moto[server]'");
        return;
    };
    let (one, other) = (s3.service(), s3.service());
    let request = json!({"source": HELLO, "mode": "run"});
    assert_eq!((share(&one, &request).status, share(&other, &request).status), (201, 200));
    let id = shared(&one, &request);
    let mut found = get(other.address(), &format!("/api/v1/shares/{id}"));
    let body: Value = serde_json::from_str(&found.rest()).expect("JSON");
    assert_eq!((found.status, body), (200, request.clone()));
    assert_eq!(get(one.address(), "/api/v1/shares/0123456789bcd").status, 404);
    // What lies there beside them is no share.
    ask(s3.address, &format!("PUT /{BUCKET}/below/this/note.txt"), &[("Content-Length", "0")]);
    let listed = s3.command(&["list"]);
    assert!(listed.starts_with(&id) && listed.lines().count() == 1, "{listed}");
    s3.command(&["delete", &id]);
    refused(get(one.address(), &format!("/api/v1/shares/{id}")), 410, "deleted");
    refused(share(&other, &request), 410, "deleted");
    drop(s3);
    let gone = get(one.address(), &format!("/api/v1/shares/{id}"));
    assert_eq!(gone.header("retry-after"), "30");
    refused(gone, 503, "try again");
    assert_eq!(get(one.address(), &format!("/s/{id}")).status, 503);
    assert_eq!(get(one.address(), "/").status, 200);
}
