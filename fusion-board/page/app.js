// The frame around all pages: which page is shown, which runs are taken, what the server tells, and the theme.
//
// A page is a module with `show(main, context)`, which fills `main` and returns a function that ends it. `context` has
//
//   runs              names of the runs that are taken, at most ten
//   colour(run)       the colour of a run, which follows the theme
//   about(run)        what the list knows of a run: { name, bytes, modified, settings, .. }
//   all()             the same of every run that the search leaves
//   api(path, query)  the answer of the server, from JSON; `query` is { name: value or list }
//   on(event, f)      f is called when the server tells something: "grown" with the set of runs that have grown, "list";
//                     or when other runs are "taken": a page that does not hear that is shown anew. Gives a function
//                     that ends it; the end of the page does, too
//   plot              the plots of plot.js
//   take(runs)        takes these runs
//
// Where one looks is in the address: `#network?run=a&run=b`.

import { ago, bytes, element, later, note } from "./dom.js";
import * as plot from "./plot.js";

const PAGES = [
  { id: "runs", title: "Runs", module: "./runs.js" },
  { id: "network", title: "Network", module: "./network.js" },
  { id: "predictions", title: "Predictions", module: "./predictions.js" },
];
const MOST = 10;
const at = (id) => document.getElementById(id);
const main = at("main");

let runs = new Map(); // by name, the newest first
let taken = [];
let page = PAGES[0];
let stop = null;
let turn = 0; // of showing a page: one that was overtaken is not shown
const slots = new Map(); // of the ten colours
const listeners = { grown: new Set(), list: new Set(), taken: new Set() };

async function api(path, query = {}) {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().filter((one) => one !== undefined && one !== null).map((one) => [name, one]));
  const text = new URLSearchParams(pairs).toString();
  const answer = await fetch(text ? `${path}?${text}` : path);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ?? `${path}: ${answer.status} ${answer.statusText}`);
  return body;
}

function say(text, kind = "") {
  at("status").textContent = text;
  at("status").className = kind;
}

const colour = (run) => plot.series(slots.get(run) ?? 0);

// Each run that is taken has a colour; one keeps its own as long as it is taken.
function paint() {
  for (const run of slots.keys()) if (!taken.includes(run)) slots.delete(run);
  for (const run of taken) {
    if (slots.has(run)) continue;
    const used = new Set(slots.values());
    const kept = Number(sessionStorage.getItem(`colour ${run}`) ?? -1);
    slots.set(run, kept >= 0 ? kept : [...Array(10).keys()].find((slot) => !used.has(slot)) ?? 0);
  }
}

function address(id, names) {
  const query = new URLSearchParams(names.map((run) => ["run", run])).toString();
  return `#${id}?${query || "none"}`;
}

function take(names) {
  const kept = names.filter((run) => runs.has(run));
  if (kept.length > MOST) say(`At most ${MOST} runs are laid over each other.`, "problem");
  taken = kept.slice(0, MOST);
  history.replaceState(null, "", address(page.id, taken));
  retake();
}

// Other runs are taken, or they have other colours.
function retake() {
  paint();
  list();
  mark();
  if (listeners.taken.size) listeners.taken.forEach((f) => f());
  else show();
}

// The runs that the search leaves: each of its words is in a name or a setting, or is `setting=value`.
function found() {
  const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [...runs.values()];
  const fits = ({ text }) => words.every((word) => text.includes(word));
  return [...runs.values()].filter(fits);
}

function described(run) {
  const settings = run.settings.map(([name, value]) => `${name}=${value}`).join(" ");
  return { ...run, text: `${run.name} ${settings}`.toLowerCase() };
}

function about(run) {
  if (run.problem) return run.problem;
  const read = run.read < run.bytes && run.open ? `${Math.floor((100 * run.read) / run.bytes)}% read` : ago(run.modified);
  const bad = [[run.damaged, "damaged"], [run.left_out, "left out"]].filter(([count]) => count).map(([count, what]) => ` · ${count} ${what}`);
  return `${read} · ${bytes(run.bytes)}${bad.join("")}`;
}

function recolour(run, button) {
  const box = element("div", { class: "tip palette", role: "dialog", "aria-label": `Colour of ${run}`, style: { "pointer-events": "auto" } });
  // The box goes when it has the focus no longer.
  const close = () => button.focus();
  for (let slot = 0; slot < 10; slot += 1) {
    box.append(element("button", {
      type: "button", class: "swatch", "aria-label": `colour ${slot + 1}`, style: { background: plot.series(slot), width: "20px", height: "20px" },
      onclick: () => {
        slots.set(run, slot);
        sessionStorage.setItem(`colour ${run}`, slot);
        close();
        retake();
      },
    }));
  }
  box.addEventListener("keydown", (event) => event.key === "Escape" && close());
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || box.remove());
  const place = button.getBoundingClientRect();
  Object.assign(box.style, { position: "fixed", left: `${Math.max(8, place.right - 140)}px`, top: `${place.bottom + 6}px`, zIndex: 40 });
  document.body.append(box);
  box.firstChild.focus();
}

const rows = new Map(); // of the list, by run

function row(run) {
  const box = element("input", {
    type: "checkbox",
    onchange: () => take(box.checked ? [...taken, run.name] : taken.filter((name) => name !== run.name)),
  });
  const [name, detail] = [element("span", { class: "name" }, run.name), element("span", { class: "about" })];
  const swatch = element("button", { type: "button", class: "swatch", "aria-label": `Colour of ${run.name}`, onclick: () => recolour(run.name, swatch) });
  const item = element("li", { title: run.name }, element("label", {}, box, element("span", {}, name, detail)), swatch);
  return { item, box, detail, swatch };
}

function list() {
  const shown = found();
  const items = shown.map((run) => {
    if (!rows.has(run.name)) rows.set(run.name, row(run));
    const { item, box, detail, swatch } = rows.get(run.name);
    box.checked = taken.includes(run.name);
    const text = about(run);
    if (detail.textContent !== text) [detail.textContent, detail.title] = [text, text];
    detail.classList.toggle("problem", run.problem !== null);
    swatch.hidden = !box.checked;
    if (box.checked) swatch.style.background = colour(run.name);
    return item;
  });
  const box = at("list");
  if (items.length !== box.children.length || items.some((item, place) => item !== box.children[place])) {
    // The element with the focus stays where it is in the document as long as it is shown.
    const focused = document.activeElement;
    box.replaceChildren(...items);
    if (box.contains(focused)) focused.focus();
  }
  const all = runs.size;
  at("count").textContent = shown.length === all ? `${all} ${all === 1 ? "run" : "runs"}` : `${shown.length} of ${all} runs`;
  at("drawer").textContent = `Runs (${taken.length})`;
}

const context = {
  get runs() { return [...taken]; },
  colour, api, plot, take,
  about: (run) => runs.get(run),
  all: found,
  on(event, f) {
    const end = () => listeners[event].delete(f);
    listeners[event].add(f);
    ended.push(end);
    return end;
  },
};
let ended = [];

// The frame of the page that is shown.
function mark() {
  at("body").classList.toggle("alone", page.alone === true);
  at("drawer").hidden = page.alone === true;
  for (const link of at("pages").children) {
    const { id } = link.dataset;
    link.href = address(id, taken);
    if (id === page.id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${page.title} · Fusion board`;
}

async function show() {
  turn += 1;
  const own = turn;
  mark();
  const { show: fill } = await import(page.module);
  if (own !== turn) return;
  stop?.();
  ended.forEach((end) => end());
  [stop, ended] = [null, []];
  const place = element("div");
  main.dataset.page = page.id;
  main.replaceChildren(place);
  try {
    const end = await fill(place, context);
    if (own === turn) stop = end;
    else end?.();
  } catch (error) {
    if (own === turn) place.replaceChildren(note(`This page cannot be shown: ${error.message}`));
  }
}

function navigate() {
  const [id, query = ""] = location.hash.slice(1).split("?");
  page = PAGES.find((one) => one.id === id) ?? PAGES[0];
  const asked = new URLSearchParams(query).getAll("run").filter((run) => runs.has(run)).slice(0, MOST);
  // Without a word on runs, the newest are taken.
  taken = asked.length || query ? asked : [...runs.keys()].slice(0, 5);
  paint();
  list();
  show();
}

async function refresh() {
  const answer = await api("/api/runs");
  runs = new Map(answer.runs.map((run) => [run.name, described(run)]));
  for (const name of rows.keys()) if (!runs.has(name)) rows.delete(name);
  return answer;
}

function watch() {
  const events = new EventSource("/api/events");
  let lost = false;
  events.addEventListener("open", async () => {
    say("live", "live");
    if (!lost) return;
    lost = false;
    await refresh();
    navigate();
  });
  events.addEventListener("error", () => {
    lost = true;
    say("The server is gone. Is the program still running?", "problem");
  });
  events.addEventListener("grown", (event) => {
    const grown = JSON.parse(event.data);
    for (const run of grown) if (runs.has(run.name)) runs.set(run.name, described({ ...runs.get(run.name), ...run }));
    list();
    const names = new Set(grown.map(({ name }) => name));
    listeners.grown.forEach((f) => f(names));
  });
  events.addEventListener("list", later(async () => {
    const before = runs.size;
    await refresh();
    list();
    // The first run that comes is taken.
    if (before === 0 && runs.size) take([...runs.keys()].slice(0, 5));
    else listeners.list.forEach((f) => f());
  }, 50));
}

const THEMES = [["", "System theme"], ["light", "Light theme"], ["dark", "Dark theme"]];

function theme(step) {
  const now = THEMES.findIndex(([name]) => name === document.documentElement.dataset.theme);
  const [name, text] = THEMES[(Math.max(0, now) + step) % THEMES.length];
  document.documentElement.dataset.theme = name;
  localStorage.setItem("theme", name);
  at("theme").textContent = text.split(" ")[0];
  at("theme").setAttribute("aria-label", `${text}; press for the next`);
  // Colours that are computed are drawn anew; others follow by themselves.
  if (step) document.querySelectorAll("figure.plot").forEach((figure) => figure.redraw());
}

at("pages").append(...PAGES.map(({ id, title }) => element("a", { "data-id": id, href: `#${id}` }, title)));
at("theme").addEventListener("click", () => theme(1));
at("search").addEventListener("input", later(() => {
  list();
  listeners.list.forEach((f) => f());
}, 80));
at("newest").addEventListener("click", () => take(found().slice(0, 5).map(({ name }) => name)));
at("none").addEventListener("click", () => take([]));
at("drawer").addEventListener("click", () => {
  const open = at("runs").classList.toggle("open");
  at("drawer").setAttribute("aria-expanded", String(open));
});
window.addEventListener("hashchange", navigate);
window.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  at("runs").classList.add("open");
  at("search").focus();
});
setInterval(list, 30_000);

theme(0);
try {
  await refresh();
  navigate();
} catch (error) {
  main.replaceChildren(note(`The list of runs cannot be read: ${error.message}`));
}
watch();
