//! From job to exit of a program that does nothing, three ways side by side: bare fork and exec, a prepared cell of
//! the pool, and bubblewrap. See scripts/bench-sandbox.sh.
//!
//! The three take turns, so that whatever else the machine does meets all of them alike.

use std::error::Error;
use std::fs::File;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use sandbox::spec::{self, CellSpec, CpuWeight, Job, Limits, Mount, Network, Output, Processes, Program, Status};
use sandbox::{Pool, Progress, Sandbox, sealed_copy, sealed_memfd};
use tokio::io::AsyncReadExt as _;

const ROUNDS: usize = 300;
const WARM_UP: usize = 20;

/// Long enough for a cell to be prepared and one to be taken down, so that neither is there while another is timed.
const SETTLE: Duration = Duration::from_millis(25);

fn main() -> ExitCode {
    if std::env::args_os().next().is_some_and(|name| name == spec::ZYGOTE_NAME) {
        return sandbox::zygote::main();
    }
    // cargo bench adds a flag of its own.
    let Some(program) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')) else {
        eprintln!("usage: start PROGRAM, a static executable; scripts/bench-sandbox.sh has one built");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // As a task, like a run of the service: what the runtime's main thread waits for reaches it by way of another.
    let compared = runtime.spawn(async move { compare(Path::new(&program)).await });
    match runtime.block_on(compared) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => fail(&*error),
        Err(error) => fail(&error),
    }
}

fn fail(error: &dyn Error) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

async fn compare(program: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    let pool = Pool::new(Sandbox::start(None).await?, 2);
    pool.warm(&cell(), 2);
    let image = sealed_copy("program", File::open(program)?.into(), u64::MAX)?.ok_or("the program is too large")?;
    let [mut bare, mut pooled, mut bubblewrap] = [const { Vec::new() }; 3];
    for round in 0..WARM_UP + ROUNDS {
        let times = [spawned(&mut Command::new(program))?, in_cell(&pool, &image).await?, in_bubblewrap(program)?];
        if round >= WARM_UP {
            for (all, time) in [&mut bare, &mut pooled, &mut bubblewrap].into_iter().zip(times) {
                all.push(time);
            }
        }
    }
    for (name, times) in [("fork+exec", &mut bare), ("pool", &mut pooled), ("bubblewrap", &mut bubblewrap)] {
        times.sort_unstable();
        let at = |share: usize| times[times.len() * share / 100].as_micros();
        println!("{name:<11} median {:>6} µs   p10 {:>6}   p90 {:>6}", at(50), at(10), at(90));
    }
    let median = |times: &[Duration]| times[times.len() / 2].as_secs_f64();
    println!("pool : fork+exec  {:.2}", median(&pooled) / median(&bare));
    println!("pool : bubblewrap {:.2}", median(&pooled) / median(&bubblewrap));
    Ok(())
}

/// Both outputs into pipes, as a service would have them.
fn spawned(command: &mut Command) -> Result<Duration, Box<dyn Error + Send + Sync>> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let begun = Instant::now();
    let output = command.spawn()?.wait_with_output()?;
    let took = begun.elapsed();
    std::thread::sleep(SETTLE);
    if output.status.success() { Ok(took) } else { Err(format!("{command:?}: {output:?}").into()) }
}

fn in_bubblewrap(program: &Path) -> Result<Duration, Box<dyn Error + Send + Sync>> {
    let mut command = Command::new("bwrap");
    command.args(["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
    command.args(["--tmpfs", "/tmp", "--dev-bind", "/dev/null", "/dev/null", "--ro-bind"]).arg(program).arg("/main");
    spawned(command.arg("/main"))
}

async fn in_cell(pool: &Pool, image: &OwnedFd) -> Result<Duration, Box<dyn Error + Send + Sync>> {
    let command = spec::Command {
        program: Program::Handed,
        argv: vec!["main".into()],
        env: Vec::new(),
        dir: "/tmp".into(),
        stdout: Output::Stdout,
        stderr: Output::Stderr,
        may_fail: false,
    };
    let job = Job { files: Vec::new(), commands: vec![command], artifact: None };
    let stdin = sealed_memfd("stdin", b"")?;
    let cell = pool.take(&cell(), Duration::from_secs(10)).await?;
    let begun = Instant::now();
    let (mut running, mut outputs) = cell.run(&job, CpuWeight::default(), stdin.as_fd()).await?;
    running.hand(image.as_fd()).await?;
    let mut printed = Vec::new();
    let status = loop {
        match running.next().await? {
            Progress::Ended { status, .. } => break status,
            Progress::Started(_) => {}
            Progress::Finished(_) => return Err("it finished before it ended".into()),
        }
    };
    outputs.stdout.read_to_end(&mut printed).await?;
    outputs.stderr.read_to_end(&mut printed).await?;
    let took = begun.elapsed();
    running.gone().await?;
    std::thread::sleep(SETTLE);
    if status == Status::Exited(0) { Ok(took) } else { Err(format!("in the cell: {status:?}").into()) }
}

fn cell() -> CellSpec {
    const MIB: u64 = 1 << 20;
    CellSpec {
        mounts: vec![Mount::Scratch { target: "/tmp".into() }, Mount::Device { path: "/dev/null".into() }],
        processes: Processes::ThreadsOnly,
        network: Network::Loopback,
        limits: Limits {
            memory_bytes: 256 * MIB,
            data_bytes: 256 * MIB,
            pids: 64,
            scratch_bytes: 64 * MIB,
            scratch_inodes: 1024,
            file_bytes: 64 * MIB,
            open_files: 256,
            cpu_seconds: 10,
        },
        ahead: Vec::new(),
        huge: Vec::new(),
    }
}
