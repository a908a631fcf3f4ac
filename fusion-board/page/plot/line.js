// Lines: curves over steps or time.

import { svg } from "../dom.js";
import { axes, clipped, empty, make } from "./figure.js";
import { extent, roomy, written } from "./scale.js";
import { number } from "../dom.js";

// The place in `points`, which are in the order of x, that is nearest to a value.
function nearest(points, value) {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && value - points[low - 1][0] < points[low][0] - value ? low - 1 : low;
}

// The points inside a range, and one more to each side, so that lines reach the edge.
function inside(points, range) {
  if (!range) return points;
  const first = points.findIndex(([x]) => x >= range[0]);
  const last = points.findLastIndex(([x]) => x <= range[1]);
  if (first < 0 || last < 0) return [];
  return points.slice(Math.max(0, first - 1), last + 2);
}

function path(points, x, y, usable) {
  let text = "";
  let pen = "M";
  for (const [a, b] of points) {
    if (!usable(b)) {
      pen = "M";
      continue;
    }
    text += `${pen}${x.at(a).toFixed(1)} ${y.at(b).toFixed(1)}`;
    pen = "L";
  }
  return text;
}

function draw(view) {
  const { options, root } = view;
  // What is not known yet is not drawn.
  if (!options.series) return { table: () => [] };
  const { series, range = null } = options;
  const [xs, ys] = [options.x?.scale === "log", options.y?.scale === "log"];
  const shown = series
    .map((one) => ({ ...one, points: inside(xs ? one.points.filter(([x]) => x > 0) : one.points, range) }))
    .filter(({ points }) => points.length);
  const legend = series.filter(({ faint }) => !faint).map(({ name, colour }) => ({ name, colour }));
  const table = () => [
    ["series", options.x?.label ?? "x", options.y?.label ?? options.title ?? "y"],
    ...series.filter(({ faint }) => !faint).flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y])),
  ];
  const across = range ?? extent(shown.flatMap(({ points }) => [points[0][0], points.at(-1)[0]]), xs);
  const within = (x) => !range || (x >= range[0] && x <= range[1]);
  const seen = function* () {
    for (const { points } of shown) for (const [x, y] of points) if (within(x)) yield y;
  };
  const up = extent(seen(), ys);
  if (!across || !up) {
    const why = !shown.length ? "nothing yet" : ys ? "no positive values, which a logarithmic axis needs" : "no finite values";
    return { ...empty(view, why), legend, table, zoom: range && { from: 0, to: view.width, value: (place) => place } };
  }
  const wide = across[0] === across[1] ? roomy(across, xs) : across;
  const frame = axes(view, { ...options.x, range: wide }, { ...options.y, range: roomy(up, ys) });
  const { x, y, left, right, top, bottom } = frame;
  const usable = (value) => Number.isFinite(value) && (!ys || value > 0);
  const group = clipped(root, frame);
  const strange = [];
  for (const { points, colour, faint } of shown) {
    group.append(svg("path", { class: faint ? "line faint" : "line", d: path(points, x, y, usable), style: { stroke: colour } }));
    const [only] = points;
    if (points.length === 1 && usable(only[1])) {
      group.append(svg("circle", { cx: x.at(only[0]), cy: y.at(only[1]), r: 3, style: { fill: colour } }));
    }
    // What is no number stands at the edge, as a triangle.
    for (const [a, b] of points) if (!Number.isFinite(b) && within(a)) strange.push([a, b, colour]);
  }
  for (const [a, b, colour] of strange.slice(0, 500)) {
    const at = x.at(a);
    const d = b === -Infinity ? `M${at - 4} ${bottom - 7}l8 0l-4 6z` : `M${at - 4} ${top + 7}l8 0l-4 -6z`;
    root.append(svg("path", { class: "strange", d, style: { fill: colour } }, svg("title", {}, number(b))));
  }

  const spoken = shown.filter(({ faint }) => !faint);
  const near = (px, py) => {
    if (px < left - 6 || px > right + 6 || !spoken.length) return null;
    const value = x.value(Math.max(left, Math.min(right, px)));
    // A curve has a value here if it reaches here.
    const [first, last] = [x.value(px - 12), x.value(px + 12)];
    const found = spoken.filter(({ points }) => points[0][0] <= last && points.at(-1)[0] >= first)
      .map(({ name, colour, points }) => ({ name, colour, point: points[nearest(points, value)] }))
      .filter(({ point }) => within(point[0]));
    if (!found.length) return null;
    const close = found.reduce((a, b) => (Math.abs(a.point[0] - value) <= Math.abs(b.point[0] - value) ? a : b)).point[0];
    const at = x.at(close);
    return {
      x: at, y: py, line: [top, bottom],
      title: `${options.x?.label ?? "x"} ${written(close, options.x)}`,
      dots: found.filter(({ point }) => usable(point[1])).map(({ point, colour }) => [x.at(point[0]), y.at(point[1]), colour]),
      lines: found.sort((a, b) => b.point[1] - a.point[1]).map(({ name, colour, point }) => ({
        name, colour, value: written(point[1], options.y),
      })),
    };
  };
  const longest = spoken.reduce((a, b) => (b.points.length > a.length ? b.points : a), []);
  const stops = longest.filter(([a]) => within(a)).map(([a, b]) => [x.at(a), usable(b) ? y.at(b) : (top + bottom) / 2]);
  return { near, stops, legend, table, zoom: { from: left, to: right, top, bottom, value: x.value, at: x.at } };
}

export const line = (options) => make(options, draw);
