// A heat map: a colour for each value of a table.

import { number, svg } from "../dom.js";
import { empty, make } from "./figure.js";

// Cells beyond this number are one picture with a pixel for each.
const SHAPES = 4000;

// Colours from low to high: one hue from pale to deep, or two hues around a middle. They are the theme's own.
function palette(root, diverging) {
  const rgb = (name) => {
    root.style.color = `var(${name})`;
    const parts = getComputedStyle(root).color.match(/[\d.]+/g).map(Number);
    root.style.color = "";
    return parts.slice(0, 3);
  };
  const stops = (diverging ? ["--heat-low", "--heat-none", "--heat-high"] : ["--heat-none", "--heat-high"]).map(rgb);
  return (share) => {
    const place = Math.max(0, Math.min(1, share)) * (stops.length - 1);
    const at = Math.min(stops.length - 2, Math.floor(place));
    return stops[at].map((part, plane) => Math.round(part + (stops[at + 1][plane] - part) * (place - at)));
  };
}

const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

// Dark letters on pale colours, pale ones on dark.
const ink = ([r, g, b]) => (0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#16181d" : "#ffffff");

function cells(values, shade) {
  const [high, wide] = [values.length, values[0].length];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  const image = context.createImageData(wide, high);
  values.flat().forEach((value, at) => Number.isFinite(value) && image.data.set([...shade(value), 255], 4 * at));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function draw(view) {
  const { root, width, options } = view;
  const { rows, columns, values, x, y, diverging } = options;
  const table = () => [["", ...columns], ...rows.map((name, at) => [name, ...values[at]])];
  if (!rows.length || !columns.length) return { ...empty(view, "nothing yet"), table };
  const finite = values.flat().filter(Number.isFinite);
  const low = options.low ?? finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = options.high ?? finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const colour = palette(root, diverging);
  const shade = (value) => colour(high > low ? (value - low) / (high - low) : 0.5);

  const letters = (names) => Math.min(16, Math.max(...names.map((name) => String(name).length)));
  const left = Math.min(width * 0.35, letters(rows) * 6.6 + 12) + (y?.label ? 20 : 0);
  const room = width - left - 12;
  const side = Math.max(1, Math.min(room / columns.length, options.side ?? 46));
  const tall = Math.min(side, Math.max(1, 640 / rows.length));
  const turned = letters(columns) * 6.6 > side - 4;
  const top = x?.label ? 24 : 8;
  const bottom = top + tall * rows.length;
  const below = turned ? letters(columns) * 5.2 + 14 : 24;
  const scaled = 34;
  root.setAttribute("height", bottom + below + scaled);
  if (rows.length * columns.length > SHAPES) {
    const shape = { x: left, y: top, width: side * columns.length, height: bottom - top, preserveAspectRatio: "none" };
    root.append(svg("image", { class: "pixels", href: cells(values, shade), ...shape }));
  } else {
    values.forEach((row, i) => row.forEach((value, j) => {
      const fill = Number.isFinite(value) ? css(shade(value)) : "none";
      const gap = Math.min(side, tall) > 8 ? 1 : 0;
      const shape = { x: left + j * side, y: top + i * tall, width: side - gap, height: tall - gap };
      root.append(svg("rect", { ...shape, fill }));
      const text = number(options.places === undefined ? value : Number(value.toFixed(options.places)), 2);
      if (Number.isFinite(value) && tall >= 16 && text.length * 6.4 < side - 4) {
        const place = { x: shape.x + (side - gap) / 2, y: shape.y + tall / 2 + 4, "text-anchor": "middle" };
        root.append(svg("text", { class: "cell", ...place, style: { fill: ink(shade(value)) } }, text));
      }
    }));
  }
  const clip = (name) => (String(name).length > 16 ? `${String(name).slice(0, 15)}…` : String(name));
  const rowstep = Math.ceil(13 / tall);
  rows.forEach((name, i) => i % rowstep || root.append(
    svg("text", { class: "tick", x: left - 6, y: top + (i + 0.5) * tall + 4, "text-anchor": "end" }, clip(name))));
  const columnstep = Math.ceil((turned ? 18 : 13) / side);
  columns.forEach((name, j) => {
    if (j % columnstep) return;
    const [px, py] = [left + (j + 0.5) * side, bottom + 15];
    const turn = turned ? { transform: `rotate(-50 ${px} ${py - 4})`, "text-anchor": "end" } : { "text-anchor": "middle" };
    root.append(svg("text", { class: "tick", x: px, y: py, ...turn }, clip(name)));
  });
  if (x?.label) root.append(svg("text", { class: "label", x: left + (side * columns.length) / 2, y: 14, "text-anchor": "middle" }, x.label));
  if (y?.label) {
    const middle = (top + bottom) / 2;
    root.append(svg("text", { class: "label", x: 12, y: middle, transform: `rotate(-90 12 ${middle})`, "text-anchor": "middle" }, y.label));
  }
  // What the colours mean.
  const bar = Math.min(160, room);
  const base = bottom + below + 8;
  for (let at = 0; at < 40; at += 1) {
    root.append(svg("rect", { x: left + (at * bar) / 40, y: base, width: bar / 40 + 0.5, height: 8, fill: css(colour((at + 0.5) / 40)) }));
  }
  root.append(svg("text", { class: "tick", x: left, y: base + 22 }, number(low, 3)));
  root.append(svg("text", { class: "tick", x: left + bar, y: base + 22, "text-anchor": "end" }, number(high, 3)));
  if (options.label) root.append(svg("text", { class: "tick", x: left + bar + 10, y: base + 8 }, options.label));

  const near = (px, py) => {
    const [i, j] = [Math.floor((py - top) / tall), Math.floor((px - left) / side)];
    if (!(i in rows) || !(j in columns)) return null;
    return {
      x: left + (j + 0.5) * side, y: top + i * tall, box: [left + j * side, top + i * tall, side, tall],
      title: `${y?.label ? `${y.label} ` : ""}${rows[i]}, ${x?.label ? `${x.label} ` : ""}${columns[j]}`,
      lines: [{ name: options.label ?? "value", value: number(values[i][j]) }],
      touch: options.ontouch && (() => options.ontouch(i, j)),
    };
  };
  const stops = rows.flatMap((_, i) => columns.map((__, j) => [left + (j + 0.5) * side, top + (i + 0.5) * tall]));
  return { near, stops, table };
}

export const heat = (options) => make(options, draw);
