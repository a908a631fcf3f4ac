// Histograms and boxes of each column, for each class if rows are coloured.

import { element, note, tabs, toggle } from "../dom.js";

export function legend(set, colour) {
  if (!set.class) return null;
  return element("ul", { class: "legend above", "aria-label": `Colours of ${set.class}` }, set.classes.map(({ name }, at) =>
    element("li", { title: name }, element("i", { style: { background: colour(at) } }), element("span", {}, name))));
}

function histogram(plot, colour, shown, { name, edges, words, series, more }, own) {
  if (!edges.length) {
    const items = words.map((word, at) => ({ name: word, value: series.reduce((sum, { counts }) => sum + counts[at], 0), colour: own?.(word) }));
    return plot.bars({ title: name, note: more ? `${more} more texts are not shown.` : "", items, y: { format: "count", label: "rows" }, height: 200 });
  }
  const all = series.map(({ name: text, group, counts }) => ({
    name: text, colour: colour(group), bins: counts.map((count, at) => [edges[at], edges[at + 1], count]),
  }));
  return plot.bars({ title: name, series: all, y: { label: "rows", format: "count" }, height: 200, listed: shown });
}

function boxes(plot, colour, { name, items }) {
  const drawn = items.map((item) => ({ ...item, colour: colour(item.group) }));
  const hidden = items.reduce((sum, { outside, outliers }) => sum + outside - outliers.length, 0);
  return plot.boxes({ title: name, note: hidden ? `${hidden} outliers are not drawn.` : "", items: drawn, height: 220 });
}

export async function distributions(place, { set, ask, plot, colour }) {
  const bar = element("div", { class: "toolbar tight" });
  const grid = element("div", { class: "grid" });
  const more = element("button", { type: "button" }, "Show more columns");
  const shape = { kind: sessionStorage.getItem("data shape") ?? "histograms", split: sessionStorage.getItem("data split") !== "no" };
  let [answers, turn] = [[], 0];
  const tinted = (group) => (group === null ? plot.series(0) : colour(group));
  // The colour of a text that is a class.
  const called = (word) => {
    const at = set.classes.findIndex(({ name }) => name === word);
    return colour(at < 0 ? null : at);
  };

  async function load() {
    turn += 1;
    const own = turn;
    const from = answers.reduce((sum, { columns }) => sum + columns.length, 0);
    const answer = await ask("distributions", { from, ...(shape.split ? {} : { class: "" }) });
    if (own !== turn) return;
    answers.push(answer);
    more.hidden = from + answer.columns.length >= answer.total;
    draw(answer);
  }
  function draw({ columns, boxes: all }) {
    const figures = shape.kind === "boxes" ? all.map((one) => boxes(plot, tinted, one)) : columns.map((one) => histogram(plot, tinted, shape.split, one, one.name === set.class && shape.split ? called : null));
    grid.append(...figures);
    if (!grid.children.length && more.hidden) grid.append(note("There are no columns of numbers."));
  }
  const again = () => {
    grid.replaceChildren();
    answers.forEach(draw);
  };
  more.addEventListener("click", load);
  bar.append(
    tabs("Kind of plot", [["histograms", "Histograms"], ["boxes", "Box plots"]], shape.kind, (kind) => {
      shape.kind = kind;
      sessionStorage.setItem("data shape", kind);
      again();
    }),
  );
  if (set.class) {
    bar.append(toggle(`by ${set.class}`, shape.split, (split) => {
      shape.split = split;
      sessionStorage.setItem("data split", split ? "yes" : "no");
      answers = [];
      grid.replaceChildren();
      colours.hidden = !split;
      load();
    }));
  }
  const colours = legend(set, colour) ?? element("div");
  colours.hidden = !shape.split;
  place.append(bar, colours, grid, element("p", { class: "after" }, more));
  await load();
  return () => {
    turn += 1;
  };
}
