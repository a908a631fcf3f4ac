// Bars: histograms, and a value for each name. Boxes: how values lie.

import { number, svg } from "../dom.js";
import { axes, empty, make } from "./figure.js";
import { extent, roomy, written } from "./scale.js";

const PLAIN = "var(--series-0)";

// Names below the drawing, turned where there is no room for them.
function names(view, items, frame) {
  const { left, right, bottom } = frame;
  const each = (right - left) / items.length;
  const letters = Math.max(...items.map(({ name }) => String(name).length));
  const turned = letters * 6.6 > each;
  const every = Math.ceil((turned ? 14 : 10) / each);
  items.forEach(({ name }, at) => {
    if (at % every) return;
    const x = left + (at + 0.5) * each;
    const text = String(name).length > 14 ? `${String(name).slice(0, 13)}…` : String(name);
    const turn = turned ? { transform: `rotate(-40 ${x} ${bottom + 14})`, "text-anchor": "end" } : { "text-anchor": "middle" };
    view.root.append(svg("text", { class: "tick", x, y: bottom + 16, ...turn }, text));
  });
  return each;
}

// Axes whose x is names.
function named(view, items, range) {
  const { width, options } = view;
  const letters = Math.min(14, Math.max(...items.map(({ name }) => String(name).length)));
  const room = letters * 6.6 > (width - 60) / items.length ? Math.ceil(letters * 4.4) + 4 : 0;
  const inner = { ...view, height: view.height - room };
  return axes(inner, { range: [0, items.length], names: true }, { ...options.y, range });
}

function bars_of_names(view) {
  const { items, y } = view.options;
  const table = () => [["name", y?.label ?? "value"], ...items.map(({ name, value }) => [name, value])];
  const up = extent([0, ...items.map(({ value }) => value)]);
  if (!items.length || !up) return { ...empty(view, "nothing yet"), table };
  const high = up[0] === up[1] ? [0, 1] : up;
  const frame = named(view, items, [high[0], high[1] + (high[1] - high[0]) * 0.05]);
  const each = names(view, items, frame);
  const zero = frame.y.at(0);
  const gap = Math.min(8, each * 0.15);
  items.forEach(({ value, colour = PLAIN }, at) => {
    if (!Number.isFinite(value)) return;
    const end = frame.y.at(value);
    const shape = { x: frame.left + at * each + gap, y: Math.min(zero, end), width: Math.max(1, each - 2 * gap), height: Math.abs(end - zero) };
    view.root.append(svg("rect", { class: "bar", ...shape, style: { fill: colour } }));
  });
  const near = (x) => {
    const at = Math.floor((x - frame.left) / each);
    const item = items[at];
    if (!item) return null;
    return {
      x: frame.left + (at + 0.5) * each, y: frame.y.at(item.value || 0), title: String(item.name),
      box: [frame.left + at * each, frame.top, each, frame.bottom - frame.top],
      lines: [{ colour: item.colour ?? PLAIN, name: y?.label ?? "value", value: written(item.value, y) }],
    };
  };
  const stops = items.map((_, at) => [frame.left + (at + 0.5) * each, frame.top]);
  return { near, stops, table };
}

function histogram(view) {
  const { bins, x, y } = view.options;
  const several = view.options.series ?? [{ name: y?.label ?? "count", colour: PLAIN, bins: bins ?? [] }];
  const legend = several.map(({ name, colour }) => ({ name, colour }));
  const table = () => [
    ["series", "low", "high", "count"],
    ...several.flatMap(({ name, bins: all }) => all.map(([low, high, count]) => [name, low, high, count])),
  ];
  const all = several.flatMap((one) => one.bins);
  const across = extent(all.flatMap(([low, high]) => [low, high]));
  const most = Math.max(0, ...all.map(([, , count]) => count));
  if (!across || !most) return { ...empty(view, "nothing to count"), legend, table };
  const logarithmic = y?.scale === "log";
  const range = logarithmic ? [0.5, most * 1.5] : [0, most * 1.05];
  const wide = across[0] === across[1] ? roomy(across) : across;
  const frame = axes(view, { ...x, range: wide }, { format: "count", ...y, range });
  const through = several.length > 1 ? "bar through" : "bar";
  for (const { bins: own, colour } of several) {
    // Of many that lie over each other the outlines are seen.
    if (several.length > 2) {
      const steps = own.map(([low, high, count]) =>
        `L${frame.x.at(low).toFixed(1)} ${frame.y.at(Math.max(count, range[0])).toFixed(1)}H${frame.x.at(high).toFixed(1)}`).join("");
      if (!own.length) continue;
      const d = `M${frame.x.at(own[0][0]).toFixed(1)} ${frame.bottom}${steps}V${frame.bottom}`;
      view.root.append(svg("path", { class: "steps", d, style: { fill: colour, stroke: colour } }));
      continue;
    }
    for (const [low, high, count] of own) {
      if (!count) continue;
      const [from, to] = low === high ? [frame.x.at(low) - 4, frame.x.at(low) + 4] : [frame.x.at(low), frame.x.at(high)];
      const top = frame.y.at(count);
      const gap = to - from > 6 ? 1 : 0;
      const shape = { x: from + gap / 2, y: top, width: Math.max(0.5, to - from - gap), height: Math.max(0, frame.bottom - top) };
      view.root.append(svg("rect", { class: through, ...shape, style: { fill: colour } }));
    }
  }
  const near = (px, py) => {
    if (px < frame.left - 4 || px > frame.right + 4) return null;
    const value = frame.x.value(px);
    const found = several.map(({ name, colour, bins: own }) => ({ name, colour, bin: own.find(([low, high]) => value >= low && value <= high) }))
      .filter(({ bin }) => bin);
    if (!found.length) return null;
    const [low, high] = found[0].bin;
    return {
      x: px, y: py, title: `${written(low, x)} to ${written(high, x)}`,
      lines: found.map(({ name, colour, bin }) => ({ name, colour, value: number(bin[2]) })),
    };
  };
  const longest = several.reduce((a, b) => (b.bins.length > a.length ? b.bins : a), []);
  const stops = longest.map(([low, high]) => [(frame.x.at(low) + frame.x.at(high)) / 2, frame.top + 20]);
  return { near, stops, legend, table };
}

export const bars = (options) => make(options, (view) => (view.options.items ? bars_of_names(view) : histogram(view)));

function draw_boxes(view) {
  const { items, y } = view.options;
  const parts = ["min", "q25", "median", "q75", "max"];
  const table = () => [["name", ...parts, "outliers"],
    ...items.map((item) => [item.name, ...parts.map((part) => item[part]), (item.outliers ?? []).join(" ")])];
  const logarithmic = y?.scale === "log";
  const up = extent(items.flatMap((item) => [item.min, item.max, ...(item.outliers ?? [])]), logarithmic);
  if (!up) return { ...empty(view, "no values"), table };
  const frame = named(view, items, roomy(up, logarithmic));
  const each = names(view, items, frame);
  const half = Math.min(28, each * 0.3);
  items.forEach((item, at) => {
    const middle = frame.left + (at + 0.5) * each;
    const [min, q25, median, q75, max] = parts.map((part) => frame.y.at(item[part]));
    const style = { stroke: item.colour ?? PLAIN };
    const group = svg("g", { class: "box", style },
      svg("path", { d: `M${middle} ${min}V${q25}M${middle} ${q75}V${max}M${middle - half / 2} ${min}h${half}M${middle - half / 2} ${max}h${half}` }),
      svg("rect", { x: middle - half, y: q75, width: 2 * half, height: Math.max(0, q25 - q75), style: { fill: item.colour ?? PLAIN } }),
      svg("path", { class: "median", d: `M${middle - half} ${median}h${2 * half}` }));
    const dots = (item.outliers ?? []).slice(0, 500).map((value) => `M${middle} ${frame.y.at(value).toFixed(1)}h0`).join("");
    if (dots) group.append(svg("path", { class: "outliers", d: dots }));
    view.root.append(group);
  });
  const near = (x) => {
    const at = Math.floor((x - frame.left) / each);
    const item = items[at];
    if (!item) return null;
    const lines = [...parts].reverse().map((part) => ({ name: part, value: written(item[part], y) }));
    if (item.outliers?.length) lines.push({ name: "outliers", value: number(item.outliers.length) });
    return {
      x: frame.left + (at + 0.5) * each, y: frame.top + 20, title: String(item.name), lines,
      box: [frame.left + at * each, frame.top, each, frame.bottom - frame.top],
    };
  };
  return { near, stops: items.map((_, at) => [frame.left + (at + 0.5) * each, frame.top]), table };
}

export const boxes = (options) => make(options, draw_boxes);
