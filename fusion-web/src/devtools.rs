//! Chromium without a window, by its DevTools protocol.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long anything may take.
const LONG: Duration = Duration::from_secs(90);

/// A browser, which ends when it is dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u64,
    /// What happened in its tabs: methods with their parameters.
    events: Vec<(String, Value)>,
    profile: TempDir,
}

/// A tab of a browser.
#[derive(Clone, Debug)]
pub struct Tab(String);

/// The first Chromium on the path; `FUSION_CHROMIUM` names another one. Where there is none a test is skipped, which is printed.
///
/// # Panics
/// If there is none and `FUSION_BROWSER` is set.
pub fn find() -> Option<PathBuf> {
    let found = look();
    if found.is_none() {
        assert!(std::env::var_os("FUSION_BROWSER").is_none(), "there is no Chromium: apt-get install chromium");
        println!("skipped: there is no Chromium");
    }
    found
}

fn look() -> Option<PathBuf> {
    let named = std::env::var_os("FUSION_CHROMIUM").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    named.or_else(|| {
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|at| at.is_file())
    })
}

impl Browser {
    /// Starts it, with a camera that shows these JPEG images for ever, or with none.
    pub async fn start(chromium: &Path, camera: Option<&Path>) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(chromium);
        command.args([
            "--headless=new",
            "--remote-debugging-port=0",
            "--no-first-run",
            "--disable-gpu",
            "--mute-audio",
        ]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]);
        command.args(["--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"]);
        // Chromium's sandbox is not for root, as which containers run tests.
        command.args(["--no-sandbox", "--window-size=1000,900", "about:blank"]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if let Some(camera) = camera {
            command.arg("--use-fake-device-for-media-stream");
            command.arg(format!("--use-file-for-fake-video-capture={}", camera.display()));
        }
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("Chromium starts");
        let mut errors = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(errors.read_line(&mut line).expect("text") > 0, "Chromium ends: {said}");
            if let Some(address) = line.trim().strip_prefix("DevTools listening on ") {
                break address.to_owned();
            }
            said += &line;
        };
        // What else it says is read, as a full pipe would stop it.
        std::thread::spawn(move || errors.read_to_end(&mut Vec::new()));
        let (socket, _) = connect_async(address).await.expect("DevTools");
        Self { child, socket, calls: 0, events: Vec::new(), profile }
    }

    /// Calls a method, of a tab or of the browser.
    pub async fn call(&mut self, tab: Option<&Tab>, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(Tab(session)) = tab {
            call["sessionId"] = session.as_str().into();
        }
        self.socket.send(Message::text(call.to_string())).await.expect("DevTools");
        let answer = async {
            loop {
                let message = self.socket.next().await.expect("DevTools").expect("DevTools");
                let Message::Text(text) = message else { continue };
                let mut answer: Value = serde_json::from_str(&text).expect("JSON");
                if answer["id"] == self.calls {
                    assert!(answer["error"].is_null(), "{method}: {answer}");
                    break answer["result"].take();
                }
                if let Some(method) = answer["method"].as_str().map(str::to_owned) {
                    self.events.push((method, answer["params"].take()));
                }
            }
        };
        tokio::time::timeout(LONG, answer).await.unwrap_or_else(|_| panic!("{method} takes too long"))
    }

    /// May pages use the camera?
    pub async fn allow_camera(&mut self, may: bool) {
        let setting = if may { "granted" } else { "denied" };
        self.call(None, "Browser.setPermission", json!({ "permission": { "name": "camera" }, "setting": setting }))
            .await;
    }

    /// Opens a page in a tab, in which `script` runs first; in a window of its own, as pages behind others get few frames.
    pub async fn open(&mut self, url: &str, script: &str) -> Tab {
        let blank = json!({ "url": "about:blank", "newWindow": true });
        let target = self.call(None, "Target.createTarget", blank).await;
        let params = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call(None, "Target.attachToTarget", params).await;
        let tab = Tab(session["sessionId"].as_str().expect("a session").to_owned());
        self.call(Some(&tab), "Page.enable", json!({})).await;
        self.call(Some(&tab), "Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
        self.call(Some(&tab), "Page.navigate", json!({ "url": url })).await;
        self.until(&tab, "document.readyState === 'complete'").await;
        tab
    }

    /// Listens to what goes wrong in a tab, and to what it asks for, from now on.
    pub async fn listen(&mut self, tab: &Tab) {
        for domain in ["Runtime", "Log", "Network"] {
            self.call(Some(tab), &format!("{domain}.enable"), json!({})).await;
        }
    }

    /// What went wrong in the tabs that are listened to: errors and warnings of the console, and exceptions.
    pub fn problems(&self) -> Vec<String> {
        let is_bad = |level: &Value| ["error", "warning"].iter().any(|bad| level == bad);
        let problem = |(method, about): &(String, Value)| match method.as_str() {
            "Runtime.exceptionThrown" => Some(about["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" if is_bad(&about["type"]) => Some(about["args"].to_string()),
            "Log.entryAdded" if is_bad(&about["entry"]["level"]) => Some(about["entry"].to_string()),
            _ => None,
        };
        self.events.iter().filter_map(problem).collect()
    }

    /// The addresses that the tabs that are listened to have asked for.
    pub fn addresses(&self) -> Vec<String> {
        let asked = self.events.iter().filter(|(method, _)| method == "Network.requestWillBeSent");
        asked.filter_map(|(_, about)| Some(about["request"]["url"].as_str()?.to_owned())).collect()
    }

    /// Those of them that are not of the page at this address.
    pub fn foreign(&self, page: &str) -> Vec<String> {
        let is_own = |address: &String| [page, "data:", "blob:"].iter().any(|own| address.starts_with(own));
        self.addresses().into_iter().filter(|address| !is_own(address)).collect()
    }

    /// Files that a tab saves lie in the folder that this gives.
    pub async fn downloads(&mut self) -> PathBuf {
        let folder = self.profile.path().join("downloads");
        let behaviour = json!({ "behavior": "allow", "downloadPath": folder, "eventsEnabled": false });
        self.call(None, "Browser.setDownloadBehavior", behaviour).await;
        folder
    }

    /// Presses a button that saves a file, and gives its bytes when it is whole. Chromium drops what a page saves beyond ten files in a
    /// second, without a word, so the button is pressed again after a while.
    pub async fn save(&mut self, tab: &Tab, button: &str, path: &Path) -> Vec<u8> {
        let start = Instant::now();
        loop {
            let pressed = Instant::now();
            self.value(tab, &format!("({button}.click(), true)")).await;
            while pressed.elapsed() < Duration::from_secs(10) {
                // An empty file may hold the name until the whole one takes its place.
                match std::fs::read(path) {
                    Ok(bytes) if !bytes.is_empty() || pressed.elapsed() > Duration::from_secs(2) => return bytes,
                    _ => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
            assert!(start.elapsed() < LONG, "no {}: {:?}", path.display(), self.problems());
        }
    }

    /// Gives a tab a screen of so many pixels.
    pub async fn resize(&mut self, tab: &Tab, width: u32, height: u32) {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call(Some(tab), "Emulation.setDeviceMetricsOverride", screen).await;
    }

    /// Moves the mouse to a place, and presses, releases, or only moves it: `mousePressed`, `mouseReleased`, `mouseMoved`.
    pub async fn mouse(&mut self, tab: &Tab, kind: &str, x: f64, y: f64) {
        let buttons = i32::from(kind != "mouseReleased");
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1 });
        self.call(Some(tab), "Input.dispatchMouseEvent", event).await;
    }

    /// Where fingers are on the screen, from moment to moment and 50 ms apart; after the last they are lifted.
    pub async fn touch(&mut self, tab: &Tab, moments: &[Vec<[f64; 2]>]) {
        // Events come as late as the machine is busy, but two taps are two at once by the times that they bear.
        let mut time = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs_f64();
        let mut there = false;
        for fingers in moments.iter().chain([&Vec::new()]) {
            let kind = match (there, fingers.is_empty()) {
                (_, true) => "touchEnd",
                (true, _) => "touchMove",
                (false, _) => "touchStart",
            };
            let points: Vec<Value> =
                fingers.iter().zip(0..).map(|([x, y], finger)| json!({ "x": x, "y": y, "id": finger })).collect();
            let event = json!({ "type": kind, "touchPoints": points, "timestamp": time });
            self.call(Some(tab), "Input.dispatchTouchEvent", event).await;
            (there, time) = (!fingers.is_empty(), time + 0.05);
        }
    }

    /// Presses a key and releases it.
    pub async fn press(&mut self, tab: &Tab, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "text": if kind == "keyDown" { text } else { "" } });
            self.call(Some(tab), "Input.dispatchKeyEvent", event).await;
        }
    }

    /// The value of an expression.
    pub async fn value(&mut self, tab: &Tab, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let mut answer = self.call(Some(tab), "Runtime.evaluate", params).await;
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// Waits until an expression is true.
    pub async fn until(&mut self, tab: &Tab, expression: &str) {
        let start = Instant::now();
        while self.value(tab, expression).await != true {
            if start.elapsed() > LONG {
                let status = self.value(tab, "document.getElementById('status')?.textContent").await;
                panic!("{expression} is never true; the page says: {status}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A picture of the page, a PNG file.
    pub async fn screenshot(&mut self, tab: &Tab, path: &Path) {
        let shot = self.call(Some(tab), "Page.captureScreenshot", json!({})).await;
        let bytes = BASE64_STANDARD.decode(shot["data"].as_str().expect("a picture")).expect("base 64");
        std::fs::write(path, bytes).expect("room");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
