// A matrix of scatter plots: each column against each, and on the diagonal how it lies.

import { number, svg } from "../dom.js";
import { empty, make } from "../plot/figure.js";
import { extent, roomy } from "../plot/scale.js";

const BINS = 24;
const GAP = 8;

function draw(view) {
  const { root, width, options } = view;
  const { names, points, of, classes, colour } = options;
  const called = (at) => classes[of[at]] ?? "";
  const table = () => [[...names, "class"], ...points.map((row, at) => [...row, called(at)])];
  const legend = classes.map((name, at) => ({ name, colour: colour(at) }));
  if (!names.length || !points.length) return { ...empty(view, "no columns of numbers"), table };
  const [left, below] = [16, 18];
  const side = Math.max(60, Math.min(names.length > 2 ? 260 : 340, (width - left) / names.length));
  const inner = side - GAP;
  options.height = side * names.length + below;
  root.setAttribute("height", options.height);
  const ranges = names.map((_, at) => roomy(extent(points.map((row) => row[at])) ?? [0, 1], false, 0.06));
  const share = (value, at) => (value - ranges[at][0]) / (ranges[at][1] - ranges[at][0]);
  const groups = [...new Set(of)].sort((a, b) => (a ?? -1) - (b ?? -1));
  const corner = (i, j) => [left + j * side, i * side + 2];
  const spot = (row, i, j) => {
    const [x, y] = [points[row][j], points[row][i]];
    if (x === null || y === null) return null;
    const [px, py] = corner(i, j);
    return [px + share(x, j) * inner, py + (1 - share(y, i)) * inner];
  };
  const size = Math.max(2, Math.min(4.5, side / 40));
  names.forEach((name, i) => names.forEach((_, j) => {
    const [x, y] = corner(i, j);
    root.append(svg("rect", { class: "frame", x: x + 0.5, y: y + 0.5, width: inner, height: inner, rx: 3 }));
    if (i === j) return diagonal(root, i, x, y);
    const paths = new Map();
    for (let row = 0; row < points.length; row += 1) {
      const place = spot(row, i, j);
      if (place) paths.set(of[row], `${paths.get(of[row]) ?? ""}M${place[0].toFixed(1)} ${place[1].toFixed(1)}h0`);
    }
    for (const group of groups) {
      if (paths.has(group)) root.append(svg("path", { class: "points", d: paths.get(group), "stroke-width": size, style: { stroke: colour(group) } }));
    }
  }));
  // The ends of each axis, along the lower edge.
  names.forEach((_, j) => {
    const [x] = corner(0, j);
    const y = side * names.length + 12;
    const [low, high] = extent(points.map((row) => row[j])) ?? [NaN, NaN];
    if (side < 90) return;
    root.append(svg("text", { class: "tick", x: x + 2, y }, number(low, 3)));
    root.append(svg("text", { class: "tick", x: x + inner - 2, y, "text-anchor": "end" }, number(high, 3)));
  });

  function diagonal(root, at, x, y) {
    const counts = new Map(groups.map((group) => [group, Array(BINS).fill(0)]));
    points.forEach((row, index) => {
      if (row[at] !== null) counts.get(of[index])[Math.min(BINS - 1, Math.floor(share(row[at], at) * BINS))] += 1;
    });
    const most = Math.max(1, ...[...counts.values()].flat());
    const high = inner - 26;
    for (const [group, own] of counts) {
      const steps = own.map((count) => `V${(y + inner - (count / most) * high).toFixed(1)}h${(inner / BINS).toFixed(3)}`).join("");
      root.append(svg("path", { class: "steps", d: `M${x.toFixed(1)} ${y + inner}${steps}V${y + inner}`, style: { fill: colour(group), stroke: colour(group) } }));
    }
    const letters = Math.max(4, Math.floor(inner / 7.4));
    const name = names[at].length > letters ? `${names[at].slice(0, letters - 1)}…` : names[at];
    root.append(svg("text", { class: "label strong", x: x + inner / 2, y: y + 16, "text-anchor": "middle" }, svg("title", {}, names[at]), name));
  }

  const near = (px, py) => {
    const [i, j] = [Math.floor((py - 2) / side), Math.floor((px - left) / side)];
    if (!(i in names) || !(j in names) || i === j) return null;
    let [best, least] = [-1, 14 ** 2];
    for (let row = 0; row < points.length; row += 1) {
      const place = spot(row, i, j);
      if (!place) continue;
      const far = (place[0] - px) ** 2 + (place[1] - py) ** 2;
      if (far < least) [best, least] = [row, far];
    }
    if (best < 0) return null;
    const [x, y] = spot(best, i, j);
    const lines = [j, i].map((at) => ({ name: names[at], value: number(points[best][at], 5) }));
    return { x, y, title: called(best) || "row", lines, dots: [[x, y, colour(of[best])]] };
  };
  const stops = names.length > 1 ? points.map((_, row) => spot(row, 0, 1)).filter(Boolean).sort((a, b) => a[0] - b[0]) : [];
  return { near, stops, legend, table };
}

export const matrix = (options) => make(options, draw);
