// The figures by which layers are coloured, and their colours.

import { element, number } from "../dom.js";

const USUAL = 1e-3; // the change of a weight by a step

// The place in a list of steps of the last one that is not behind a step.
function place(steps, step) {
  let at = -1;
  while (at + 1 < steps.length && steps[at + 1] <= step) at += 1;
  return at;
}

// The figure of a row at a step, or at the last one before it.
export const at_step = ({ steps, ...row }, kind, step) => {
  const at = place(steps, step);
  return at < 0 ? NaN : Number(row[kind][at]);
};

const most = (values) => values.filter((value) => !Number.isNaN(value)).reduce((a, b) => Math.max(a, b), -Infinity);
const found = (value) => (value === -Infinity ? NaN : value);
const norm = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

// The norm of all parameters of a layer together.
function together(rows, kind, step) {
  const values = rows.map((row) => at_step(row, kind, step));
  const told = values.filter((value) => !Number.isNaN(value));
  return told.length ? norm(told) : NaN;
}

export const percent = (value) => (Number.isNaN(value) ? "" : value > 0 && value < 0.005 ? "<1%" : `${Math.round(100 * value)}%`);
const multiple = (value) => (Number.isNaN(value) ? "" : number(value, 2));

// A colour of the theme with so much of a hue that letters on it can be read; `share` is from 0 to 1.
const mixed = (hue, share) => `color-mix(in oklab, var(--heat-none), var(${hue}) ${Math.round(55 * Math.max(0, Math.min(1, share)))}%)`;
const good = (share) => mixed("--heat-high", share);
const bad = (share) => mixed("--heat-low", share);

function of_operations(kind) {
  return (layer, network, step) => found(most(layer.does.map((at) => at_step(network.operations[at], kind, step))));
}

// Each: title, what it says, its value at a layer and a step, its colour, its text, and its scale's marks.
export const FIGURES = {
  update: {
    title: "Update to weight",
    about: "The norm of a step as a multiple of the weights': about 0.001 is usual, 0.1 is far too much, and 0.00001 next to nothing.",
    value: (layer, network, step) => {
      const rows = layer.owns.map((at) => network.parameters[at]);
      const weights = rows.map((row) => at_step(row, "weight", step));
      const steps = rows.map((row, at) => at_step(row, "update", step) * weights[at]);
      const told = steps.map((value, at) => [value, weights[at]]).filter(([value]) => !Number.isNaN(value));
      return told.length ? norm(told.map(([value]) => value)) / norm(told.map(([, weight]) => weight)) : NaN;
    },
    colour: (value) => {
      // Squares, so that ten times as much or as little is still pale.
      const far = Math.log10(Math.max(1e-9, Math.min(1e3, value)) / USUAL) / 2;
      return far < 0 ? good(far * far) : bad(far * far);
    },
    text: multiple,
    marks: () => [1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
  },
  gradient: {
    title: "Gradient",
    about: "The norm of the gradient of a layer's parameters. First and last layers may differ by ten or a hundred.",
    value: (layer, network, step) => together(layer.owns.map((at) => network.parameters[at]), "gradient", step),
    colour: (value, [low, high]) => (value === 0 ? "var(--heat-none)" : Number.isFinite(value) ? good(0.12 + 0.88 * (high > low ? Math.log(value / low) / Math.log(high / low) : 0.5)) : bad(1)),
    text: multiple,
    marks: ([low, high]) => (low > 0 ? [0, 0.5, 1].map((share) => low * (high / low) ** share) : []),
  },
  dead: {
    title: "Dead units",
    about: "The share of a ReLU's units that are 0 for all samples of a batch. A tenth or two is usual.",
    value: (layer, network, step) => {
      const value = of_operations("dead")(layer, network, step);
      // Where operations are not told of, rows of weights without a gradient show the same.
      return !network.operations.length && layer.kind !== "Embedding"
        ? found(most(layer.owns.map((at) => at_step(network.parameters[at], "dead", step)))) : value;
    },
    colour: (value) => bad(value),
    text: percent,
    marks: () => [0, 0.25, 0.5, 0.75, 1],
  },
  saturated: {
    title: "Saturation",
    about: "The share of the results of tanh and sigmoid that lie where the function is flat. A few hundredths are usual at first.",
    value: of_operations("saturated"),
    colour: (value) => bad(value),
    text: percent,
    marks: () => [0, 0.25, 0.5, 0.75, 1],
  },
};

// The values of a figure at all layers, and their range.
export function values(kind, network, step) {
  const all = network.layers.map((layer) => FIGURES[kind].value(layer, network, step));
  const positive = all.filter((value) => value > 0 && Number.isFinite(value));
  return { all, range: [Math.min(...positive), Math.max(...positive)] };
}

// What the colours mean.
export function legend(kind, range) {
  const { colour, marks, text, title } = FIGURES[kind];
  const shown = marks(range).filter(Number.isFinite);
  if (!shown.length) return element("div", { class: "scale" });
  const stops = shown.map((mark) => colour(mark, range)).join(", ");
  return element("div", { class: "scale", role: "img", "aria-label": `${title} from ${text(shown[0])} to ${text(shown.at(-1))}` },
    element("div", { class: "band", style: { background: `linear-gradient(to right, ${stops})` } }),
    element("div", { class: "ends" }, shown.filter((_, at) => at % 2 === 0).map((mark) => element("span", {}, text(mark)))));
}
