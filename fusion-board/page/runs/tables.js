// Tables: the best values of runs, and their settings side by side.

import { element, later, note, number, select, toggle } from "../dom.js";

const LESS_IS_BETTER = /loss|err|perplex|rmse|mse|mae|nll|seconds|time/i;
const SHOWN = 100; // runs, until more are asked for

const swatch = (context, run) => context.runs.includes(run) && element("i", { style: { background: context.colour(run) } });

// The value of a curve that is asked for, with its step.
function valued(curve, kind) {
  const sort = kind === "best" ? (LESS_IS_BETTER.test(curve.name) ? "min" : "max") : kind;
  const point = curve[sort];
  return point ? { step: point[0], value: Number(point[2]) } : null;
}

export async function best(body, bar, context) {
  const order = { kind: sessionStorage.getItem("kind") ?? "best", by: null, up: true, words: "", most: SHOWN };
  const table = element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Best values" });
  const [missing, more] = [note(""), element("button", { type: "button" }, "Show all runs")];
  let runs = [];

  function draw() {
    const words = order.words.toLowerCase().split(/\s+/);
    const fits = (name) => words.every((word) => name.toLowerCase().includes(word));
    const wanted = new Set(context.all().map(({ name }) => name));
    const shown = runs.filter(({ name }) => wanted.has(name));
    const names = [...new Set(shown.flatMap(({ curves }) => curves.map(({ name }) => name)))].filter(fits)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true })).slice(0, 60);
    const lines = shown.map(({ name, curves, read }) => {
      const cells = new Map(curves.map((curve) => [curve.name, valued(curve, order.kind)]));
      return { name, read, cells };
    });
    const value = (line, name) => line.cells.get(name)?.value ?? NaN;
    if (order.by === "") lines.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }) * (order.up ? 1 : -1));
    else if (order.by !== null) {
      const rank = (line) => (Number.isNaN(value(line, order.by)) ? Infinity : value(line, order.by) * (order.up ? 1 : -1));
      lines.sort((a, b) => (rank(a) < rank(b) ? -1 : Number(rank(a) > rank(b))));
    }
    const tops = new Map(names.map((name) => {
      const values = lines.map((line) => value(line, name)).filter(Number.isFinite);
      const less = order.kind === "min" || (order.kind !== "max" && LESS_IS_BETTER.test(name));
      return [name, new Set(values).size > 1 ? values.reduce((a, b) => (less === a < b ? a : b)) : null];
    }));
    const head = (name, text) => {
      const sorted = order.by === name ? (order.up ? "ascending" : "descending") : null;
      const press = () => {
        order.up = order.by === name ? !order.up : name === "" || LESS_IS_BETTER.test(name);
        order.by = name;
        draw();
      };
      const arrow = sorted ? (order.up ? " ↑" : " ↓") : "";
      return element("th", { scope: "col", "aria-sort": sorted }, element("button", { type: "button", title: "Sort", onclick: press }, text + arrow));
    };
    const rows = lines.slice(0, order.most).map((line) => element("tr", {},
      element("td", { title: line.name }, swatch(context, line.name), line.name),
      names.map((name) => {
        const cell = line.cells.get(name);
        const top = cell && tops.get(name) === cell.value;
        return element("td", { class: top ? "best" : null, title: cell && `at step ${number(cell.step)}` }, cell ? number(cell.value) : line.read < 1 ? "…" : "");
      })));
    table.replaceChildren(element("table", {}, element("thead", {}, element("tr", {}, head("", "run"), names.map((name) => head(name, name)))), element("tbody", {}, rows)));
    more.hidden = lines.length <= order.most;
    const unread = lines.filter(({ read }) => read < 1).length;
    missing.textContent = !lines.length ? "No run is found." : unread ? `${unread} of ${lines.length} runs are still being read.` : "";
    missing.hidden = !missing.textContent;
  }
  const load = async () => {
    ({ runs } = await context.api("/api/summary"));
    draw();
  };
  const soon = later(load, 1500);
  more.addEventListener("click", () => {
    order.most = Infinity;
    draw();
  });
  bar.append(
    select("Value", [["best", "best"], ["min", "lowest"], ["max", "highest"], ["last", "last"]], order.kind, (kind) => {
      order.kind = kind;
      sessionStorage.setItem("kind", kind);
      draw();
    }),
    element("input", {
      type: "search", placeholder: "Find curves", "aria-label": "Find curves",
      oninput: (event) => {
        order.words = event.target.value;
        draw();
      },
    }),
  );
  body.append(missing, table, more);
  await load();
  context.on("grown", soon);
  context.on("list", soon);
  context.on("taken", draw);
  return null;
}

export async function settings(body, bar, context) {
  let only = sessionStorage.getItem("differing") === "yes";
  const table = element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Settings" });
  const none = note("");

  function draw() {
    const { runs } = context;
    const of = runs.map((run) => new Map(context.about(run)?.settings ?? []));
    const names = [...new Set(of.flatMap((one) => [...one.keys()]))];
    const differs = (name) => new Set(of.map((one) => one.get(name))).size > 1;
    const shown = names.filter((name) => !only || differs(name));
    none.textContent = !runs.length ? "No run is taken. Take some in the list of runs."
      : !names.length ? "The runs that are taken have no settings. A training tells them with run.settings(..)."
      : !shown.length ? "The runs that are taken do not differ." : "";
    none.hidden = !none.textContent;
    table.hidden = !shown.length;
    const head = element("tr", {}, element("th", { scope: "col" }, "setting"),
      runs.map((run) => element("th", { scope: "col", title: run }, swatch(context, run), run)));
    const rows = shown.map((name) => element("tr", { class: differs(name) ? "differs" : null },
      element("td", { title: name }, name), of.map((one) => element("td", {}, one.get(name) ?? "–"))));
    table.replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, rows)));
  }
  bar.append(toggle("only those that differ", only, (value) => {
    only = value;
    sessionStorage.setItem("differing", value ? "yes" : "no");
    draw();
  }));
  body.append(none, table);
  draw();
  for (const event of ["list", "grown", "taken"]) context.on(event, draw);
  return null;
}
