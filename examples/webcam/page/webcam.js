// Frames of the camera go to the server one at a time: the next one when there is an answer to the last. What is shown is the frame
// that the answer is for, so that boxes are where the faces were.
"use strict";

const LONGEST = 640; // pixels of a frame's longer side
const QUALITY = 0.85; // of its JPEG image
const PATH = 2000; // milliseconds of a face's way that are shown
const PATIENCE = 5000; // the longest time in milliseconds without an answer

const element = (id) => document.getElementById(id);
const view = element("view").getContext("2d");
const frame = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const video = document.createElement("video");
video.muted = true;
video.playsInline = true;

let camera = null; // the stream, while the camera is on
let socket = null;
let attempts = 0; // to reach the server, since it was last there
let alarm = 0; // the timer that tells when a server is silent, or is tried again
let sent = 0; // when the frame that is on its way was taken
const times = []; // of the last answers
const means = new Map(); // of figures
const paths = new Map(); // of faces, by their numbers

function say(sentence, problem = false) {
  element("status").textContent = sentence;
  element("status").classList.toggle("problem", problem);
}

const REFUSALS = {
  NotAllowedError: "The camera was refused. Allow it for this page in the browser, and press start again.",
  NotFoundError: "There is no camera. Connect one, and press start again.",
  NotReadableError: "The camera is in use by another program. Close that, and press start again.",
};

async function start() {
  if (!navigator.mediaDevices) {
    return say("A browser gives its camera to pages of 127.0.0.1, localhost and https alone. Open the page by one of these.", true);
  }
  element("button").disabled = true;
  say("The browser asks for the camera.");
  try {
    camera = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio: false });
    video.srcObject = camera;
    await video.play();
  } catch (error) {
    stop();
    return say(REFUSALS[error.name] ?? `The camera does not start: ${error.message || error.name}.`, true);
  } finally {
    element("button").disabled = false;
  }
  camera.getVideoTracks()[0].addEventListener("ended", () => {
    stop();
    say("The camera is gone. Connect it, and press start again.", true);
  });
  element("button").textContent = "Stop";
  attempts = 0;
  connect();
}

function stop() {
  camera?.getTracks().forEach((track) => track.stop());
  camera = null;
  video.srcObject = null;
  disconnect();
  element("button").textContent = "Start";
  say("The camera is off.");
}

function disconnect() {
  clearTimeout(alarm);
  const old = socket;
  socket = null; // its events are no longer heard
  old?.close();
  times.length = 0;
  paths.clear();
}

function connect() {
  disconnect();
  const own = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/frames`);
  own.binaryType = "arraybuffer";
  socket = own;
  let told = null;
  own.addEventListener("open", () => own === socket && send());
  own.addEventListener("message", (event) => {
    if (own !== socket) return;
    const answer = JSON.parse(event.data);
    told = answer.error ?? null;
    if (told) {
      say(told, true);
      clearTimeout(alarm);
      alarm = setTimeout(() => own === socket && send(), 1000);
    } else {
      attempts = 0;
      say("The camera is on.");
      show(answer);
      send();
    }
  });
  own.addEventListener("close", () => own === socket && again(told));
}

// Tries to reach the server again, after a while that grows up to five seconds.
function again(told) {
  disconnect();
  const wait = Math.min(500 * 2 ** attempts, 5000);
  attempts += 1;
  say(`${told ?? "The server is gone. Is the program still running?"} It is tried again in ${wait / 1000} s.`, true);
  alarm = setTimeout(() => camera && connect(), wait);
}

// The next image of the camera; after a second the same one again, as a hidden page gets none.
function image() {
  const next = new Promise((done) => video.requestVideoFrameCallback?.(done) ?? requestAnimationFrame(done));
  return Promise.race([next, new Promise((done) => setTimeout(done, 1000))]);
}

async function send() {
  const own = socket;
  clearTimeout(alarm);
  await image();
  if (own !== socket || !camera) return;
  const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight, 1));
  frame.canvas.width = Math.max(1, Math.round(video.videoWidth * scale));
  frame.canvas.height = Math.max(1, Math.round(video.videoHeight * scale));
  frame.drawImage(video, 0, 0, frame.canvas.width, frame.canvas.height);
  sent = performance.now();
  const blob = await new Promise((done) => frame.canvas.toBlob(done, "image/jpeg", QUALITY));
  if (own !== socket || own.readyState !== WebSocket.OPEN) return;
  own.send(blob);
  alarm = setTimeout(() => own === socket && again("The server does not answer."), PATIENCE);
}

const colour = (id) => `hsl(${(id * 137.508) % 360} 90% 60%)`;

function show({ width, height, faces, ms }) {
  const now = performance.now();
  const { canvas } = view;
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  view.drawImage(frame.canvas, 0, 0);
  for (const { id, box: [x1, y1, x2, y2] } of faces) {
    const path = paths.get(id) ?? [];
    path.push([(x1 + x2) / 2, (y1 + y2) / 2, now]);
    paths.set(id, path.filter((place) => now - place[2] < PATH));
  }
  for (const [id, path] of paths) {
    if (now - path.at(-1)[2] > PATH / 2) paths.delete(id);
  }
  const line = Math.max(2, width / 250);
  view.lineWidth = line;
  view.lineJoin = "round";
  view.font = `600 ${Math.max(12, width / 32)}px system-ui, sans-serif`;
  view.textBaseline = "bottom";
  for (const { id, box: [x1, y1, x2, y2], score } of faces) {
    view.strokeStyle = view.fillStyle = colour(id);
    view.beginPath();
    paths.get(id).forEach(([x, y]) => view.lineTo(x, y));
    view.stroke();
    view.strokeRect(x1, y1, x2 - x1, y2 - y1);
    const text = `${id}  ${(100 * score).toFixed(0)}%`;
    const high = Math.max(14, width / 28);
    const top = Math.max(y1, high);
    view.fillRect(x1 - line / 2, top - high, view.measureText(text).width + 2 * line + 4, high);
    view.fillStyle = "#000";
    view.fillText(text, x1 + line, top - line / 2);
  }
  figures(now, faces.length, ms);
}

function figures(now, faces, ms) {
  times.push(now);
  while (now - times[0] > 2000) times.shift();
  if (times.length > 1) element("rate").textContent = ((1000 * (times.length - 1)) / (now - times[0])).toFixed(1);
  element("faces").textContent = faces;
  for (const [name, time] of Object.entries({ ...ms, trip: now - sent })) {
    const mean = 0.9 * (means.get(name) ?? time) + 0.1 * time;
    means.set(name, mean);
    element(name).textContent = `${mean.toFixed(1)} ms`;
  }
}

element("button").addEventListener("click", () => (camera ? stop() : start()));
