// Images and texts that were logged, at a step that one chooses.

import { element, later, note, number } from "../dom.js";

const address = (path, query) => `${path}?${new URLSearchParams(query)}`;

// One name of one run: a slider over its steps, and what was logged there.
function card(context, run, { kind, name, steps }) {
  const place = element("div");
  const label = element("output", { class: "muted" });
  const slider = element("input", { type: "range", min: 0, max: steps.length - 1, value: steps.length - 1, "aria-label": `Step of ${name}` });
  let turn = 0;
  async function show() {
    turn += 1;
    const own = turn;
    const [step, at] = steps[Number(slider.value)];
    label.textContent = `step ${number(step)}`;
    if (kind === "image") {
      const image = element("img", { class: "logged", alt: `${name} of ${run} at step ${step}`, src: address("/api/image", { run, at }) });
      return place.replaceChildren(image);
    }
    const { text } = await context.api("/api/text", { run, at });
    return own === turn && place.replaceChildren(element("pre", { class: "logged" }, text));
  }
  slider.addEventListener("input", later(show, 30));
  slider.hidden = steps.length < 2;
  show();
  const title = element("h3", {}, element("i", { class: "dot", style: { background: context.colour(run) } }), name);
  return element("div", { class: "card" }, title, element("p", { class: "muted" }, run), place, element("div", { class: "field" }, slider, label));
}

export async function media(body, bar, context) {
  const grid = element("div", { class: "grid" });
  const none = note("");
  async function load() {
    const { runs } = context;
    const { runs: told } = await context.api("/api/media", { run: runs });
    again.hidden = true;
    const cards = told.flatMap(({ run, items }) => items.map((item) => card(context, run, item)));
    none.textContent = !runs.length ? "No run is taken. Take some in the list of runs."
      : cards.length ? "" : "The runs that are taken have no images and no texts. A training logs them with run.image(..) and run.text(..).";
    none.hidden = cards.length > 0;
    grid.replaceChildren(...cards);
  }
  const again = element("button", { type: "button", onclick: load, hidden: true }, "Show what is new");
  bar.append(again);
  body.append(none, grid);
  await load();
  context.on("taken", load);
  context.on("grown", (grown) => {
    again.hidden = !context.runs.some((run) => grown.has(run));
  });
  return null;
}
