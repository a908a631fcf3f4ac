//! The page in Chromium, while a run grows. Skipped where there is no Chromium, unless `FUSION_BROWSER` is set. Screenshots are
//! written to `target/tmp/board-*.png`.

mod common;
#[path = "browser/network.rs"]
mod network;
#[path = "browser/training.rs"]
mod training;

use common::Running;
use fusion::log::Run;
use fusion::prelude::*;
use fusion_web::devtools::{Browser, Tab, find};
use serde_json::Value;
use std::f64::consts::PI;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PAGES: &[&str] = &["runs", "network", "predictions"];

/// Numbers that look as a training's do: without a generator, so that pictures are the same each time.
fn noise(step: u64, seed: u64) -> f64 {
    let mixed = (step.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed.wrapping_mul(0xD1B5_4A32_D192_ED03))
        .wrapping_mul(0x2545_F491_4F6C_DD1D);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
}

fn train(run: &mut Run, seed: u64, steps: std::ops::Range<u64>) {
    let rate = 1.0 + seed as f64 * 0.4;
    for step in steps {
        let done = step as f64 / 400.0 * rate;
        let loss = 2.3 * (-done).exp() + 0.08 + 0.12 * noise(step, seed) * (0.3 + (-done).exp());
        let accuracy = 0.98 - 0.88 * (-1.4 * done).exp() + 0.02 * noise(step, seed + 50);
        run.scalars(step, &[("loss/train", loss), ("rate", 1e-3 * (1.0 + (PI * step as f64 / 1000.0).cos()) / 2.0)])
            .expect("room");
        if step % 20 == 0 {
            let test = loss + 0.04 + 0.02 * noise(step, seed + 99);
            run.scalars(
                step,
                &[("loss/test", test), ("accuracy/train", accuracy), ("accuracy/test", accuracy - 0.015)],
            )
            .expect("room");
        }
    }
}

fn runs(server: &Running) -> Vec<Run> {
    let names = [
        "digits/small",
        "digits/wide",
        "digits/dropout",
        "strange/<script>alert('x')</script>",
        "moons \"tanh\" & more",
    ];
    let runs = names.iter().zip(0_u32..).map(|(name, seed)| {
        let mut run = server.run(name.trim_end_matches("/script>"));
        run.settings(&[
            ("rate", &(0.001 * f64::from(seed + 1))),
            ("batch", &64),
            ("optimizer", &if seed == 1 { "SGD" } else { "Adam" }),
        ])
        .expect("room");
        train(&mut run, seed.into(), 0..600 + 100 * u64::from(seed));
        run
    });
    let mut runs: Vec<Run> = runs.collect();
    let pixel = |at: usize| ((at % 28) as f64 * 9.0 * (1.0 + ((at / 28) as f64 / 4.0).sin()) / 2.0) as u8;
    let image = Tensor::<(Dyn, Dyn, Dyn), u8>::from_vec_sized((0..784).map(pixel).collect(), &[1, 28, 28]);
    runs[0].image(100, "filters/conv1", &image.expect("an image")).expect("room");
    runs[0].text(100, "notes", "Accuracy is still rising.\n<b>Not bold</b>").expect("room");
    runs
}

fn shot(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("board-{name}.png"))
}

/// Waits until the plots are drawn, and makes a picture.
async fn picture(browser: &mut Browser, tab: &Tab, name: &str) {
    tokio::time::sleep(Duration::from_millis(400)).await;
    browser.screenshot(tab, &shot(name)).await;
}

/// How many values the plot of this title has.
fn values(title: &str) -> String {
    format!(
        "([...document.querySelectorAll('figure.plot')].find((plot) => plot.options.title === {title:?})?.answer?.curves.reduce((sum, {{ count }}) => sum + count, 0) ?? 0)"
    )
}

/// Writes into the search of runs.
fn search(text: &str) -> String {
    format!(
        "(document.getElementById('search').value = {text:?}, document.getElementById('search').dispatchEvent(new Event('input')))"
    )
}

/// Whether the list has so many runs.
fn listed(count: usize) -> String {
    format!("document.querySelectorAll('#list li').length === {count}")
}

fn press(selector: &str) -> String {
    format!("(document.querySelector({selector:?}).click(), true)")
}

#[tokio::test]
async fn the_page() {
    let Some(chromium) = find() else { return };
    let server = Running::new();
    let mut growing = runs(&server);
    let mut browser = Browser::start(&chromium, None).await;
    let tab = browser.open("about:blank", "").await;
    browser.listen(&tab).await;
    browser.resize(&tab, 1280, 900).await;
    let url = format!("http://{}/", server.address);
    let start = Instant::now();
    browser.call(Some(&tab), "Page.navigate", serde_json::json!({ "url": url })).await;
    browser.until(&tab, "document.querySelectorAll('figure.plot path.line').length >= 10").await;
    println!("the first curves are drawn: {:?}", start.elapsed());
    assert_eq!(browser.value(&tab, "document.querySelectorAll('#list li').length").await, 5);
    assert_eq!(browser.value(&tab, "document.querySelector('#list script')").await, Value::Null);
    picture(&mut browser, &tab, "runs-light").await;

    // A run grows, and its curve with it.
    let values = values("loss/train");
    let before = browser.value(&tab, &values).await.as_u64().expect("a number");
    train(&mut growing[0], 0, 600..700);
    browser.until(&tab, &format!("{values} === {}", before + 100)).await;
    train(&mut growing[0], 0, 700..1000);
    browser.until(&tab, &format!("{values} === {}", before + 400)).await;
    // A new run appears in the list.
    train(&mut server.run("new"), 7, 0..50);
    browser.until(&tab, &listed(6)).await;

    // The search leaves some of the runs: by words, and by a setting.
    for (text, count) in
        [("digits", 3), ("DIGITS wide", 1), ("optimizer=sgd", 1), ("nothing like it", 0), ("<script>", 1), ("", 6)]
    {
        browser.value(&tab, &search(text)).await;
        browser.until(&tab, &listed(count)).await;
    }
    // A run is taken away and comes back.
    let lines = "document.querySelector('figure.plot').querySelectorAll('path.line').length";
    browser.until(&tab, &format!("{lines} === 5")).await;
    browser.value(&tab, "document.querySelector('#list input:checked').click()").await;
    browser.until(&tab, &format!("{lines} === 4")).await;
    browser.value(&tab, &press("#newest")).await;
    browser.until(&tab, &format!("{lines} === 5")).await;

    // A run has another colour.
    let stroke = "document.querySelector('path.line').style.stroke";
    browser.value(&tab, &press("#list li:has(:checked) .swatch")).await;
    browser.value(&tab, &press(".palette button:nth-child(8)")).await;
    browser.until(&tab, &format!("{stroke} === 'var(--series-7)' && !document.querySelector('.palette')")).await;

    // Smoothing draws each curve twice, a logarithmic axis draws it elsewhere, and time is another axis.
    browser.value(&tab, "{ const slider = document.querySelector('input[type=range]'); slider.value = 0.9; slider.dispatchEvent(new Event('input')); }").await;
    browser.until(&tab, &format!("{lines} === 10")).await;
    picture(&mut browser, &tab, "runs-smooth").await;
    let path = "document.querySelector('path.line').getAttribute('d')";
    let linear = browser.value(&tab, path).await;
    browser
        .value(&tab, "[...document.querySelectorAll('.check')].find((label) => label.textContent === 'log y').click()")
        .await;
    browser.until(&tab, &format!("{path} !== {linear}")).await;
    browser
        .value(&tab, "[...document.querySelectorAll('.check')].find((label) => label.textContent === 'log y').click()")
        .await;
    zoom(&mut browser, &tab).await;
    fingers(&mut browser, &tab).await;

    // A plot is saved in each way.
    let folder = browser.downloads().await;
    for (kind, begins) in [("svg", &b"<svg"[..]), ("png", b"\x89PNG"), ("csv", b"series,step,")] {
        let button = format!("document.querySelector('figure.plot button[data-kind={kind}]')");
        let bytes = browser.save(&tab, &button, &folder.join(format!("rate.{kind}"))).await;
        assert!(bytes.starts_with(begins), "{kind}");
        fs::write(shot(&format!("saved.{kind}")).with_extension(""), &bytes).expect("room");
        if kind == "csv" {
            assert!(String::from_utf8(bytes).expect("text").lines().count() > 20);
        }
    }

    // Themes: what the system has, light, dark.
    let back = "getComputedStyle(document.body).backgroundColor";
    browser.value(&tab, &press("#theme")).await;
    let light = browser.value(&tab, back).await;
    browser.value(&tab, &press("#theme")).await;
    browser.until(&tab, &format!("{back} !== {light}")).await;
    picture(&mut browser, &tab, "runs-dark").await;
    for (view, text) in [("best", "Best values"), ("settings", "Settings"), ("media", "Images, texts")] {
        browser.value(&tab, &format!("[...document.querySelectorAll('.tabs button')].find((button) => button.textContent === {text:?}).click()")).await;
        browser
            .until(
                &tab,
                if view == "media" {
                    "document.querySelector('pre.logged') !== null"
                } else {
                    "document.querySelectorAll('.wide tbody tr').length > 2"
                },
            )
            .await;
        picture(&mut browser, &tab, &format!("{view}-dark")).await;
        if view == "settings" {
            assert_eq!(browser.value(&tab, "document.querySelectorAll('tr.differs').length").await, 3);
        }
    }
    assert_eq!(browser.value(&tab, "document.querySelector('pre.logged b')").await, Value::Null);
    browser.value(&tab, &press(".tabs button")).await;

    // A small screen.
    browser.value(&tab, &press("#theme")).await;
    browser.resize(&tab, 400, 800).await;
    for page in PAGES {
        browser.value(&tab, &format!("document.querySelector('#pages [data-id={page}]').click()")).await;
        browser.until(&tab, &format!("document.getElementById('main').dataset.page === '{page}'")).await;
        picture(&mut browser, &tab, &format!("{page}-small")).await;
        let fits = browser.value(&tab, "document.documentElement.scrollWidth <= innerWidth").await;
        assert_eq!(fits, true, "{page} is wider than the screen");
    }
    browser.value(&tab, &press("#drawer")).await;
    picture(&mut browser, &tab, "drawer-small").await;

    // Nothing went wrong, and nothing was asked for elsewhere.
    assert_eq!(browser.problems(), Vec::<String>::new());
    assert!(browser.addresses().len() > 20, "{:?}", browser.addresses());
    assert_eq!(browser.foreign(&url), Vec::<String>::new());
}

/// A part of a plot by mouse, and all of it again; a value by mouse and by key.
async fn zoom(browser: &mut Browser, tab: &Tab) {
    let place = browser.value(tab, "(() => { const { left, top, width, height } = document.querySelector('.drawing').getBoundingClientRect(); return [left + 0.4 * width, top + height / 2, left + 0.7 * width]; })()").await;
    let [from, y, to] = [0, 1, 2].map(|at| place[at].as_f64().expect("a place"));
    browser.mouse(tab, "mouseMoved", from, y).await;
    browser.until(tab, "document.querySelector('.tip:not([hidden])')?.textContent.includes('step') === true").await;
    picture(browser, tab, "hover").await;
    browser.mouse(tab, "mousePressed", from, y).await;
    browser.mouse(tab, "mouseMoved", to, y).await;
    browser.mouse(tab, "mouseReleased", to, y).await;
    browser.until(tab, "document.querySelector('figure.plot').options.range?.[0] > 10").await;
    picture(browser, tab, "zoomed").await;
    browser.value(tab, "document.querySelector('.drawing').dispatchEvent(new MouseEvent('dblclick'))").await;
    browser.until(tab, "document.querySelector('figure.plot').options.range === null").await;
    browser.value(tab, "document.querySelector('.drawing').focus()").await;
    browser.press(tab, "End").await;
    browser.until(tab, "document.querySelector('figure.plot .unseen').textContent.includes('step')").await;
    browser.press(tab, "+").await;
    browser.until(tab, "document.querySelector('figure.plot').options.range !== null").await;
    browser.press(tab, "0").await;
    browser.until(tab, "document.querySelector('figure.plot').options.range === null").await;
}

/// Two fingers zoom, one moves the part that is shown, and two taps show all again; a tap tells values.
async fn fingers(browser: &mut Browser, tab: &Tab) {
    const RANGE: &str = "document.querySelector('figure.plot').options.range";
    /// The last step of the longest run.
    const LAST: f64 = 999.0;
    let place = browser.value(tab, "(() => { const { left, top, width, height } = document.querySelector('.drawing').getBoundingClientRect(); return [left, top + height / 2, width]; })()").await;
    let [left, y, width] = [0, 1, 2].map(|at| place[at].as_f64().expect("a place"));
    // Places of fingers, as shares of the width.
    let at = |shares: &[f64]| -> Vec<[f64; 2]> { shares.iter().map(|share| [left + share * width, y]).collect() };
    let [together, between, apart] = [at(&[0.45, 0.55]), at(&[0.4, 0.6]), at(&[0.35, 0.65])];
    let (is_whole, is_part) = (format!("{RANGE} === null"), format!("{RANGE} !== null"));
    let is_near = |a: f64, b: f64| (a - b).abs() < 2.0;
    let ends = |range: Value| [0, 1].map(|end| range[end].as_f64().expect("a number"));

    browser.touch(tab, &[at(&[0.5])]).await;
    let told = "document.querySelector('.tip:not([hidden])')?.textContent.includes('step') === true";
    browser.until(tab, told).await;
    picture(browser, tab, "tapped").await;

    // A third of it, around what lies between the fingers.
    browser.touch(tab, &[together.clone(), between.clone(), apart.clone()]).await;
    browser.until(tab, &is_part).await;
    assert_eq!(browser.value(tab, told).await, false);
    let [first, last] = ends(browser.value(tab, RANGE).await);
    assert!(is_near(last - first, LAST / 3.0) && first > LAST / 4.0 && last < LAST * 3.0 / 4.0, "{first} to {last}");
    picture(browser, tab, "pinched").await;
    // The part goes along with a finger, and not beyond the end.
    browser.touch(tab, &[at(&[0.7]), at(&[0.6]), at(&[0.5])]).await;
    browser.until(tab, &format!("{RANGE}[0] > {}", first + LAST / 20.0)).await;
    let moved = ends(browser.value(tab, RANGE).await);
    assert!(is_near(moved[1] - moved[0], last - first) && moved[1] < LAST, "{moved:?}");
    browser.touch(tab, &[at(&[0.95]), at(&[0.5]), at(&[0.05])]).await;
    browser.until(tab, &format!("{RANGE}[1] > {}", LAST - 1.0)).await;
    let moved = ends(browser.value(tab, RANGE).await);
    assert!(is_near(moved[1] - moved[0], last - first) && is_near(moved[1], LAST), "{moved:?}");

    browser.touch(tab, &[at(&[0.2, 0.8]), between.clone(), together.clone()]).await;
    browser.until(tab, &is_whole).await;
    browser.touch(tab, &[together, between, apart]).await;
    browser.until(tab, &is_part).await;
    browser.touch(tab, &[at(&[0.5]), Vec::new(), at(&[0.5])]).await;
    browser.until(tab, &is_whole).await;
}

#[tokio::test]
async fn an_empty_folder() {
    let Some(chromium) = find() else { return };
    let server = Running::new();
    let mut browser = Browser::start(&chromium, None).await;
    let tab = browser.open(&format!("http://{}/", server.address), "").await;
    browser.until(&tab, "document.getElementById('main').textContent.includes('There is no run here yet')").await;
    picture(&mut browser, &tab, "empty").await;
    // The first run is shown as soon as it is there.
    train(&mut server.run("first"), 1, 0..100);
    browser.until(&tab, "document.querySelectorAll('path.line').length >= 3").await;
}

/// Plots of each kind are drawn, tell values under the pointer and by keys, and are saved.
#[tokio::test]
async fn plots() {
    let Some(chromium) = find() else { return };
    let server = Running::new();
    let mut browser = Browser::start(&chromium, None).await;
    let tab = browser.open(&format!("http://{}/", server.address), "").await;
    browser.listen(&tab).await;
    browser.resize(&tab, 1280, 2400).await;
    browser.until(&tab, "document.getElementById('main').textContent.includes('There is no run here yet')").await;
    assert_eq!(browser.value(&tab, include_str!("plots.js")).await, 12);
    let folder = browser.downloads().await;
    for theme in ["light", "dark"] {
        browser.value(&tab, &press("#theme")).await;
        picture(&mut browser, &tab, &format!("plots-{theme}")).await;
    }
    for at in 0..12 {
        let figure = format!("document.querySelectorAll('figure.plot')[{at}]");
        let title = browser.value(&tab, &format!("{figure}.querySelector('.title').textContent")).await;
        for kind in ["svg", "png", "csv"] {
            let path = folder.join(format!("{}.{kind}", title.as_str().expect("text").replace(' ', "_")));
            let bytes = browser.save(&tab, &format!("{figure}.querySelector('[data-kind={kind}]')"), &path).await;
            assert!(!bytes.is_empty() || title == "nothing", "{}", path.display());
        }
        if title == "nothing" {
            continue;
        }
        browser.value(&tab, &format!("{figure}.querySelector('.drawing').focus()")).await;
        browser.press(&tab, "ArrowRight").await;
        browser.press(&tab, "ArrowRight").await;
        browser.until(&tab, &format!("{figure}.querySelector('.unseen').textContent !== ''")).await;
        browser.press(&tab, "Escape").await;
        browser.until(&tab, &format!("{figure}.querySelector('.tip').hidden")).await;
    }
    // A point is touched by a key.
    browser.value(&tab, "document.querySelectorAll('figure.plot .drawing')[10].focus()").await;
    for key in ["Home", "Enter"] {
        browser.press(&tab, key).await;
    }
    browser.until(&tab, "Number.isInteger(window.touched)").await;
    // What begins as a formula does is none in a table.
    let table = "import('/plot/save.js').then(({ csv }) => csv([['=1+1', '-x', -1, 'a,\"b\"'], [NaN, null]]))";
    assert_eq!(browser.value(&tab, table).await, "'=1+1,'-x,-1,\"a,\"\"b\"\"\"\r\nNaN,\r\n");
    assert_eq!(browser.problems(), Vec::<String>::new());
}
