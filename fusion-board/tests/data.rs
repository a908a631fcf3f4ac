//! Data sets as the server describes them and as the page shows them in Chromium, which is skipped where there is none unless
//! `FUSION_BROWSER` is set. Screenshots are written to `target/tmp/board-data-*.png`.

mod common;

use common::{LONG, Running, coded};
use fusion::data::write_png;
use fusion::prelude::*;
use fusion_web::devtools::{Browser, Tab, find};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A table with odd names, gaps and classes; one with more rows than are looked at; pictures in folders, one of them broken; a file
/// that is no table.
fn sets() -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = "age,fare,\"<img src=x onerror=alert(1)>\",port,survived\n".to_owned();
    for i in 0..300 {
        let (age, port) =
            if i % 5 == 0 { (String::new(), "") } else { ((i % 60).to_string(), ["S", "C", "</td><b>Q"][i % 3]) };
        let fare = (i as f64 * 0.7).sin() * 20.0 + 30.0 + (i % 2 * 40) as f64;
        writeln!(text, "{age},{fare},{},{port},{}", i * i % 17, ["no", "yes"][i % 2]).expect("room");
    }
    let odd = folder.path().join("passengers <script> & 'more'.csv");
    fs::write(&odd, text).expect("room");
    let mut text = "x\ty\n".to_owned();
    (0..120_000).for_each(|i| writeln!(text, "{i}\t{}", i % 7).expect("room"));
    let long = folder.path().join("long.tsv");
    fs::write(&long, text).expect("room");
    let images = folder.path().join("shapes");
    for (class, shift) in [("dark", 0), ("light", 120), ("<b>odd</b>".trim_end_matches("/b>"), 60)] {
        let class = images.join(class);
        fs::create_dir_all(&class).expect("room");
        for i in 0..12 {
            let pixel = |at: usize| ((at % 48) * (i + 1) / 3 + shift + (at / 48) % 30) as u8;
            let image = Tensor::<shape![Dyn, Dyn, Dyn], u8>::from_fn_sized(&[3, 40, 48], pixel).expect("room");
            write_png(class.join(format!("{i}.png")), &image).expect("room");
        }
    }
    fs::write(images.join("dark").join("broken.png"), b"no picture").expect("room");
    let torn = folder.path().join("torn.csv");
    fs::write(&torn, "a,b\n1,2\n3\n").expect("room");
    (folder, vec![odd, long, images, torn])
}

fn serve(data: Vec<PathBuf>) -> Running {
    Running::at(IpAddr::V4(Ipv4Addr::LOCALHOST), data)
}

/// The answer to a question about a set.
fn ask(server: &Running, path: &str, set: &str, more: &str) -> Value {
    let (is_well, answer) = server.json(&format!("/api/data/{path}?set={}{more}", coded(set)));
    assert!(is_well, "{path}: {answer}");
    answer
}

fn error(server: &Running, path: &str) -> String {
    let (is_well, answer) = server.json(path);
    assert!(!is_well, "{path}: {answer}");
    answer["error"].as_str().expect("a sentence").to_owned()
}

#[test]
fn sets_are_described() {
    let (_folder, data) = sets();
    let server = serve(data);
    let (_, list) = server.json("/api/data");
    let names: Vec<&str> =
        list["sets"].as_array().expect("sets").iter().filter_map(|set| set["name"].as_str()).collect();
    let odd = "passengers <script> & 'more'.csv";
    assert_eq!(names[..4], [odd, "long.tsv", "shapes", "torn.csv"]);
    assert_eq!(names[4..], ["iris", "wine", "breast cancer", "digits", "diabetes"]);

    let found = ask(&server, "describe", odd, "");
    assert_eq!(
        (&found["rows"], &found["class"], &found["columns"][0]["missing"]),
        (&json!(300), &json!("survived"), &json!(60))
    );
    assert_eq!(found["columns"][2]["name"], "<img src=x onerror=alert(1)>");
    assert_eq!(found["classes"], json!([{ "name": "no", "count": 150 }, { "name": "yes", "count": 150 }]));
    let by_port = ask(&server, "describe", odd, "&class=port");
    assert_eq!((&by_port["unclassed"], &by_port["classes"][0]["name"]), (&json!(60), &json!("</td><b>Q")));
    let found = ask(&server, "distributions", odd, "&class=survived");
    assert_eq!((&found["total"], found["boxes"].as_array().map(Vec::len)), (&json!(5), Some(3)));
    let past = ask(&server, "distributions", odd, "&from=99");
    assert_eq!((&past["columns"], &past["total"]), (&json!([]), &json!(5)));

    // More rows than are looked at: a sample, which is said.
    let long = ask(&server, "describe", "long.tsv", "");
    assert_eq!((&long["rows"], &long["total"]), (&json!(100_000), &json!(120_000)));
    assert_eq!(long["notes"][0], "All figures are of 100000 of 120000 rows, drawn at random.");
    let points = ask(&server, "scatter", "long.tsv", "&column=x&column=y");
    assert_eq!(points["points"].as_array().map(Vec::len), Some(1000));

    // Pictures.
    let shapes = ask(&server, "describe", "shapes", "");
    assert_eq!((&shapes["rows"], &shapes["total"], &shapes["has_pictures"]), (&json!(36), &json!(37), &json!(true)));
    let notes = shapes["notes"].to_string();
    assert!(
        notes.contains("1 cannot be read") && notes.contains("broken.png") && !notes.contains("at random"),
        "{notes}"
    );
    let images = ask(&server, "images", "shapes", "&group=1&count=5&from=10");
    assert_eq!(
        (images["items"].as_array().map(Vec::len), &images["total"], &images["items"][0]["class"]),
        (Some(2), &json!(12), &json!("dark"))
    );
    let means = ask(&server, "means", "shapes", "");
    assert_eq!((means["items"].as_array().map(Vec::len), &means["items"][0]["count"]), (Some(3), &json!(12)));

    // A file that is no table says where, and one that is mended is read again.
    let sentence = error(&server, "/api/data/describe?set=torn.csv");
    assert!(sentence.ends_with("torn.csv: line 3: 1 cells, but the first record has 2"), "{sentence}");
    let torn = list["sets"][3]["path"].as_str().expect("a path");
    fs::write(torn, "a,b\n1,2\n3,4\n").expect("room");
    assert_eq!(ask(&server, "describe", "torn.csv", "")["rows"], 2);
    fs::write(torn, "a,b\n1,2\n3,4\n5,6\n").expect("room");
    assert_eq!(ask(&server, "describe", "torn.csv", "")["rows"], 3);
}

#[test]
fn strange_questions() {
    let server = serve(Vec::new());
    for (path, want) in [
        ("/api/data/describe", "the address lacks `set`"),
        ("/api/data/describe?set=..%2F..%2Fetc%2Fpasswd", "there is no data set `../../etc/passwd`"),
        ("/api/data/describe?set=iris&class=%3Cscript%3E", "there is no column `<script>`"),
        ("/api/data/correlations?set=iris&how=kendall", "`how` is `pearson` or `spearman`"),
        ("/api/data/scatter?set=iris&column=class", "there is no column of numbers `class`"),
        ("/api/data/images?set=iris", "this data set has no images"),
        ("/api/data/images?set=digits&row=99999", "there is no row 99999"),
        ("/api/data/images?set=digits&group=300", "`group` is no such number"),
        ("/api/data/distributions?set=iris&from=-1", "`from` is no such number"),
        ("/api/data/projection?set=iris&how=umap", "`how` is `pca` or `tsne`"),
    ] {
        assert_eq!(error(&server, path), want, "{path}");
    }
    let columns = "&column=age".repeat(7);
    assert!(error(&server, &format!("/api/data/scatter?set=diabetes{columns}")).contains("6 are the most"));
    assert_eq!(ask(&server, "images", "digits", "&from=99999999999")["items"], json!([]));
}

/// The projection once it is computed.
fn projected(server: &Running, query: &str) -> Value {
    let start = Instant::now();
    loop {
        let (is_well, answer) = server.json(&format!("/api/data/projection?{query}"));
        assert!(is_well, "{answer}");
        if answer["done"] == 1.0 {
            return answer;
        }
        assert!(start.elapsed() < LONG, "it takes too long");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn projections_are_computed_aside() {
    let server = serve(Vec::new());
    let pca = projected(&server, "set=iris&how=pca");
    assert_eq!((pca["points"]["places"].as_array().map(Vec::len), &pca["classes"][0]), (Some(150), &json!("setosa")));
    // scikit-learn's explained_variance_ratio_ of the scaled set.
    assert!((pca["points"]["shares"][0].as_f64().expect("a share") - 0.729624).abs() < 1e-6);
    let tsne = projected(&server, "set=iris&how=tsne");
    assert_eq!((&tsne["points"]["shares"], &tsne["of"][149]), (&json!([]), &json!(2)));
    // Other colours are no other points, but a column of numbers that is the colour is not seen.
    assert_eq!(projected(&server, "set=iris&how=tsne&class=")["points"], tsne["points"]);
    let unseen = projected(&server, "set=iris&how=pca&class=petal%20length%20%28cm%29");
    assert!(
        unseen["points"]["notes"][0].as_str().is_some_and(|note| note.starts_with("Of 3 columns")),
        "{}",
        unseen["points"]["notes"]
    );
}

fn shot(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("board-data-{name}.png"))
}

async fn picture(browser: &mut Browser, tab: &Tab, name: &str) {
    tokio::time::sleep(Duration::from_millis(400)).await;
    browser.screenshot(tab, &shot(name)).await;
}

/// Presses a button once it is there.
async fn press(browser: &mut Browser, tab: &Tab, text: &str) {
    let button =
        format!("[...document.querySelectorAll('#main button')].find((button) => button.textContent === {text:?})");
    browser.until(tab, &format!("{button} !== undefined")).await;
    browser.value(tab, &format!("({button}.click(), true)")).await;
}

/// Chooses in a box of choices.
fn choose(label: &str, value: &str) -> String {
    format!(
        "{{ const box = document.querySelector('select[aria-label={label:?}]'); box.value = {value:?}; box.dispatchEvent(new Event('change')); true }}"
    )
}

const PLOTS: &str = "document.querySelectorAll('#main figure.plot').length";

#[tokio::test]
async fn the_page_of_data() {
    let Some(chromium) = find() else { return };
    let (_folder, data) = sets();
    let server = serve(data);
    let mut browser = Browser::start(&chromium, None).await;
    let tab = browser.open("about:blank", "").await;
    browser.listen(&tab).await;
    browser.resize(&tab, 1280, 900).await;
    let url = format!("http://{}/", server.address);
    browser.call(Some(&tab), "Page.navigate", json!({ "url": format!("{url}#data") })).await;

    // Names are text: nothing of them becomes an element.
    browser.until(&tab, "document.querySelectorAll('#main .wide tbody tr').length === 5").await;
    assert_eq!(browser.value(&tab, "document.querySelector('#main img, #main script, #main b')").await, Value::Null);
    assert_eq!(browser.value(&tab, "document.querySelectorAll('#main .wide td')[0].title").await, "age");
    browser.value(&tab, &choose("Colour by", "port")).await;
    browser.until(&tab, "document.querySelector('figure.plot .title')?.textContent === 'Rows by port'").await;
    picture(&mut browser, &tab, "passengers").await;
    // A set that cannot be read says so; the others are there all the same.
    browser.value(&tab, &choose("Data", "torn.csv")).await;
    browser.until(&tab, "document.querySelector('#main .problem')?.textContent.includes('line 3') === true").await;

    for theme in ["light", "dark"] {
        browser.value(&tab, &format!("(document.documentElement.dataset.theme = {theme:?}, true)")).await;
        browser.value(&tab, &choose("Data", "iris")).await;
        press(&mut browser, &tab, "Overview").await;
        browser.until(&tab, "document.querySelectorAll('#main .wide meter').length === 4").await;
        picture(&mut browser, &tab, &format!("overview-{theme}")).await;
        press(&mut browser, &tab, "Distributions").await;
        browser.until(&tab, &format!("{PLOTS} === 5")).await;
        picture(&mut browser, &tab, &format!("histograms-{theme}")).await;
        press(&mut browser, &tab, "Box plots").await;
        browser
            .until(&tab, &format!("{PLOTS} === 4 && document.querySelectorAll('.drawing .median').length === 12"))
            .await;
        picture(&mut browser, &tab, &format!("boxes-{theme}")).await;
        press(&mut browser, &tab, "Histograms").await;
        press(&mut browser, &tab, "Relations").await;
        browser
            .until(&tab, &format!("{PLOTS} === 2 && document.querySelectorAll('.drawing .points').length === 36"))
            .await;
        picture(&mut browser, &tab, &format!("relations-{theme}")).await;
        browser.value(&tab, "(document.querySelectorAll('#main figure.plot')[1].scrollIntoView(), true)").await;
        picture(&mut browser, &tab, &format!("matrix-{theme}")).await;
        browser.value(&tab, &choose("Data", "wine")).await;
        press(&mut browser, &tab, "Projection").await;
        browser.until(&tab, "document.querySelector('#main figure.plot')?.options.places?.length === 178").await;
        picture(&mut browser, &tab, &format!("pca-{theme}")).await;
        press(&mut browser, &tab, "t-SNE").await;
        browser.until(&tab, "document.querySelector('#main figure.plot')?.options.places?.length === 178 && document.querySelector('progress').hidden").await;
        picture(&mut browser, &tab, &format!("tsne-{theme}")).await;
        press(&mut browser, &tab, "PCA").await;
        browser.value(&tab, &choose("Data", "digits")).await;
        press(&mut browser, &tab, "Images").await;
        browser.until(&tab, "document.querySelectorAll('#main .drawing image').length === 130").await;
        picture(&mut browser, &tab, &format!("images-{theme}")).await;
    }
    turn(&mut browser, &tab).await;
    saved(&mut browser, &tab).await;

    // Pictures from files, by class.
    browser.value(&tab, &choose("Data", "shapes")).await;
    press(&mut browser, &tab, "Images").await;
    browser.until(&tab, "document.querySelectorAll('#main .drawing image').length === 39").await;
    picture(&mut browser, &tab, "folder").await;

    // A small screen.
    browser.resize(&tab, 400, 800).await;
    for view in ["Overview", "Distributions", "Relations", "Projection", "Images"] {
        press(&mut browser, &tab, view).await;
        browser.until(&tab, &format!("{PLOTS} >= 1")).await;
        picture(&mut browser, &tab, &format!("small-{}", view.to_lowercase())).await;
        let wide = browser.value(&tab, "document.documentElement.scrollWidth").await;
        assert!(wide.as_u64().is_some_and(|wide| wide <= 400), "{view} is wider than the screen: {wide}");
    }
    let problems: Vec<String> = browser.problems().into_iter().filter(|problem| !problem.contains("500")).collect();
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(browser.foreign(&url), Vec::<String>::new());
}

/// The cloud is turned by mouse and by key, and a point that is pressed shows its image.
async fn turn(browser: &mut Browser, tab: &Tab) {
    press(browser, tab, "Projection").await;
    browser.until(tab, "document.querySelector('#main figure.plot')?.options.places?.length === 1797").await;
    let look = "JSON.stringify(document.querySelector('#main figure.plot').options.look)";
    let before = browser.value(tab, look).await;
    let place = browser.value(tab, "(() => { const { left, top, width, height } = document.querySelector('.turns').getBoundingClientRect(); return [left + width / 2, top + height / 2]; })()").await;
    let [x, y] = [0, 1].map(|at| place[at].as_f64().expect("a place"));
    browser.mouse(tab, "mousePressed", x, y).await;
    browser.mouse(tab, "mouseMoved", x + 60.0, y + 20.0).await;
    browser.mouse(tab, "mouseMoved", x + 120.0, y + 20.0).await;
    browser.mouse(tab, "mouseReleased", x + 120.0, y + 20.0).await;
    let turned = browser.value(tab, look).await;
    assert_ne!(turned, before);
    browser.value(tab, "document.querySelector('.turns').focus()").await;
    browser.press(tab, "ArrowLeft").await;
    browser.until(tab, &format!("{look} !== {turned}")).await;
    browser.press(tab, "0").await;
    browser.until(tab, &format!("{look} === {before}")).await;
    picture(browser, tab, "digits-pca").await;
    // Whatever lies in the middle.
    browser.mouse(tab, "mouseMoved", x, y).await;
    browser
        .until(tab, "document.querySelector('#main .tip:not([hidden])')?.textContent.includes('row') === true")
        .await;
    browser.mouse(tab, "mousePressed", x, y).await;
    browser.mouse(tab, "mouseReleased", x, y).await;
    browser.until(tab, "document.querySelector('#main img.logged') !== null").await;
    picture(browser, tab, "digits-pressed").await;
}

/// Plots are saved in each way: three of them, as Chromium asks before it saves the eleventh file.
async fn saved(browser: &mut Browser, tab: &Tab) {
    let folder = browser.downloads().await;
    browser.value(tab, &choose("Data", "iris")).await;
    for (view, title, name) in [
        ("Projection", "Principal components", "Principal_components"),
        ("Relations", "Columns against each other", "Columns_against_each_other"),
        ("Distributions", "sepal length (cm)", "sepal_length_cm_"),
    ] {
        press(browser, tab, view).await;
        let figure = format!(
            "[...document.querySelectorAll('#main figure.plot')].find((plot) => plot.options.title === {title:?})"
        );
        browser.until(tab, &format!("{figure}?.querySelectorAll('.drawing path, .drawing rect').length > 2")).await;
        for (kind, begins) in [("svg", &b"<svg"[..]), ("png", b"\x89PNG"), ("csv", b"")] {
            browser.value(tab, &format!("({figure}.querySelector('button[data-kind={kind}]').click(), true)")).await;
            let path = folder.join(format!("{name}.{kind}"));
            let start = Instant::now();
            while !path.is_file() {
                assert!(start.elapsed() < LONG, "{} is not saved", path.display());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let bytes = fs::read(&path).expect("a file");
            assert!(bytes.starts_with(begins), "{view}: {kind}");
            fs::write(shot(&format!("saved-{name}.{kind}")).with_extension(""), &bytes).expect("room");
            if kind == "csv" {
                let lines = String::from_utf8(bytes).expect("text").lines().count();
                assert!(lines > 20, "{view}: {lines} lines");
            }
        }
    }
}
