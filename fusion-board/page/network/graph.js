// The recorded computation of a loss: operations as boxes from left to right, with value and gradient in each.

import { element, later, note, number, select, svg } from "../dom.js";
import { menu } from "../plot/figure.js";
import { save } from "../plot/save.js";
import { layout, path } from "./layout.js";

const LETTER = 6.7;
const MOST = 30; // letters of a line

const clip = (text) => (text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text);

function texts({ label, shape, value, gradient }) {
  const lines = [];
  if (shape?.length) lines.push(["shape", "", shape.join(" × ")]);
  if (value) lines.push(["value", "value", value]);
  if (gradient) lines.push(["gradient", "grad", gradient]);
  return { label: clip(label), lines: lines.map(([kind, word, text]) => [kind, word, clip(text)]) };
}

function size({ label, lines }) {
  const letters = Math.max(label.length + 1, ...lines.map(([, word, text]) => text.length + (word ? 7 : 0)));
  return { along: Math.max(64, Math.ceil(letters * LETTER) + 20), across: 26 + 15 * lines.length };
}

function draw({ nodes, edges }) {
  const said = nodes.map(texts);
  const sizes = said.map(size);
  const places = layout(sizes, edges, { between: 34, within: 12 });
  const [wide, high] = [places.along + 16, places.across + 16];
  const root = svg("svg", { class: "net computation", width: wide, height: high, viewBox: `-8 -8 ${wide} ${high}`, role: "img", "aria-label": `A computation of ${nodes.length} nodes` });
  const lines = edges.map(([from, to], at) => {
    const line = svg("path", { class: "edge", d: path(places.edges[at], true), "data-from": from, "data-to": to });
    const end = places.edges[at].at(-1);
    root.append(line, svg("path", { class: "head", d: `M${end.along - 6} ${end.across - 4}v8l6 -4z` }));
    return line;
  });
  nodes.forEach((node, at) => {
    const [{ along: x, across: y }, { along: width, across: height }] = [places.nodes[at], sizes[at]];
    const { label, lines: own } = said[at];
    const kind = node.is_leaf ? "leaf" : node.shape ? "operation" : "data";
    const group = svg("g", { class: `layer ${kind}`, transform: `translate(${Math.round(x - width / 2)} ${Math.round(y - height / 2)})` },
      svg("rect", { width, height, rx: 7 }), svg("text", { class: "name", x: 10, y: 18 }, label));
    own.forEach(([part, word, text], place) => {
      const base = 33 + 15 * place;
      if (word) group.append(svg("text", { class: "type", x: 10, y: base }, word));
      group.append(svg("text", { class: part, x: word ? width - 10 : 10, y: base, ...(word ? { "text-anchor": "end" } : {}) }, text));
    });
    group.append(svg("title", {}, [node.label, node.shape && `[${node.shape.join(", ")}]`, node.value && `value ${node.value}`, node.gradient && `gradient ${node.gradient}`].filter(Boolean).join("\n")));
    const light = (on) => lines.forEach((line) => on ? line.classList.toggle("lit", Number(line.dataset.from) === at || Number(line.dataset.to) === at) : line.classList.remove("lit"));
    group.addEventListener("pointerenter", () => light(true));
    group.addEventListener("pointerleave", () => light(false));
    root.append(group);
  });
  return root;
}

// The section, with `show(graphs)`, which takes what the server lists.
export function graph(context, run) {
  const [bar, place] = [element("div", { class: "toolbar" }), element("div", { class: "wide canvas", tabindex: 0, role: "region", "aria-label": "Recorded computation; scroll with arrow keys" })];
  const box = element("figure", { class: "section" });
  box.append(element("figcaption", { class: "caption" }, element("h2", {}, "Recorded computation"), menu(box)), bar, place);
  const slider = element("input", { type: "range", min: 0, "aria-label": "Step of the computation" });
  const label = element("output", { class: "muted" });
  let [name, known, shown, asked, last] = [null, [], null, 0, true];
  let answer = null;
  box.save = (kind) => save(kind, `${run} ${name}`, place.firstChild, [], () => {
    const inputs = answer.nodes.map((_, at) => answer.edges.filter(([, to]) => to === at).map(([from]) => from).join(" "));
    const row = ({ label: text, shape, value, gradient }, at) => [at, text, (shape ?? []).join(" x "), value, gradient, inputs[at]];
    return [["node", "operation", "sizes", "value", "gradient", "takes"], ...answer.nodes.map(row)];
  });

  async function load() {
    const steps = known.find((one) => one.name === name)?.steps ?? [];
    if (!steps.length) return;
    slider.max = steps.length - 1;
    if (last) slider.value = steps.length - 1;
    slider.parentElement.hidden = steps.length < 2;
    bar.hidden = steps.length < 2 && known.length < 2;
    const [step, at] = steps[Number(slider.value)];
    label.textContent = `step ${number(step)}`;
    const key = `${name} ${at}`;
    if (key === shown) return;
    asked += 1;
    const own = asked;
    try {
      const found = await context.api("/api/graph", { run, name, at });
      if (own !== asked) return;
      [shown, answer] = [key, found];
      place.replaceChildren(draw(answer));
    } catch (error) {
      if (own === asked) place.replaceChildren(note(error.message));
    }
  }
  slider.addEventListener("input", later(() => {
    last = Number(slider.value) === Number(slider.max);
    load();
  }, 60));

  box.show = (graphs) => {
    box.hidden = !graphs.length;
    if (!graphs.length) return;
    const names = (all) => all.map((one) => one.name).join("\n");
    if (names(known) !== names(graphs)) {
      if (!graphs.some((one) => one.name === name)) name = graphs[0].name;
      const choice = select("Computation", graphs.map((one) => [one.name, one.name]), name, (value) => {
        [name, last] = [value, true];
        load();
      });
      choice.hidden = graphs.length < 2;
      bar.replaceChildren(choice, element("label", { class: "field" }, element("span", {}, "Step"), slider, label));
    }
    known = graphs;
    load();
  };
  return box;
}
