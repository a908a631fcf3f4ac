//! The pages of the network and of predictions, of trainings with and without a mistake.

use super::{picture, press};
use crate::common::Running;
use crate::common::trainings::{Mistake, Plan, gradients, train};
use fusion::log::Run;
use fusion::prelude::*;
use fusion_web::devtools::{Browser, Tab, find};
use serde_json::Value;

model! {
    Block<C: Dim>: [C, H, W] -> [C, H, W] {
        _ + { conv1: Conv2d<_, C, 3, padding = 1>, bn1: BatchNorm2d<_>, Relu, conv2: Conv2d<_, C, 3, padding = 1> },
        Relu,
    }
}
model! {
    Branches: [3, 8, 8] -> [10] {
        stem: Conv2d<_, 4, 3, padding = 1, bias = false>, Relu,
        first: Block<4>,
        wide: { _ | { side: Conv2d<_, 2, 1> } | MaxPool2d<3, stride = 1, padding = 1> },
        squeeze: Conv2d<_, 6, 1>,
        more: 3 * Block<6>,
        Flatten,
        Dropout<0.5>,
        fc: Linear<_, 10>,
    }
}

fn plan(mistake: Mistake, steps: u64) -> Plan {
    Plan { mistake, seed: 1, steps, every: 8, full: true }
}

/// A loss of two weights, with its values and gradients.
fn small_loss(run: &mut Run) {
    let net = Linear::<dim!(2), dim!(1)>::init(&mut StdRng::seed_from_u64(0));
    let x = Tensor::<shape![2, 2]>::from([[1.0, -2.0], [0.5, 3.0]]).trace_with(Trace::training().keep_values());
    let loss = net.forward(x).tanh().mse_loss(&Tensor::from([[1.0], [0.0]]));
    run.graph(0, "two samples", &loss.dot().names_of(&net).gradients()).expect("a graph");
}

async fn open(browser: &mut Browser, server: &Running, page: &str, run: &str) -> Tab {
    let run = crate::common::coded(run);
    let tab = browser.open(&format!("http://{}/#{page}?run={run}", server.address), "").await;
    browser.listen(&tab).await;
    browser.resize(&tab, 1280, 1100).await;
    tab
}

async fn themes(browser: &mut Browser, tab: &Tab, name: &str) {
    for theme in ["light", "dark"] {
        browser.value(tab, &press("#theme")).await;
        picture(browser, tab, &format!("{name}-{theme}")).await;
    }
    browser.resize(tab, 400, 900).await;
    picture(browser, tab, &format!("{name}-small")).await;
    let fits = browser.value(tab, "document.documentElement.scrollWidth <= innerWidth").await;
    assert_eq!(fits, true, "{name} is wider than the screen");
    browser.resize(tab, 1280, 1100).await;
    browser.value(tab, &press("#theme")).await;
}

#[tokio::test]
async fn networks() {
    let Some(chromium) = find() else { return };
    let server = Running::new();
    let mut run = server.run("good");
    train(&mut run, plan(Mistake::Nothing, 80)).expect("a training");
    small_loss(&mut run);
    for (name, mistake) in
        [("rate", Mistake::Rate), ("unscaled", Mistake::Unscaled), ("dead", Mistake::Dead), ("cut", Mistake::Cut)]
    {
        train(&mut server.run(name), plan(mistake, 48)).expect("a training");
    }
    let mut browser = Browser::start(&chromium, None).await;
    let tab = open(&mut browser, &server, "network", "good").await;
    browser.until(&tab, "document.querySelector('.fine')?.textContent.includes('Nothing is wrong') === true").await;
    assert_eq!(browser.value(&tab, "document.querySelectorAll('.finding').length").await, 0);
    assert_eq!(browser.value(&tab, "document.querySelectorAll('.net [role=button]').length").await, 5);
    browser
        .until(&tab, "document.querySelector('.detail figure.plot .pixels, .detail figure.plot rect') !== null")
        .await;
    browser.until(&tab, "document.querySelectorAll('.computation .layer').length > 5").await;
    assert_ne!(browser.value(&tab, "document.querySelector('.computation .gradient').textContent").await, "");
    themes(&mut browser, &tab, "network").await;
    browser.value(&tab, "document.querySelector('.computation').scrollIntoView()").await;
    picture(&mut browser, &tab, "network-graph").await;

    // By keys from layer to layer.
    let title = "document.querySelector('.detail h2').textContent";
    browser.value(&tab, "document.querySelector('.net [tabindex=\"0\"]').focus()").await;
    browser.press(&tab, "Home").await;
    browser.until(&tab, &format!("{title} === 'fc1'")).await;
    browser.press(&tab, "ArrowDown").await;
    browser.press(&tab, "ArrowDown").await;
    browser.until(&tab, &format!("{title} === 'fc2'")).await;
    browser.until(&tab, "document.querySelector('.detail .title + .aside + .menu') && [...document.querySelectorAll('.detail .title')].some((node) => node.textContent === 'fc2.weight')").await;
    // Each figure colours some layer, and another step other colours.
    let texts = "[...document.querySelectorAll('.net .figure')].map((node) => node.textContent).join()";
    for (figure, shows) in [("gradient", true), ("saturated", false), ("dead", true), ("update", true)] {
        let choose = format!(
            "{{ const box = document.querySelector('select[aria-label=Colour]'); box.value = '{figure}'; box.dispatchEvent(new Event('change')); }}"
        );
        browser.value(&tab, &choose).await;
        let text = browser.value(&tab, texts).await;
        assert_eq!(text.as_str().expect("text").chars().any(|c| c.is_ascii_digit()), shows, "{figure}: {text}");
    }
    let last = browser.value(&tab, texts).await;
    browser.value(&tab, "{ const slider = document.querySelector('input[aria-label=Step]'); slider.value = 0; slider.dispatchEvent(new Event('input')); }").await;
    assert_ne!(browser.value(&tab, texts).await, last);
    // It grows.
    let reports = "Number(document.querySelector('.fine').textContent.match(/\\d+/)[0])";
    assert_eq!(browser.value(&tab, reports).await, 10);
    drop(run);
    let mut run = Run::append(server.path("good")).expect("the run");
    run.gradients(88, &gradients(&["fc1.weight", "fc2.weight"])).expect("room");
    browser.until(&tab, &format!("{reports} === 11")).await;

    // Each mistake has its sentence, and the layer is chosen.
    for (name, cause, layer) in [
        ("rate", "learning_rate", ""),
        ("unscaled", "saturated", "fc1"),
        ("dead", "dead_units", "fc2"),
        ("cut", "frozen", "fc1"),
    ] {
        let tab = open(&mut browser, &server, "network", name).await;
        browser.until(&tab, "document.querySelector('.finding') !== null").await;
        let causes = "[...document.querySelectorAll('.finding')].map((node) => node.dataset.cause).join()";
        assert_eq!(browser.value(&tab, causes).await, cause);
        if !layer.is_empty() {
            browser.until(&tab, &format!("{title} === '{layer}' && document.querySelector('.net .troubled .name').textContent === '{layer}'")).await;
        }
        browser.value(&tab, &press("#theme")).await;
        picture(&mut browser, &tab, &format!("network-{name}")).await;
    }
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[tokio::test]
async fn predictions() {
    let Some(chromium) = find() else { return };
    let server = Running::new();
    train(&mut server.run("good"), plan(Mistake::Nothing, 80)).expect("a training");
    let mut browser = Browser::start(&chromium, None).await;
    let tab = open(&mut browser, &server, "predictions", "good").await;
    browser.until(&tab, "document.querySelectorAll('.sample img').length > 3").await;
    browser.until(&tab, "document.querySelectorAll('.stack path.line').length === 20").await;
    assert_eq!(browser.value(&tab, "document.querySelectorAll('.classes tbody tr').length").await, 10);
    assert_eq!(browser.value(&tab, "document.querySelectorAll('.tile').length").await, 6);
    themes(&mut browser, &tab, "predictions").await;
    browser.value(&tab, "document.querySelector('.samples').scrollIntoView()").await;
    picture(&mut browser, &tab, "predictions-wrong").await;
    // The same figures as the server's, and at another step others.
    let accuracy = "Number(document.querySelector('.tile strong').textContent)";
    let last = browser.value(&tab, accuracy).await.as_f64().expect("a number");
    browser.value(&tab, "{ const slider = document.querySelector('input[aria-label=Step]'); slider.value = 0; slider.dispatchEvent(new Event('input')); }").await;
    browser.until(&tab, &format!("{accuracy} < {last}")).await;
    browser.until(&tab, "document.querySelectorAll('.sample').length === 32").await;
    // A cell shows its samples, by keys; the link all again.
    browser.value(&tab, "document.querySelector('.sides .drawing').focus()").await;
    browser.press(&tab, "End").await;
    browser.press(&tab, "Enter").await;
    browser
        .until(&tab, "document.querySelector('.row h2').textContent.startsWith('9, taken for something else')")
        .await;
    browser.value(&tab, &press(".section > .row button.link")).await;
    browser.until(&tab, "document.querySelector('.row h2').textContent.startsWith('Wrong')").await;
    browser.value(&tab, "[...document.querySelectorAll('.section button')].at(-1).click()").await;
    browser.until(&tab, "document.querySelectorAll('.sample').length > 32").await;
    // A curve less.
    browser.value(&tab, &press(".classes input")).await;
    browser.until(&tab, "document.querySelectorAll('.stack path.line').length === 18").await;
    assert_eq!(browser.problems(), Vec::<String>::new());
}

/// Branches part and meet again, and no box lies on another one.
#[tokio::test]
async fn branches() {
    let Some(chromium) = find() else { return };
    let server = Running::new();
    let mut run = server.run("branches");
    let net = Branches::init(&mut StdRng::seed_from_u64(0));
    let x = Tensor::<shape![1, 3, 8, 8]>::ones().trace_with(Trace::training().keep_values());
    let loss = net.forward(x).square().mean();
    run.network(&net.sketch()).expect("room");
    run.graph(0, "all", &loss.dot().names_of(&net).gradients()).expect("a graph");
    run.gradients(0, &loss.backward().explain(&net)).expect("room");
    let mut browser = Browser::start(&chromium, None).await;
    let tab = open(&mut browser, &server, "network", "branches").await;
    browser.resize(&tab, 1280, 1800).await;
    browser.until(&tab, "document.querySelectorAll('.computation .layer').length > 40").await;
    let meetings = "[...document.querySelectorAll('.net .sign')].map((node) => node.textContent).join('')";
    assert_eq!(browser.value(&tab, meetings).await, "+‖+");
    let overlaps = "[...document.querySelectorAll('svg.net')].map((root) => {
        const boxes = [...root.querySelectorAll('.layer > rect, .layer > circle')].map((node) => node.getBoundingClientRect());
        const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        return boxes.filter((a, at) => boxes.some((b, other) => other > at && meet(a, b))).length;
    }).join()";
    assert_eq!(browser.value(&tab, overlaps).await, "0,0");
    // Both drawings are saved, as pictures and as tables.
    let folder = browser.downloads().await;
    for (figure, name) in [(".netcard", "branches_Gradient"), ("figure.section", "branches_all")] {
        for (kind, begins) in [("svg", "<svg"), ("png", "\u{fffd}PNG"), ("csv", "")] {
            browser.value(&tab, &press(&format!("{figure} > figcaption button[data-kind={kind}]"))).await;
            let (path, start) = (folder.join(format!("{name}.{kind}")), std::time::Instant::now());
            while !std::fs::metadata(&path).is_ok_and(|about| about.len() > 0) {
                assert!(start.elapsed() < crate::common::LONG, "no {}", path.display());
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            let bytes = std::fs::read(&path).expect("the file");
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.starts_with(begins), "{kind}");
            assert!(kind != "csv" || text.contains("first.conv1"), "{text}");
        }
    }
    picture(&mut browser, &tab, "network-branches").await;
    browser.value(&tab, "document.querySelector('.canvas').scrollIntoView()").await;
    picture(&mut browser, &tab, "network-computation").await;
    assert_eq!(browser.problems(), Vec::<String>::new());
}

/// Names that would be more than text are text, and what is no number or not there at all is shown as that.
#[tokio::test]
async fn strange_networks_and_predictions() {
    let Some(chromium) = find() else { return };
    let server = Running::new();
    let evil = "<img src=x onerror=\"window.evil = 1\">";
    let mut run = server.run("strange");
    for step in 0..4 {
        let mut report = gradients(&[&format!("{evil}.weight")]);
        (report.rows[0].gradient.norm, report.rows[0].gradient.nans) = (f64::NAN, 4);
        run.gradients(step, &report).expect("room");
    }
    run.histogram(1, evil, &Tensor::<shape![3]>::from([f32::NAN, f32::INFINITY, 1.0])).expect("room");
    let scores = Tensor::<shape![2, 2]>::from([[f32::NAN, 1.0], [2.0, f32::INFINITY]]);
    run.predictions(0, evil, &scores, &Tensor::from([0, 0]), &[evil, "\"'&"]).expect("room");
    let mut browser = Browser::start(&chromium, None).await;
    let tab = open(&mut browser, &server, "network", "strange").await;
    browser.until(&tab, "document.querySelector('.finding .says')?.textContent.startsWith('Gradients are NaN') === true && document.querySelector('.detail td').textContent.includes('<img')").await;
    browser.until(&tab, "document.querySelector('.detail figure.plot .drawing') !== null").await;
    picture(&mut browser, &tab, "network-strange").await;
    let page = "document.querySelector('#pages [data-id=predictions]').click()";
    browser.value(&tab, page).await;
    browser.until(&tab, "document.querySelectorAll('.tile').length === 6").await;
    browser.until(&tab, "document.querySelectorAll('.sample').length > 0").await;
    picture(&mut browser, &tab, "predictions-strange").await;
    // A run with nothing of all that says how it comes to have it.
    server.run("none").scalar(0, "loss", 1.0).expect("room");
    server.until("/api/runs", |answer| answer["runs"].as_array().is_some_and(|runs| runs.len() == 2));
    let tab2 = open(&mut browser, &server, "network", "none").await;
    browser.until(&tab2, "document.getElementById('main').textContent.includes('run.network(')").await;
    browser.value(&tab2, page).await;
    browser.until(&tab2, "document.getElementById('main').textContent.includes('run.predictions_of(')").await;
    for tab in [&tab, &tab2] {
        assert_eq!(browser.value(tab, "window.evil ?? null").await, Value::Null);
        assert_eq!(browser.value(tab, "document.querySelector('img[onerror]')").await, Value::Null);
    }
    assert_eq!(browser.problems(), Vec::<String>::new());
}
