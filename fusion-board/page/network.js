// The page of a network: its layers in the colour of a figure, what is wrong, figures over time, and recorded computations.

import { element, note, number, select } from "./dom.js";
import { detail } from "./network/detail.js";
import { drawing } from "./network/drawing.js";
import { FIGURES, legend, values } from "./network/figures.js";
import { findings } from "./network/findings.js";
import { graph } from "./network/graph.js";
import { one } from "./one.js";
import { menu } from "./plot/figure.js";
import { save } from "./plot/save.js";

const NO_NETWORK = ["Of this run there is no network. A training writes it with ", element("code", {}, "run.network(&net.sketch())?"), "."];

async function fill(body, bar, context, run) {
  const said = element("div");
  const [net, scale, about] = [element("div", { class: "netscroll" }), element("div"), element("p", { class: "muted" })];
  const side = detail(context, run);
  const card = element("figure", { class: "card netcard" });
  card.append(element("figcaption", { class: "caption" }, element("h2", {}, "Layers"), menu(card)), about, scale, net);
  const both = element("div", { class: "sides" }, card, side);
  const computation = graph(context, run);
  body.append(said, both, computation);
  const ask = () => Promise.all([context.api("/api/network", { run }), context.api("/api/diagnosis", { run })]);

  let [network, diagnosis] = [null, null];
  let [chosen, drawn, known] = [null, null, null];
  let last = true; // is the last step shown?
  let kind = sessionStorage.getItem("figure") ?? null;
  const steps = () => [...new Set([...network.parameters, ...network.operations].flatMap((row) => row.steps))].sort((a, b) => a - b);
  const step = () => (last ? Infinity : steps()[Number(slider.value)] ?? 0);
  const at_path = (path) => network.layers.findIndex((layer) => layer.path === path && path !== "");
  const slider = element("input", { type: "range", min: 0, "aria-label": "Step", oninput: () => {
    last = Number(slider.value) === Number(slider.max);
    paint();
    side.show(network, chosen, step());
  } });
  const label = element("output", { class: "muted" });

  card.save = (kind_of_file) => save(kind_of_file, `${run} ${FIGURES[kind].title}`, drawn, [], () => {
    const { all } = values(kind, network, step());
    const row = (layer, at) => [layer.path, layer.layer || layer.kind, layer.output.join(" x "), layer.parameters, all[at]];
    return [["path", "layer", "gives", "parameters", FIGURES[kind].title], ...network.layers.map(row)];
  });

  function choose(at) {
    chosen = at;
    mark();
    side.show(network, chosen, step());
  }
  const choose_path = (path) => {
    const at = at_path(path);
    if (at < 0) return;
    choose(at);
    net.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: "nearest" });
  };

  function mark() {
    const troubled = new Set(diagnosis.findings.filter(({ is_problem }) => is_problem).flatMap(({ layers }) => layers));
    drawn?.mark(chosen, troubled);
  }

  function paint() {
    const all = steps();
    slider.max = Math.max(0, all.length - 1);
    if (last) slider.value = slider.max;
    slider.parentElement.hidden = all.length < 2;
    label.textContent = all.length ? `step ${number(all[Number(slider.value)])}` : "";
    const { all: found, range } = values(kind, network, step());
    const { colour, text, title, about: sentence } = FIGURES[kind];
    drawn?.paint(found.map((value) => (Number.isNaN(value) ? "" : colour(value, range))), found.map(text), title);
    const some = found.some((value) => !Number.isNaN(value));
    both.classList.toggle("bare", !network.layers.length);
    about.textContent = some ? sentence : `${sentence} Of this run there are no such figures.`;
    scale.replaceChildren(some ? legend(kind, range) : "");
  }

  function show() {
    const wrong = findings(diagnosis, choose_path, (path) => at_path(path) >= 0);
    // What is read is not taken away while nothing has changed.
    if (said.dataset.text !== wrong.textContent) {
      said.dataset.text = wrong.textContent;
      said.replaceChildren(wrong);
    }
    const layers = JSON.stringify(network.layers.map(({ path, layer, inputs, output }) => [path, layer, inputs, output]));
    const layers_are_new = layers !== known;
    if (layers_are_new) {
      known = layers;
      const place = network.layers.length ? drawing(network.layers, choose) : null;
      drawn = place?.firstChild ?? null;
      net.replaceChildren(place ?? note(...NO_NETWORK.map((part) => part.cloneNode?.(true) ?? part)));
      const first = diagnosis.findings.flatMap(({ layers: own }) => own).map(at_path).find((at) => at >= 0);
      chosen = first ?? network.layers.findIndex(({ owns }) => owns.length);
    }
    if (chosen >= 0 && !network.layers[chosen]) chosen = -1;
    paint();
    mark();
    if (layers_are_new && drawn) net.scrollLeft = drawn.middle(chosen) - net.clientWidth / 2;
    side.show(network, chosen, step());
    computation.show(network.graphs);
  }

  [network, diagnosis] = await ask();
  // At first the figure that shows what is wrong.
  const shows = { dead_units: "dead", saturated: "saturated", vanishing: "gradient", exploding: "gradient", frozen: "update" };
  const telling = shows[diagnosis.findings[0]?.cause];
  const has = (one) => values(one, network, Infinity).all.some((value) => !Number.isNaN(value));
  kind = [telling, kind, ...Object.keys(FIGURES)].find((one) => one in FIGURES && has(one)) ?? "update";
  bar.append(select("Colour", Object.entries(FIGURES).map(([key, { title }]) => [key, title]), kind, (key) => {
    kind = key;
    sessionStorage.setItem("figure", key);
    paint();
  }), element("label", { class: "field" }, element("span", {}, "Step"), slider, label));
  show();
  return {
    grown: async () => {
      [network, diagnosis] = await ask();
      show();
    },
  };
}

export const show = (main, context) => one(main, context, fill);
