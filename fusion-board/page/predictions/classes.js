// Figures of classes as a table, and curves of those that are taken.

import { element, note, number } from "../dom.js";

const MOST = 10;
const told = (value, digits) => (value === null || value === undefined || Number.isNaN(Number(value)) ? "–" : number(Number(value), digits));
// Figures of a column have as many digits.
const fixed = (value) => (Number.isFinite(Number(value ?? NaN)) ? Number(value).toFixed(4) : "–");

// `change(classes)` is called with the numbers of the classes whose curves are to be drawn.
export function classes(change) {
  const box = element("div", { class: "wide section", tabindex: 0, role: "region", "aria-label": "Classes" });
  let [taken, names, answer, has_scores] = [new Set(), null, null, false];
  let order = { by: "class", up: true };

  function draw() {
    const columns = [["name", "class"], ["precision", "precision"], ["recall", "recall"], ["f1", "F1"], ["support", "samples"],
      ...(has_scores ? [["average_precision", "average precision"], ["roc_auc", "AUC"]] : [])];
    const rows = [...answer.shown];
    if (order.by === "name") rows.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }) * (order.up ? 1 : -1));
    else if (order.by !== "class") rows.sort((a, b) => (Number(a[order.by]) - Number(b[order.by])) * (order.up ? 1 : -1) || a.class - b.class);
    const head = columns.map(([key, text]) => element("th", { scope: "col", "aria-sort": order.by === key ? (order.up ? "ascending" : "descending") : null },
      element("button", { type: "button", title: "Sort", onclick: () => {
        order = { by: key, up: order.by === key ? !order.up : true };
        draw();
      } }, text + (order.by === key ? (order.up ? " ↑" : " ↓") : ""))));
    const colours = [...taken].sort((a, b) => a - b);
    const lines = rows.map((row) => {
      const swatch = has_scores && element("input", { type: "checkbox", checked: taken.has(row.class), "aria-label": `Curves of ${row.name}`, onchange: (event) => {
        if (event.target.checked) taken.add(row.class);
        else taken.delete(row.class);
        if (taken.size > MOST) taken.delete([...taken][0]);
        draw();
        change([...taken].sort((a, b) => a - b));
      } });
      const colour = taken.has(row.class) && has_scores ? `var(--series-${colours.indexOf(row.class) % 10})` : "transparent";
      return element("tr", {}, element("td", { title: row.name }, swatch, has_scores && element("i", { class: "dot", style: { background: colour } }), row.name),
        columns.slice(1).map(([key]) => element("td", {}, key === "support" ? number(row[key]) : fixed(row[key]))));
    });
    const focused = document.activeElement?.getAttribute("aria-label");
    const inside = box.contains(document.activeElement);
    box.replaceChildren(element("table", { class: "classes" }, element("thead", {}, element("tr", {}, head)), element("tbody", {}, lines)));
    if (inside && focused) [...box.querySelectorAll("[aria-label]")].find((node) => node.getAttribute("aria-label") === focused)?.focus();
  }

  box.show = (found, scores) => {
    [answer, has_scores] = [found, scores];
    const now = found.shown.map((row) => row.name).join("\n");
    if (now !== names) {
      names = now;
      taken = new Set(found.shown.slice(0, MOST).map((row) => row.class));
    }
    box.hidden = !found.shown.length;
    draw();
    if (scores) change([...taken].sort((a, b) => a - b));
  };
  return box;
}

export function curves(context, query) {
  const axis = (label) => ({ label });
  const recall = context.plot.line({ title: "Precision and recall", series: [], x: axis("recall"), y: axis("precision"), height: 240 });
  const roc = context.plot.line({ title: "ROC", series: [], x: axis("false positive rate"), y: axis("true positive rate"), height: 240 });
  const said = note("");
  const box = element("div", { class: "stack" }, recall, roc, said);
  let [taken, asked] = [[], 0];

  async function load() {
    asked += 1;
    const own = asked;
    const { curves: all } = taken.length ? await context.api("/api/predictions/curves", { ...query(), class: taken }) : { curves: [] };
    if (own !== asked) return;
    const series = (kind, figure) => all.map((curve, at) => ({
      name: `${curve.name} (${told(curve[figure], 3)})`, colour: context.plot.series(at), points: curve[kind],
    }));
    recall.update({ series: series("precision_recall", "average_precision"), note: "Each class against the rest, with its average precision" });
    roc.update({ series: series("roc", "roc_auc"), note: "Each class against the rest, with the area under its curve" });
  }
  box.take = (classes_taken) => {
    taken = classes_taken;
    load();
  };
  box.show = (answer) => {
    said.textContent = answer.by_softmax ? "The scores were made shares by softmax, so that those of samples can be compared." : "";
    said.hidden = !said.textContent;
  };
  return box;
}
