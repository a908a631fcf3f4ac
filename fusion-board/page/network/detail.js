// What is known of a layer: its parameters, their figures over time, and histograms over time.

import { element, note, number, select } from "../dom.js";
import { called } from "./drawing.js";
import { at_step, percent } from "./figures.js";

const told = (value, text = (one) => number(one, 3)) => (Number.isNaN(value) ? "–" : text(value));
const points = (row, kind) => row.steps.map((step, at) => [step, Number(row[kind][at])]).filter(([, value]) => !Number.isNaN(value));

function table(rows, step) {
  const at = (row, kind, text) => told(at_step(row, kind, step), text);
  const head = ["parameter", "sizes", "weights", "gradient", "update", "zeros", ""];
  const lines = rows.map((row) => element("tr", {},
    element("td", { title: row.path }, row.path), element("td", {}, row.shape.join(" × ")),
    ["weight", "gradient", "update"].map((kind) => element("td", {}, at(row, kind))), element("td", {}, at(row, "zeros", percent)),
    element("td", { class: row.verdict && "problem" }, step >= row.steps.at(-1) ? row.verdict : "")));
  return element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Parameters" }, element("table", {},
    element("thead", {}, element("tr", {}, head.map((name) => element("th", { scope: "col" }, name)))), element("tbody", {}, lines)));
}

// Which histogram belongs to a layer: one of its parameters', or one whose name has the path in it.
function histogram_of(layer, network) {
  const paths = layer ? [...layer.owns.map((at) => network.parameters[at].path), layer.path].filter(Boolean) : [];
  for (const path of paths) {
    const own = network.histograms.find((name) => name === path) ?? network.histograms.find((name) => name.split(/[/ :]/).includes(path));
    if (own !== undefined) return own;
  }
  return null;
}

// Lines of the plots: a kind of figure of parameters or operations.
const PLOTS = {
  update: { title: "Update to weight", note: "The norm of a step as a multiple of the weight's; 0.001 is usual", of: "owns", log: true },
  gradient: { title: "Norm of the gradient", of: "owns", log: true },
  weight: { title: "Norm of the weight", of: "owns" },
  dead: { title: "Dead units", note: "The share of units that are 0 for all samples", of: "does" },
  saturated: { title: "Saturation", note: "The share of results that lie where the function is flat", of: "does" },
};

function lines(kind, layer, network, context) {
  const { of } = PLOTS[kind];
  const rows = layer[of].map((at) => (of === "owns" ? network.parameters[at] : network.operations[at]));
  const name = (row) => (of === "owns" ? row.path.split(".").at(-1) : row.name);
  return rows.map((row, at) => ({ name: name(row), colour: context.plot.series(at), points: points(row, kind) })).filter((one) => one.points.length);
}

// The heat map of a histogram over time.
function heat(heights) {
  const { low, high, shares, steps } = heights;
  const count = shares[0]?.length ?? 0;
  const edge = (at) => low + ((high - low) * at) / count;
  const size = Math.log10(high - low || 1);
  const digits = Math.ceil(2 - size);
  // As many digits as tell ranges apart, the same for all.
  const name = (value) => (digits > 7 || size > 6 ? number(value, 3) : value.toFixed(Math.max(0, digits)).replace("-", "−"));
  return {
    rows: Array.from({ length: count }, (_, at) => name(edge(count - at - 0.5))),
    columns: steps.map((step) => number(step)),
    // Roots, so that a few elements far out are seen too.
    values: Array.from({ length: count }, (_, at) => shares.map((column) => Math.sqrt(column[count - 1 - at]))),
    low: 0,
    label: "root of the share of elements",
    side: Math.max(6, Math.min(46, 460 / Math.max(1, steps.length))),
  };
}

// The element, with `show(network, at)` that fills it and updates it.
export function detail(context, run) {
  const [title, about, params, grid] = [element("h2"), element("p", { class: "muted" }), element("div"), element("div", { class: "grid" })];
  const [bar, place] = [element("div", { class: "toolbar" }), element("div")];
  const box = element("div", { class: "detail" }, title, about, params, grid, bar, place);
  const plots = new Map(); // of the layer that is shown
  let shown = null; // the layer, as text
  let name = null; // of the histogram
  let asked = 0;

  async function draw_histogram() {
    asked += 1;
    const own = asked;
    if (name === null) return place.replaceChildren();
    try {
      const heights = await context.api("/api/histograms", { run, name });
      if (own !== asked) return null;
      const strange = heights.strange.at(-1) ?? 0;
      const [mean, deviation] = [heights.means, heights.deviations].map((all) => Number(all.at(-1)));
      const said = `at the last step mean ${number(mean, 3)}, deviation ${number(deviation, 3)}${strange ? `, ${number(strange)} NaN or infinite` : ""}`;
      const options = { title: name, note: said, x: { label: "step" }, ...heat(heights) };
      if (place.firstChild?.options) place.firstChild.update(options);
      else place.replaceChildren(context.plot.heat(options));
    } catch (error) {
      if (own === asked) place.replaceChildren(note(error.message));
    }
    return null;
  }

  function choices(network) {
    bar.replaceChildren();
    if (!network.histograms.length) {
      bar.append(note("There are no histograms. ", element("code", {}, "run.histogram(step, name, &tensor)?"), " writes one."));
      return;
    }
    bar.append(select("Histogram", network.histograms.map((one) => [one, one]), name ?? network.histograms[0], (value) => {
      name = value;
      draw_histogram();
    }));
  }

  box.show = (network, at, step) => {
    const layer = network.layers[at] ?? { owns: network.parameters.map((_, place_of) => place_of), does: network.operations.map((_, place_of) => place_of), path: "", layer: "", arguments: [], output: [] };
    const rows = layer.owns.map((one) => network.parameters[one]);
    const key = `${at} ${layer.path}`;
    const is_new = key !== shown;
    title.textContent = network.layers[at] ? called(layer) : "Parameters";
    const size = layer.parameters ? `${number(layer.parameters)} parameters` : "";
    const settings = layer.arguments.map(([argument, value]) => `${argument} ${value}`).join(", ");
    about.textContent = [layer.layer.split("<")[0], settings, layer.output.length && `gives ${layer.output.join(" × ")}`, size].filter(Boolean).join(" · ");
    params.replaceChildren(rows.length ? table(rows, step) : network.layers[at] && !layer.parameters ? note("This layer has no parameters.")
      : note("No report tells of this layer's parameters."));
    if (is_new) {
      shown = key;
      plots.clear();
      grid.replaceChildren();
    }
    for (const kind of Object.keys(PLOTS)) {
      const series = lines(kind, layer, network, context);
      if (!series.length) continue;
      // What is 0 has no place on a logarithmic axis.
      const y = { scale: PLOTS[kind].log && series.every((one) => one.points.every(([, value]) => value > 0)) ? "log" : "linear" };
      if (plots.has(kind)) plots.get(kind).update({ series, y });
      else {
        const { title: text, note: said } = PLOTS[kind];
        plots.set(kind, context.plot.line({ title: text, note: said, series, x: { label: "step" }, y, height: 180 }));
        grid.replaceChildren(...Object.keys(PLOTS).flatMap((one) => plots.get(one) ?? []));
      }
    }
    const known = network.histograms.join("\n");
    if (is_new || known !== box.known) {
      if (is_new) name = histogram_of(layer, network) ?? name;
      name ??= network.histograms[0] ?? null;
      box.known = known;
      choices(network);
      if (is_new) place.replaceChildren();
    }
    draw_histogram();
  };
  return box;
}
