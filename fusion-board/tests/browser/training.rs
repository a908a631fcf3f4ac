//! The board beside a training: the example `digits`, while it learns.

use super::{listed, picture, press, search, values};
use crate::common::Running;
use fusion_web::devtools::{Browser, Tab, find};
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The step that a page shows, which is the last one: the number of steps is limited.
const STEP: &str = "Number(document.querySelector('input[aria-label=Step]').parentElement.querySelector('output').textContent.replace(/\\D/g, ''))";

/// The program, built with all that `cargo test --workspace` builds, so that it is there already after that.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    let folder = test.ancestors().nth(2).and_then(Path::file_name).and_then(|name| name.to_str()).expect("a name");
    let profile = if folder == "debug" { "dev" } else { folder };
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--workspace", "--example", "digits", "--message-format", "json", "--profile", profile]);
    build.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).stderr(Stdio::inherit());
    let output = build.output().expect("cargo");
    assert!(output.status.success(), "digits is not built");
    let text = String::from_utf8(output.stdout).expect("text");
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built = messages.filter(|message| message["target"]["name"] == "digits");
    built.find_map(|message| message["executable"].as_str().map(PathBuf::from)).expect("a program")
}

/// A training that ends with this.
struct Training(Child);

impl Training {
    /// Of so many epochs, which writes its log into a folder.
    fn start(program: &Path, log: &Path, epochs: u64) -> Self {
        let mut command = Command::new(program);
        command
            .args(["--epochs", &epochs.to_string(), "--log"])
            .arg(log)
            .arg("--out")
            .arg(log.with_extension("weights"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("a program");
        let mut told = child.stdout.take().expect("a pipe");
        // A full pipe would stop it. One that is gone ends it, which it is if this test is killed.
        std::thread::spawn(move || told.read_to_end(&mut Vec::new()));
        Self(child)
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn open(browser: &mut Browser, tab: &Tab, page: &str) {
    browser.value(tab, &press(&format!("#pages [data-id={page}]"))).await;
    browser.until(tab, &format!("document.getElementById('main').dataset.page === '{page}'")).await;
}

/// Waits until a number of the page is larger than now, twice.
async fn grows(browser: &mut Browser, tab: &Tab, number: &str) {
    for _ in 0..2 {
        let now = browser.value(tab, number).await;
        browser.until(tab, &format!("{number} > {now}")).await;
    }
}

#[tokio::test]
async fn beside_a_training() {
    let Some(chromium) = find() else { return };
    let program = program();
    let server = Running::new();
    let mut browser = Browser::start(&chromium, None).await;
    let url = format!("http://{}/", server.address);
    let tab = browser.open("about:blank", "").await;
    browser.listen(&tab).await;
    browser.resize(&tab, 1280, 900).await;
    browser.call(Some(&tab), "Page.navigate", serde_json::json!({ "url": url })).await;
    browser.until(&tab, "document.getElementById('main')?.textContent.includes('There is no run here yet')").await;

    // A short run, and one that goes on for as long as the page is looked at.
    let mut short = Training::start(&program, &server.path("short"), 3);
    assert!(short.0.wait().expect("an end").success());
    let mut long = Training::start(&program, &server.path("long"), 1_000_000);
    browser.until(&tab, &listed(2)).await;
    browser.value(&tab, &press("#newest")).await;
    for curve in ["step/loss", "loss", "accuracy/test"] {
        browser.until(&tab, &format!("{} > 3", values(curve))).await;
    }
    grows(&mut browser, &tab, &values("step/loss")).await;
    picture(&mut browser, &tab, "training-runs").await;

    // The search leaves the run with a setting.
    for (text, count) in [("epochs=3", 1), ("epochs=1000000 adam", 1), ("sgd", 0), ("", 2)] {
        browser.value(&tab, &search(text)).await;
        browser.until(&tab, &listed(count)).await;
    }

    // The other pages, of the run that goes on.
    browser.value(&tab, &press("#list li[title=short] input")).await;
    open(&mut browser, &tab, "network").await;
    browser.until(&tab, "document.querySelectorAll('.net [role=button]').length === 6").await;
    browser.until(&tab, "document.querySelectorAll('.computation .layer').length > 5").await;
    grows(&mut browser, &tab, STEP).await;
    picture(&mut browser, &tab, "training-network").await;
    open(&mut browser, &tab, "predictions").await;
    browser.until(&tab, "document.querySelectorAll('.classes tbody tr').length === 10").await;
    browser.until(&tab, "document.querySelectorAll('.sample img').length > 3").await;
    grows(&mut browser, &tab, STEP).await;
    picture(&mut browser, &tab, "training-predictions").await;
    open(&mut browser, &tab, "data").await;
    browser.until(&tab, "document.querySelectorAll('#main .wide tbody tr').length > 3").await;
    picture(&mut browser, &tab, "training-data").await;

    // Another theme, and a plot as a file.
    open(&mut browser, &tab, "runs").await;
    let back = "getComputedStyle(document.body).backgroundColor";
    browser.value(&tab, &press("#theme")).await;
    let light = browser.value(&tab, back).await;
    browser.value(&tab, &press("#theme")).await;
    browser.until(&tab, &format!("{back} !== {light}")).await;
    grows(&mut browser, &tab, &values("step/loss")).await;
    picture(&mut browser, &tab, "training-dark").await;
    let folder = browser.downloads().await;
    let plot = "[...document.querySelectorAll('figure.plot')].find((plot) => plot.options.title === 'step/loss')";
    for (kind, begins) in [("svg", &b"<svg"[..]), ("png", b"\x89PNG"), ("csv", b"series,step,")] {
        let button = format!("{plot}.querySelector('button[data-kind={kind}]')");
        let bytes = browser.save(&tab, &button, &folder.join(format!("step_loss.{kind}"))).await;
        assert!(bytes.starts_with(begins), "{kind}");
    }

    assert!(long.0.try_wait().expect("a child").is_none(), "the training has ended");
    assert_eq!(browser.problems(), Vec::<String>::new());
    assert_eq!(browser.foreign(&url), Vec::<String>::new());
}
