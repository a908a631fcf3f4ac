// The columns of a set as a table, its classes, and what is missing.

import { element, note, number } from "../dom.js";
import { save } from "../plot/save.js";

const SHOWN = 100; // columns, until all are asked for
const HEAD = ["column", "kind", "count", "missing", "mean", "std", "min", "25%", "50%", "75%", "max"];
const FIGURES = ["mean", "std", "min", "q25", "median", "q75", "max"];

const grouped = (count) => number(count, 12);
const many = (count, what, whats = `${what}s`) => `${grouped(count)} ${count === 1 ? what : whats}`;

export function facts(set) {
  const missing = set.columns.reduce((sum, column) => sum + column.missing, 0);
  const rows = set.rows < set.total ? `${grouped(set.rows)} of ${many(set.total, "row")}` : many(set.rows, "row");
  const parts = [rows, many(set.columns.length, "column"), missing ? `${many(missing, "value")} missing` : "nothing missing"];
  return element("div", { class: "facts" },
    element("p", {}, element("strong", {}, parts.join(" · ")), element("span", { class: "muted" }, ` ${set.about}`)),
    set.notes.map((text) => element("p", { class: "hint" }, text)));
}

function row(column, set) {
  const { kind, count, missing } = column;
  const cell = (text, title) => element("td", { title }, text);
  const own = column.name === set.class;
  const name = element("td", { title: column.name }, column.name, own && element("span", { class: "badge" }, "colour"));
  const share = count + missing > 0 ? `${number((100 * missing) / (count + missing), 3)}%` : null;
  const start = [name, cell(kind), cell(grouped(count)), element("td", { class: missing ? "problem" : null, title: share }, grouped(missing))];
  const explained = column.explained;
  const bar = explained === null ? cell("–") : element("td", { title: `${set.class} explains ${number(100 * explained, 4)}% of the variance` },
    element("meter", { min: 0, max: 1, value: explained, "aria-label": "explained" }), ` ${(100 * explained).toFixed(0)}%`);
  if (kind === "number") {
    const infinite = column.infinite ? many(column.infinite, "infinite number") : null;
    const rest = FIGURES.map((name) => cell(column[name] === null ? "–" : number(column[name], 5), infinite));
    return element("tr", {}, start, rest, set.class && bar);
  }
  const top = column.top.map(({ name: text, count: times }) => `${text} (${grouped(times)})`).join(", ");
  const more = column.different > column.top.length ? ", …" : "";
  const text = `${many(column.different, "text")}: ${top}${more}`;
  return element("tr", {}, start, element("td", { class: "texts", colspan: FIGURES.length + (set.class ? 1 : 0), title: text }, text));
}

function table(set, name) {
  const body = element("tbody");
  const more = element("button", { type: "button" }, `Show all ${set.columns.length} columns`);
  const fill = (most) => {
    body.replaceChildren(...set.columns.slice(0, most).map((column) => row(column, set)));
    more.hidden = set.columns.length <= most;
  };
  more.addEventListener("click", () => fill(Infinity));
  fill(SHOWN);
  const head = [...HEAD, ...(set.class ? [`told by ${set.class}`] : [])];
  const rows = () => [
    [...HEAD, "different", "most frequent", "explained by class"],
    ...set.columns.map((column) => [column.name, column.kind, column.count, column.missing, ...FIGURES.map((figure) => column[figure]),
      column.different, column.top.map(({ name: text }) => text).join(" "), column.explained]),
  ];
  const keep = element("button", { type: "button", class: "link", onclick: () => save("csv", `${name}, columns`, null, [], rows) }, "Save CSV");
  return element("section", { class: "section" },
    element("div", { class: "toolbar tight" }, element("h2", {}, "Columns"), keep),
    element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Columns" },
      element("table", {}, element("thead", {}, element("tr", {}, head.map((text) => element("th", { scope: "col" }, text)))), body)),
    more);
}

export async function overview(place, { name, set, plot, colour }) {
  place.append(facts(set));
  const plots = element("div", { class: "grid section" });
  if (set.class && set.classes.length) {
    const items = set.classes.map(({ name: text, count }, at) => ({ name: text, value: count, colour: colour(at) }));
    const without = set.unclassed ? `${many(set.unclassed, "row")} ${set.unclassed === 1 ? "has" : "have"} none.` : "";
    const [least, most] = [Math.min, Math.max].map((f) => f(...set.classes.map(({ count }) => count)));
    const balance = most > 0 && least < most / 2 ? `The rarest is ${number((100 * least) / most, 2)}% of the most frequent. ` : "";
    plots.append(plot.bars({ title: `Rows by ${set.class}`, note: balance + without, items, y: { label: "rows", format: "count" }, height: 240 }));
  }
  const gaps = set.columns.filter(({ missing }) => missing).sort((a, b) => b.missing - a.missing).slice(0, 40);
  if (gaps.length) {
    const items = gaps.map(({ name: text, missing, count }) => ({ name: text, value: (100 * missing) / (missing + count), colour: "var(--wrong)" }));
    plots.append(plot.bars({ title: "Missing values", items, y: { label: "% of the rows" }, height: 240 }));
  }
  if (plots.children.length) place.append(plots);
  place.append(set.columns.length ? table(set, name) : note("There are no columns."));
  return null;
}
