// What all plots have: a title, a menu that saves, axes, a legend, values under the pointer and for the keyboard, and zoom.

import { element, svg } from "../dom.js";
import { choose } from "./part.js";
import { save } from "./save.js";
import { scale } from "./scale.js";

// Figures are drawn again when they have another width.
const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  if (Math.floor(target.clientWidth) !== target.drawn) target.parentElement?.redraw?.();
}));

// The menu of what has `save(kind)`.
export function menu(figure) {
  const items = ["svg", "png", "csv"].map((kind) => element("button", {
    type: "button", "data-kind": kind,
    onclick: () => {
      box.open = false;
      figure.save(kind);
    },
  }, `Save ${kind.toUpperCase()}`));
  const box = element("details", {
    class: "menu",
    onfocusout: (event) => { if (!box.contains(event.relatedTarget)) box.open = false; },
    onkeydown: (event) => {
      if (event.key !== "Escape" || !box.open) return;
      box.open = false;
      box.firstChild.focus();
    },
  }, element("summary", { "aria-label": "Save", title: "Save" }), element("div", { class: "items" }, items));
  return box;
}

// A figure. `draw(view)` fills `view.root`, an SVG element of `view.width` x `view.height` pixels, from `view.options`, and returns
//
//   near(x, y)   what lies at a place: { x, y, title, lines: [{ colour, name, value }], touch }, or nothing
//   stops        places that the keyboard goes to, [[x, y], ..]
//   legend       [{ name, colour }]
//   table()      rows for CSV
//   zoom         { from, to, top, bottom, value(x), at(value) }: between which places of the drawing one zooms; nothing if one does not
export function make(given, draw) {
  const options = { height: 220, ...given };
  const title = element("span", { class: "title" });
  const aside = element("span", { class: "aside" });
  const hint = element("p", { class: "hint" });
  const root = svg("svg", { class: "drawing", tabindex: 0, role: "img" });
  const stage = element("div", { class: "stage" }, root);
  const tip = element("div", { class: "tip", hidden: true });
  const said = element("p", { class: "unseen", "aria-live": "polite" });
  const legend = element("ul", { class: "legend" });
  const figure = element("figure", { class: "plot" });
  let drawn = {};
  let stop = -1;
  let whole = null; // the values at the ends of the axis when all was shown last
  let seen = null; // the place under the pointer of which values are told
  figure.options = options;
  figure.append(element("figcaption", {}, title, aside, menu(figure)), hint, stage, legend, tip, said);

  figure.redraw = () => {
    const width = Math.floor(stage.clientWidth);
    if (width < 40) return;
    stage.drawn = width;
    const height = options.height;
    root.replaceChildren();
    root.setAttribute("width", width);
    root.setAttribute("height", height);
    title.textContent = options.title ?? "";
    aside.textContent = options.aside ?? "";
    hint.textContent = options.note ?? "";
    hint.hidden = !options.note;
    root.setAttribute("aria-label", options.title ?? "Plot");
    drawn = draw({ root, width, height, options, figure }) ?? {};
    if (drawn.zoom && !options.range) whole = [drawn.zoom.from, drawn.zoom.to].map(drawn.zoom.value);
    const entries = drawn.legend ?? [];
    legend.hidden = entries.length < 2;
    figure.classList.toggle("listed", options.listed === true);
    legend.replaceChildren(...entries.map(({ name, colour }) =>
      element("li", { title: name }, element("i", { style: { background: colour } }), element("span", {}, name))));
    stop = -1;
    tell(seen);
  };
  figure.update = (changes) => {
    Object.assign(options, changes);
    figure.redraw();
  };
  figure.save = (kind) => {
    // Colours are looked up where the page has them.
    const entries = (drawn.legend ?? []).map(({ name }, at) =>
      ({ name, colour: getComputedStyle(legend.children[at].firstChild).backgroundColor }));
    return save(kind, options.title ?? "plot", root, entries.length > 1 ? entries : [], drawn.table).catch((error) => {
      [hint.hidden, hint.textContent] = [false, `This plot cannot be saved: ${error.message}`];
    });
  };

  function show(found, speak) {
    root.querySelector(".cursor")?.remove();
    if (!found) {
      tip.hidden = true;
      return;
    }
    const cursor = svg("g", { class: "cursor unsaved" });
    if (found.line) cursor.append(svg("line", { x1: found.x, x2: found.x, y1: found.line[0], y2: found.line[1] }));
    for (const [x, y, colour] of found.dots ?? []) cursor.append(svg("circle", { cx: x, cy: y, r: 4, style: { fill: colour } }));
    if (found.box) {
      const [x, y, width, height] = found.box;
      cursor.append(svg("rect", { x, y, width, height }));
    }
    root.append(cursor);
    const rows = found.lines.map(({ colour, name, value }) => element("tr", {},
      element("td", {}, colour && element("i", { style: { background: colour } }), name), element("td", {}, value)));
    tip.replaceChildren(element("p", {}, found.title), element("table", {}, rows));
    tip.hidden = false;
    // To the right of the place, or else to its left; within the window, and not always within the figure.
    const edge = figure.getBoundingClientRect().left;
    const [left, wide] = [stage.offsetLeft, tip.offsetWidth];
    const [least, most] = [8 - edge, document.documentElement.clientWidth - edge - wide - 8];
    const right = left + found.x + 14;
    const x = right <= most ? right : left + found.x - wide - 14;
    tip.style.left = `${Math.max(least, Math.min(x, most))}px`;
    tip.style.top = `${stage.offsetTop + Math.max(0, Math.min(found.y - 20, options.height - tip.offsetHeight))}px`;
    if (speak) said.textContent = `${found.title}: ${found.lines.map(({ name, value }) => `${name} ${value}`).join(", ")}`;
  }

  // Values at a place, which are told of what is drawn there next too; without a place none.
  function tell(place = null) {
    seen = place;
    show(place && drawn.near?.(...place));
  }

  function zoom(range, done = true) {
    options.range = range;
    figure.redraw();
    if (done) options.onzoom?.(range);
  }

  choose(root, {
    axis: () => drawn.zoom && { ...drawn.zoom, whole: whole ?? options.range },
    range: () => options.range ?? null,
    tell,
    zoom,
  });
  root.addEventListener("click", ({ clientX, clientY }) => {
    const { left, top } = root.getBoundingClientRect();
    drawn.near?.(clientX - left, clientY - top)?.touch?.();
  });
  root.addEventListener("blur", () => tell());
  root.addEventListener("keydown", (event) => {
    const { stops = [] } = drawn;
    const most = stops.length - 1;
    const far = event.shiftKey ? Math.ceil(stops.length / 20) : 1;
    const moves = { ArrowRight: stop + far, ArrowLeft: stop - far, Home: 0, End: most };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves && most >= 0) {
      stop = Math.max(0, Math.min(most, moves[event.key]));
      show(drawn.near(...stops[stop]), true);
    } else if (event.key === "Enter" && stops[stop]) drawn.near(...stops[stop])?.touch?.();
    else if (event.key === "Escape" && !tip.hidden) tell();
    else if (drawn.zoom && ["+", "-", "0", "Escape"].includes(event.key)) {
      const { from, to, value } = drawn.zoom;
      const middle = stops[stop]?.[0] ?? (from + to) / 2;
      const half = (to - from) * (event.key === "+" ? 0.25 : 1);
      if ("+-".includes(event.key)) zoom([value(middle - half), value(middle + half)]);
      else zoom(null);
    } else return;
    event.preventDefault();
  });
  sizes.observe(stage);
  return figure;
}

const WIDE = 7.2; // of a letter, about, in pixels

// The place for a drawing within margins, with axes along two sides; `x` and `y` are { range, label, scale, format },
// and { names: true } for an axis whose marks are written by others.
export function axes({ root, width, height }, x, y) {
  const bottom = height - (x.label ? 40 : 24);
  const top = 10;
  const up = scale(y.range, [bottom, top], y, 44);
  const left = Math.ceil(Math.max(12, ...up.labels.map((label) => label.length * WIDE))) + 10 + (y.label ? 18 : 0);
  const right = width - 14;
  const along = scale(x.range, [left, right], x, 86);
  const group = svg("g", { class: "axes" });
  up.marks.forEach((mark, at) => {
    const place = Math.round(up.at(mark)) + 0.5;
    group.append(svg("line", { class: "grid", x1: left, x2: right, y1: place, y2: place }));
    group.append(svg("text", { x: left - 8, y: place + 4, "text-anchor": "end" }, up.labels[at]));
  });
  let free = -Infinity;
  (x.names ? [] : along.marks).forEach((mark, at) => {
    const place = Math.round(along.at(mark)) + 0.5;
    const half = (along.labels[at].length * WIDE) / 2;
    group.append(svg("line", { class: "mark", x1: place, x2: place, y1: bottom, y2: bottom + 4 }));
    if (place - half < free) return;
    free = place + half + 8;
    const inside = Math.min(place, width - half - 2);
    group.append(svg("text", { x: inside, y: bottom + 17, "text-anchor": "middle" }, along.labels[at]));
  });
  group.append(svg("line", { class: "axis", x1: left, x2: right, y1: bottom + 0.5, y2: bottom + 0.5 }));
  if (x.label) group.append(svg("text", { class: "label", x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }, x.label));
  if (y.label) {
    const middle = (top + bottom) / 2;
    group.append(svg("text", { class: "label", x: 12, y: middle, transform: `rotate(-90 12 ${middle})`, "text-anchor": "middle" }, y.label));
  }
  root.append(group);
  return { x: along, y: up, left, right, top, bottom };
}

// A sentence in the middle of a drawing that has nothing to show.
export function empty({ root, width, height }, text) {
  root.append(svg("text", { class: "empty", x: width / 2, y: height / 2, "text-anchor": "middle" }, text));
  return { table: () => [] };
}

let clips = 0;

// A group that shows nothing outside the axes.
export function clipped(root, { left, right, top, bottom }) {
  clips += 1;
  const id = `clip-${clips}`;
  const shape = svg("rect", { x: left, y: top - 4, width: right - left, height: bottom - top + 5 });
  const group = svg("g", { "clip-path": `url(#${id})` });
  root.append(svg("clipPath", { id }, shape), group);
  return group;
}
