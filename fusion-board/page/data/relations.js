// Which columns go together: correlations, and columns against each other.

import { element, note, number, tabs } from "../dom.js";
import { matrix } from "./matrix.js";

const MOST = 6; // columns of the matrix

function correlated({ names, values, notes }, how, plot, press) {
  const title = how === "pearson" ? "Correlation (Pearson)" : "Correlation of ranks (Spearman)";
  return plot.heat({
    title, note: notes.join(" "), rows: names, columns: names, values: values.map((row) => row.map((value) => value ?? NaN)),
    low: -1, high: 1, diverging: true, places: 2, label: "correlation", ontouch: press,
  });
}

export async function relations(place, { set, ask, plot, colour }) {
  let how = sessionStorage.getItem("data how") ?? "pearson";
  const [heat, scatter] = [element("div"), element("div")];
  const chosen = new Set();
  let turn = 0;

  async function correlate() {
    const answer = await ask("correlations", { how });
    // A cell that is pressed shows its two columns.
    const press = (i, j) => {
      chosen.clear();
      chosen.add(answer.names[i]).add(answer.names[j]);
      choose();
      spread().then(() => scatter.scrollIntoView({ block: "nearest" }));
    };
    heat.replaceChildren(answer.names.length < 2 ? note("There are no two columns of numbers.") : correlated(answer, how, plot, press));
  }
  async function spread() {
    turn += 1;
    const own = turn;
    const answer = await ask("scatter", { column: [...chosen] });
    if (own !== turn) return;
    if (!chosen.size) answer.names.forEach((name) => chosen.add(name));
    choose();
    scatter.replaceChildren(matrix({ ...answer, title: "Columns against each other", note: answer.notes.join(" "), colour }));
  }

  const numbers = set.columns.filter(({ kind }) => kind === "number");
  const boxes = new Map(numbers.slice(0, 200).map(({ name }) => [name, element("input", {
    type: "checkbox",
    onchange: ({ target }) => {
      if (target.checked) chosen.add(name);
      else chosen.delete(name);
      choose();
      if (chosen.size) spread();
    },
  })]));
  const said = element("span", { class: "muted" });
  function choose() {
    for (const [name, box] of boxes) {
      box.checked = chosen.has(name);
      box.disabled = !box.checked && chosen.size >= MOST;
    }
    said.textContent = ` ${number(chosen.size)} of at most ${MOST}`;
  }
  const picker = element("details", { class: "picker" }, element("summary", {}, "Choose columns", said),
    element("div", { class: "chips" }, [...boxes].map(([name, box]) => element("label", { class: "check" }, box, element("span", {}, name)))));
  const bar = element("div", { class: "toolbar tight" }, tabs("Correlation", [["pearson", "Pearson"], ["spearman", "Spearman"]], how, (value) => {
    how = value;
    sessionStorage.setItem("data how", how);
    correlate();
  }));
  // Side by side while the heat map is small.
  const box = element("div", { class: numbers.length > 16 ? "stack" : "pair" }, element("section", {}, bar, heat));
  place.append(box);
  await correlate();
  if (numbers.length) {
    box.append(element("section", {}, picker, scatter));
    await spread();
  }
  return () => {
    turn += 1;
  };
}
