// Rows as points in space: by principal components or by t-SNE.

import { element, note, number, tabs, toggle } from "../dom.js";
import { picture } from "../plot/images.js";
import { cloud } from "./cloud.js";

const WAIT = 400; // milliseconds between questions for what is computed

const WAYS = {
  pca: ["PCA", "Principal components", "component"],
  tsne: ["t-SNE", "t-SNE", "axis"],
};

export async function projection(place, { set, ask, plot, colour }) {
  let way = sessionStorage.getItem("data way") ?? "pca";
  let turn = 0;
  const [about, beside] = [element("div"), element("div", { class: "beside" })];
  const progress = element("progress", { max: 1, "aria-label": "Computed", hidden: true });
  const figure = cloud({ colour, ontouch: (row) => touched(row) });
  let spin = false;

  // The row that was pressed: its image, or its numbers.
  async function touched(row) {
    if (!set.has_pictures) return;
    const { items: [item], ...size } = await ask("images", { row });
    const image = element("img", { class: "logged", alt: `row ${row}`, src: picture({ ...size, data: item.data }) });
    about.replaceChildren(element("div", { class: "card" }, element("h3", {}, item.class ?? `row ${row}`), image, element("p", { class: "muted" }, `row ${row}`)));
  }

  async function load() {
    turn += 1;
    const own = turn;
    about.replaceChildren();
    shares.replaceChildren();
    const [, title, axis] = WAYS[way];
    const axes = [1, 2, 3].map((at) => ({ name: `${axis} ${at}` }));
    figure.update({ title, places: [], of: [], classes: [], axes, wait: "it is computed …", note: "" });
    figure.home();
    for (;;) {
      let answer;
      try {
        answer = await ask("projection", { how: way });
      } catch (error) {
        if (own !== turn) return;
        progress.hidden = true;
        figure.update({ wait: "no points" });
        shares.replaceChildren(note(element("span", { class: "problem" }, error.message)));
        return;
      }
      if (own !== turn) return;
      const { done, points, of, classes } = answer;
      progress.hidden = done === 1;
      // Without a value the bar says that it is not known how far it is.
      if (done) progress.value = done;
      else progress.removeAttribute("value");
      const named = axes.map(({ name }, at) => ({ name: points.shares[at] === undefined ? name : `${name}: ${number(100 * points.shares[at], 3)}%` }));
      figure.update({ places: points.places, rows: points.rows, of, classes, axes: named, note: points.notes.join(" ") });
      if (done === 1) {
        if (points.shares.length) {
          const items = points.shares.map((share, at) => ({ name: `${at + 1}`, value: 100 * share }));
          shares.replaceChildren(plot.bars({ title: "Variance explained", items, y: { label: "%" }, height: 200 }));
        }
        return;
      }
      await new Promise((end) => setTimeout(end, WAIT));
      if (own !== turn) return;
    }
  }
  const shares = element("div");
  const button = (text, label, press) => element("button", { type: "button", "aria-label": label, title: label, onclick: press }, text);
  const bar = element("div", { class: "toolbar tight" },
    tabs("Projection", Object.entries(WAYS).map(([key, [text]]) => [key, text]), way, (value) => {
      way = value;
      sessionStorage.setItem("data way", way);
      load();
    }),
    element("div", { class: "row" }, button("−", "Farther", () => figure.zoom(0.8)), button("+", "Nearer", () => figure.zoom(1.25)),
      button("Reset", "As it was at first", () => figure.home())),
    toggle("turn by itself", false, (value) => {
      spin = value;
      figure.spin(spin);
    }),
    progress);
  beside.append(element("p", { class: "hint" }, "Drag to turn, or use the arrow keys; + and − bring it nearer.",
    set.has_pictures ? " A point that is pressed shows its image." : ""), about, shares);
  place.append(bar, element("div", { class: "split" }, figure, beside));
  load();
  return () => {
    turn += 1;
    figure.spin(false);
  };
}
