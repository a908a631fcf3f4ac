// The drawing of a network: a box for each layer, in the colour of a figure.

import { element, svg } from "../dom.js";
import { layout, path } from "./layout.js";

const WIDE = 232;
const LETTERS = 30;

const clip = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const sizes = (output) => output.join(" × ");
const is_round = ({ kind }) => kind === "Sum" || kind === "Join";
const is_end = ({ kind }) => kind === "Input" || kind === "Output";

// What a layer is called: by its path, unless that is only its number.
export function called(layer) {
  if (layer.kind === "Sum") return "sum";
  if (layer.kind === "Join") return "join";
  if (layer.kind === "Input") return "input";
  if (layer.kind === "Output") return layer.path || "output";
  const own = layer.path.split(".").at(-1);
  return /^\d*$/.test(own) ? layer.layer.split("<")[0] : layer.path;
}

// Its type with what is between the brackets, such as `Linear<64, 32>`; nothing if that says no more than its name.
const type = (layer) => (called(layer) === layer.layer ? "" : layer.layer);

function box(layer, at, place, choose) {
  const name = called(layer);
  const [x, y] = [place.across, place.along];
  const times = layer.count > 1 ? ` ×${layer.count}` : "";
  const high = tall(layer);
  const group = svg("g", {
    class: `layer ${layer.kind.toLowerCase()}`, transform: `translate(${Math.round(x)} ${Math.round(y)})`, "data-at": at,
    ...(is_round(layer) || is_end(layer) ? {} : { role: "button", tabindex: -1, "aria-pressed": "false" }),
  });
  if (is_round(layer)) {
    group.append(svg("circle", { r: 11 }), svg("text", { class: "sign", y: 4.5, "text-anchor": "middle" }, layer.kind === "Sum" ? "+" : "‖"));
  } else if (is_end(layer)) {
    const text = [name, sizes(layer.output)].filter(Boolean).join("  ");
    group.append(svg("text", { class: "end", y: 4, "text-anchor": "middle" }, clip(text, LETTERS)));
  } else {
    const under = type(layer);
    group.append(svg("rect", { x: -WIDE / 2, y: -high / 2, width: WIDE, height: high, rx: 7 }));
    group.append(svg("text", { class: "name", x: 12 - WIDE / 2, y: under ? -3 : 4 }, clip(name + times, under ? 26 : 24)));
    if (under) group.append(svg("text", { class: "type", x: 12 - WIDE / 2, y: 13 }, clip(under, LETTERS)));
    group.append(svg("text", { class: "figure", x: WIDE / 2 - 10, y: under ? -3 : 4, "text-anchor": "end" }));
    group.append(svg("g", { class: "badge", transform: `translate(${WIDE / 2 - 2} ${2 - high / 2})` },
      svg("circle", { r: 8 }), svg("text", { y: 4, "text-anchor": "middle" }, "!")));
    group.append(svg("title", {}, [layer.path, layer.layer + times, layer.output.length && `gives ${sizes(layer.output)}`].filter(Boolean).join(" · ")));
    group.addEventListener("click", () => choose(at));
  }
  return group;
}

const tall = (layer) => (is_round(layer) ? 22 : is_end(layer) ? 18 : type(layer) ? 42 : 26);

// The drawing with `choose(at)`, which is called when a layer is chosen, and
//
//   paint(colours, texts, label)   a colour and a text for each layer
//   mark(at, troubled)             which layer is chosen, and which have something wrong
//   middle(at)                     how far from its left edge a layer lies
export function drawing(layers, choose) {
  const edges = layers.flatMap((layer, at) => layer.inputs.map((from) => [from, at]));
  const places = layout(layers.map((layer) => ({ along: tall(layer), across: is_round(layer) || is_end(layer) ? 40 : WIDE })), edges,
    { between: 26, within: 18 });
  const [wide, high] = [places.across + 16, places.along + 16];
  const root = svg("svg", { class: "net", width: wide, height: high, viewBox: `-8 -8 ${wide} ${high}`, role: "group", "aria-label": "Layers; arrow keys go from one to the next" });
  edges.forEach((edge, at) => {
    const corners = places.edges[at];
    root.append(svg("path", { class: "edge", d: path(corners, false) }));
    const end = corners.at(-1);
    root.append(svg("path", { class: "head", d: `M${end.across - 4} ${end.along - 6}h8l-4 6z` }));
  });
  // The sizes of what leaves a layer, where they are new.
  layers.forEach((layer, at) => {
    const first = layers[layer.inputs[0]];
    const same = first && sizes(first.output) === sizes(layer.output);
    if (!layer.output.length || same || is_end(layer)) return;
    const { along, across } = places.nodes[at];
    root.append(svg("text", { class: "sizes", x: across + 8, y: along + tall(layer) / 2 + 16 }, clip(sizes(layer.output), 24)));
  });
  const boxes = layers.map((layer, at) => box(layer, at, places.nodes[at], choose));
  root.append(...boxes);
  const choices = layers.flatMap((layer, at) => (is_round(layer) || is_end(layer) ? [] : [at]));
  root.addEventListener("keydown", (event) => {
    const here = choices.indexOf(Number(event.target.closest("[data-at]")?.dataset.at));
    const to = { ArrowDown: here + 1, ArrowRight: here + 1, ArrowUp: here - 1, ArrowLeft: here - 1, Home: 0, End: choices.length - 1, Enter: here, " ": here }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const at = choices[Math.max(0, Math.min(choices.length - 1, to))];
    if (at === undefined) return;
    choose(at);
    boxes[at].focus();
  });
  root.paint = (colours, texts, label) => boxes.forEach((group, at) => {
    const shape = group.querySelector("rect");
    if (!shape) return;
    shape.style.fill = colours[at];
    group.querySelector(".figure").textContent = texts[at];
    group.setAttribute("aria-label", `${called(layers[at])}, ${layers[at].layer}${texts[at] ? `, ${label} ${texts[at]}` : ""}`);
  });
  root.mark = (chosen, troubled) => boxes.forEach((group, at) => {
    if (!group.hasAttribute("role")) return;
    group.classList.toggle("chosen", at === chosen);
    group.classList.toggle("troubled", troubled.has(layers[at].path));
    group.setAttribute("aria-pressed", String(at === chosen));
    group.setAttribute("tabindex", at === (chosen ?? choices[0]) ? 0 : -1);
  });
  root.middle = (at) => places.nodes[at]?.across ?? places.across / 2;
  return element("div", { class: "netbox" }, root);
}
