//! What the board takes with ten million points and with a thousand runs: time to the first paint, and memory of the server.
//!
//! `cargo test --release -p fusion-board --test figures -- --ignored --nocapture`; `FUSION_POINTS` and `FUSION_RUNS` are other sizes, and
//! `FUSION_TENSORBOARD` names the program `tensorboard`, which is then measured with the same runs.

use fusion::log::Run;
use fusion_web::devtools::{Browser, Tab, find};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// A program that serves a page, which ends when this is dropped.
struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn board(runs: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fusion-board"));
        let mut child = command.arg(runs).args(["--port", "0"]).stdout(Stdio::piped()).spawn().expect("the board");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        Self { child, url: line.split(' ').next().expect("an address").to_owned() }
    }

    fn tensorboard(program: &str, runs: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(["--port", "6199", "--logdir"]).arg(runs).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("TensorBoard");
        let start = Instant::now();
        while TcpStream::connect("127.0.0.1:6199").is_err() {
            assert!(start.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(20));
        }
        println!("    TensorBoard listens after {:.1?}", start.elapsed());
        Self { child, url: "http://127.0.0.1:6199".into() }
    }

    /// What it keeps in memory, with the processes that it has started, in MB.
    fn memory(&self) -> f64 {
        let pid = self.child.id().to_string();
        let listed = Command::new("ps").args(["-eo", "pid=,ppid=,rss="]).output().expect("ps").stdout;
        let text = String::from_utf8(listed).expect("text");
        let own = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        own.filter(|row| row[0] == pid || row[1] == pid)
            .map(|row| row[2].parse::<f64>().expect("a size") / 1000.0)
            .sum()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // TensorBoard ends the process that it has started only if it is asked to end.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// How long it takes until an expression is true, from the moment on at which the page is asked for.
async fn paint(browser: &mut Browser, tab: &Tab, url: &str, shown: &str) -> Duration {
    let start = Instant::now();
    browser.call(Some(tab), "Page.navigate", json!({ "url": url })).await;
    browser.until(tab, shown).await;
    start.elapsed()
}

/// The bytes that a page takes, as they come.
async fn size(browser: &mut Browser, tab: &Tab) -> f64 {
    let all = "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
        .filter(({ name }) => !name.includes('/api/') && !name.includes('/data/')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)";
    browser.value(tab, all).await.as_f64().expect("a number") / 1000.0
}

const LINES: &str = "[...document.querySelectorAll('path.line')].some((line) => line.getAttribute('d').length > 20)";
const WHOLE: &str = "[...document.querySelectorAll('figure.plot')].some(({ answer }) => answer?.curves.every(({ read }) => read === 1))";
/// A chart of TensorBoard, which it shows once it has values.
const CHART: &str = "document.querySelector('line-chart canvas') !== null";

/// How long it takes until TensorBoard shows a chart. A page that it gave before it had read anything stays empty, so it is asked for
/// again.
async fn chart(browser: &mut Browser, tab: &Tab, url: &str) -> Duration {
    let start = Instant::now();
    loop {
        browser.call(Some(tab), "Page.navigate", json!({ "url": url })).await;
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(10) {
            if browser.value(tab, CHART).await == true {
                return start.elapsed();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(start.elapsed() < Duration::from_secs(300), "TensorBoard shows no chart");
    }
}

async fn measure(runs: &Path, what: &str) {
    let chromium = find().expect("Chromium");
    let mut browser = Browser::start(&chromium, None).await;
    let tab = browser.open("about:blank", "").await;
    browser.resize(&tab, 1280, 900).await;
    println!("{what}:");
    let board = Program::board(runs);
    println!("    memory of the board at first: {:.1} MB", board.memory());
    println!("    first paint {:.2?}", paint(&mut browser, &tab, &board.url, LINES).await);
    println!("    page {:.0} kB", size(&mut browser, &tab).await);
    let start = Instant::now();
    browser.until(&tab, WHOLE).await;
    println!("    everything that is shown is read {:.2?} later", start.elapsed());
    browser.value(&tab, "[...document.querySelectorAll('.tabs button')].find((button) => button.textContent === 'Best values').click()").await;
    browser
        .until(&tab, "document.querySelector('.wide tbody tr') && document.querySelector('.note')?.hidden !== false")
        .await;
    println!("    all runs are read {:.2?} later", start.elapsed());
    println!("    memory {:.1} MB", board.memory());
    browser.value(&tab, "[...document.querySelectorAll('.tabs button')][0].click()").await;
    println!("    first paint again {:.2?}", paint(&mut browser, &tab, &format!("{}/?again", board.url), LINES).await);
    drop(board);
    let Ok(program) = std::env::var("FUSION_TENSORBOARD") else { return };
    let other = Program::tensorboard(&program, runs);
    println!("    first chart of TensorBoard {:.2?}", chart(&mut browser, &tab, &other.url).await);
    println!("    its page {:.0} kB", size(&mut browser, &tab).await);
    println!("    its memory {:.1} MB", other.memory());
    tokio::time::sleep(Duration::from_secs(45)).await;
    println!("    its memory a while later {:.1} MB", other.memory());
    println!("    first chart again {:.2?}", chart(&mut browser, &tab, &format!("{}/?again", other.url)).await);
}

#[tokio::test]
#[ignore = "takes minutes and a gigabyte"]
async fn figures() {
    let with_events = std::env::var_os("FUSION_TENSORBOARD").is_some();
    let create = |folder: std::path::PathBuf| {
        let run = Run::create(folder).expect("room");
        if with_events { run.tensorboard().expect("room") } else { run }
    };
    let (home, points) = (tempfile::tempdir().expect("a folder"), number("FUSION_POINTS", 10_000_000));
    let mut run = create(home.path().join("long"));
    let start = Instant::now();
    for step in 0..points {
        let noise = (step.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / f64::from(1 << 24);
        run.scalar(step, "loss", 1.0 / (1.0 + step as f64 * 1e-5) + 0.1 * noise).expect("room");
    }
    println!("{points} records are written in {:.1?}", start.elapsed());
    drop(run);
    measure(home.path(), &format!("{points} points")).await;
    let (home, runs) = (tempfile::tempdir().expect("a folder"), number("FUSION_RUNS", 1000));
    for number in 0..runs {
        let mut run = create(home.path().join(format!("sweep/{number:04}")));
        run.settings(&[("rate", &(number as f64 * 1e-4)), ("batch", &64)]).expect("room");
        for step in 0..200_u64 {
            let loss = 1.0 / (1.0 + step as f64 * 0.01 * (1.0 + number as f64 / 500.0));
            run.scalars(step, &[("loss/train", loss), ("loss/test", loss * 1.1), ("accuracy", 1.0 - loss)])
                .expect("room");
        }
    }
    measure(home.path(), &format!("{runs} runs with 3 curves of 200 points")).await;
}
