//! The page in Chromium, with a camera that shows the clip. Skipped where there is no Chromium, unless `FUSION_BROWSER` is set.
//! The screenshot is written to `target/tmp/webcam.png`.

mod common;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use common::{Running, boxes, frames};
use fusion::vision::BBox;
use fusion_web::devtools::{Browser, Tab, find};
use fusion_webcam::picture;
use fusion_webcam::server::Limits;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Keeps each frame that the page sends, with its answer.
const RECORD: &str = r"{
    window.seen = [];
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (frame) {
        const pair = { frame, answer: null };
        window.seen.push(pair);
        this.addEventListener('message', (event) => { pair.answer = JSON.parse(event.data); }, { once: true });
        return send.call(this, frame);
    };
}";
const START: &str = "document.getElementById('button').click()";
const STATUS: &str = "document.getElementById('status').textContent";

fn says(part: &str) -> String {
    format!("{STATUS}.includes({part:?})")
}

fn answers(least: usize) -> String {
    format!("window.seen.filter((pair) => pair.answer?.faces).length >= {least}")
}

/// The clip forwards and backwards, so that the face never jumps, as Chromium wants it: one JPEG image after another.
fn camera(folder: &Path) -> PathBuf {
    let frames = frames();
    let there_and_back = frames.iter().chain(frames.iter().rev().skip(1).take(frames.len() - 2));
    let path = folder.join("camera.mjpeg");
    std::fs::write(&path, there_and_back.flatten().copied().collect::<Vec<u8>>()).expect("room");
    path
}

/// Some pixels of a picture, by which frames are told apart.
fn print_of(jpeg: &[u8]) -> Vec<i64> {
    let picture = picture(jpeg).expect("a picture");
    assert_eq!(picture.shape(), [3, 234, 416], "the camera's own size");
    picture.to_vec().iter().step_by(97).map(|&byte| i64::from(byte)).collect()
}

/// The frames that the page sent and the faces that it was told.
async fn pairs(browser: &mut Browser, tab: &Tab) -> Vec<(Vec<u8>, Value)> {
    let all = "Promise.all(window.seen.filter((pair) => pair.answer?.faces).map(async ({ frame, answer }) => {
        const bytes = new Uint8Array(await frame.arrayBuffer());
        return [btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')), answer];
    }))";
    let Value::Array(pairs) = browser.value(tab, all).await else { panic!("no list") };
    let pair = |mut pair: Value| {
        let frame = BASE64_STANDARD.decode(pair[0].as_str().expect("text")).expect("base 64");
        (frame, pair[1].take())
    };
    pairs.into_iter().map(pair).collect()
}

fn face(answer: &Value) -> Option<BBox> {
    let faces = answer["faces"].as_array().expect("faces");
    let edge = |n: usize| faces[0]["box"][n].as_f64().expect("a number") as f32;
    (faces.len() == 1).then(|| BBox::new(edge(0), edge(1), edge(2), edge(3)))
}

#[tokio::test]
async fn the_page() {
    let Some(chromium) = find() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::at(0, Limits::default());
    let (url, port) = (format!("http://{}/", server.address), server.address.port());
    let mut browser = Browser::start(&chromium, Some(&camera(folder.path()))).await;

    // The camera is refused.
    browser.allow_camera(false).await;
    let tab = browser.open(&url, RECORD).await;
    browser.value(&tab, START).await;
    browser.until(&tab, &says("The camera was refused. Allow it")).await;
    // It is allowed: a box on the face.
    browser.allow_camera(true).await;
    browser.value(&tab, START).await;
    browser.until(&tab, &answers(100)).await;
    browser.until(&tab, &says("The camera is on.")).await;
    let shot = Path::new(env!("CARGO_TARGET_TMPDIR")).join("webcam.png");
    browser.screenshot(&tab, &shot).await;
    check(&pairs(&mut browser, &tab).await[..100], 0.95, 20);
    drawn(&mut browser, &tab).await;

    // It is loaded again, and a second tab is opened: each has the face.
    browser.call(Some(&tab), "Page.reload", serde_json::json!({})).await;
    browser.until(&tab, &format!("document.readyState === 'complete' && {}", says("Press start"))).await;
    browser.value(&tab, START).await;
    browser.until(&tab, &answers(5)).await;
    let second = browser.open(&url, RECORD).await;
    browser.value(&second, START).await;
    for tab in [&tab, &second] {
        browser.value(tab, "window.seen.length = 0").await;
        browser.until(tab, &answers(20)).await;
        check(&pairs(&mut browser, tab).await, 0.9, 5);
    }

    // The server ends and begins again: the page says so, and goes on by itself.
    drop(server);
    for tab in [&tab, &second] {
        browser.until(tab, &says("The server is gone.")).await;
    }
    let _server = Running::at(port, Limits::default());
    for tab in [&tab, &second] {
        browser.until(tab, &says("The camera is on.")).await;
        browser.value(tab, "window.seen.length = 0").await;
        browser.until(tab, &answers(5)).await;
    }

    // Stopped by hand, it sends no more.
    browser.value(&tab, START).await;
    browser.until(&tab, &says("The camera is off.")).await;
    let sent = browser.value(&tab, "window.seen.length").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(browser.value(&tab, "window.seen.length").await, sent);
}

/// In at least this share of the frames the box is on the face, and so many of them are different ones. Which frame of the clip one
/// is, its pixels say.
fn check(pairs: &[(Vec<u8>, Value)], least: f64, different: usize) {
    let clip: Vec<Vec<i64>> = frames().iter().map(|frame| print_of(frame)).collect();
    let (known, mut shown, mut found, mut ids) = (boxes(), Vec::new(), 0, std::collections::BTreeSet::new());
    for (frame, answer) in pairs {
        let print = print_of(frame);
        let far = |of: &[i64]| of.iter().zip(&print).map(|(a, b)| (a - b).abs()).sum::<i64>();
        let at = (0..clip.len()).min_by_key(|&at| far(&clip[at])).expect("frames");
        assert!(far(&clip[at]) < 12 * print.len() as i64, "a frame that is none of the clip's");
        shown.push(at);
        let on = face(answer).is_some_and(|face| face.iou(&known[at]) >= 0.5);
        if !on {
            println!("frame {at}: {answer}");
        }
        found += usize::from(on);
        ids.insert(answer["faces"][0]["id"].to_string());
    }
    println!("the face is found in {found} of {} frames, with the numbers {ids:?}; frames {shown:?}", pairs.len());
    shown.sort_unstable();
    shown.dedup();
    assert!(shown.len() >= different, "the camera shows {} different frames", shown.len());
    assert!(found as f64 >= least * pairs.len() as f64, "{found} of {}", pairs.len());
}

/// The box of the last answer is drawn: its left edge is of one bright colour.
async fn drawn(browser: &mut Browser, tab: &Tab) {
    let edge = "(() => {
        const { answer } = window.seen.findLast((pair) => pair.answer?.faces.length);
        const [x1, y1, x2, y2] = answer.faces[0].box;
        const context = document.getElementById('view').getContext('2d');
        const pixels = context.getImageData(Math.round(x1), Math.round(y1 + 5), 1, Math.round(y2 - y1 - 10)).data;
        let bright = 0;
        for (let at = 0; at < pixels.length; at += 4) {
            const colour = [0, 1, 2].map((plane) => pixels[at + plane]);
            bright += Math.max(...colour) - Math.min(...colour) > 60;
        }
        return bright / (pixels.length / 4);
    })()";
    let share = browser.value(tab, edge).await.as_f64().expect("a share");
    assert!(share > 0.9, "{share} of the edge");
}

#[tokio::test]
async fn no_camera() {
    let Some(chromium) = find() else { return };
    let server = Running::at(0, Limits::default());
    let mut browser = Browser::start(&chromium, None).await;
    browser.allow_camera(true).await;
    let tab = browser.open(&format!("http://{}/", server.address), RECORD).await;
    browser.value(&tab, START).await;
    browser.until(&tab, &says("There is no camera. Connect one")).await;
}
