// Points, coloured by class.

import { svg } from "../dom.js";
import { axes, clipped, empty, make } from "./figure.js";
import { extent, roomy, written } from "./scale.js";

const colour = (group) => `var(--series-${group % 10})`;

function draw(view) {
  const { options, root } = view;
  const { points = [], classes = [], size = 5 } = options;
  const [xs, ys] = [options.x?.scale === "log", options.y?.scale === "log"];
  const table = () => [[options.x?.label ?? "x", options.y?.label ?? "y", "class"],
    ...points.map(([x, y, group]) => [x, y, classes[group] ?? group ?? ""])];
  const legend = classes.map((name, group) => ({ name: String(name), colour: colour(group) }));
  const across = options.x?.range ?? extent(points.map(([x]) => x), xs);
  const up = options.y?.range ?? extent(points.map(([, y]) => y), ys);
  if (!across || !up) return { ...empty(view, "no points"), table, legend };
  const frame = axes(view, { ...options.x, range: roomy(across, xs) }, { ...options.y, range: roomy(up, ys) });
  const group = clipped(root, frame);
  // One path for each class: a line of no length with round ends is a dot.
  const paths = new Map();
  const places = points.map(([x, y, own]) => {
    const place = [frame.x.at(x), frame.y.at(y)];
    if (!place.every(Number.isFinite)) return null;
    paths.set(own ?? 0, `${paths.get(own ?? 0) ?? ""}M${place[0].toFixed(1)} ${place[1].toFixed(1)}h0`);
    return place;
  });
  for (const [own, d] of paths) {
    group.append(svg("path", { class: "points", d, "stroke-width": size, style: { stroke: colour(own) } }));
  }
  const at = (index) => {
    const [x, y, own] = points[index];
    const lines = [{ name: options.x?.label ?? "x", value: written(x, options.x) }, { name: options.y?.label ?? "y", value: written(y, options.y) }];
    const [px, py] = places[index];
    return {
      x: px, y: py, title: String(classes[own ?? 0] ?? `point ${index}`), lines, dots: [[px, py, colour(own ?? 0)]],
      touch: options.ontouch && (() => options.ontouch(index)),
    };
  };
  const near = (px, py) => {
    let [best, least] = [-1, 20 ** 2];
    places.forEach((place, index) => {
      if (!place) return;
      const far = (place[0] - px) ** 2 + (place[1] - py) ** 2;
      if (far < least) [best, least] = [index, far];
    });
    return best < 0 ? null : at(best);
  };
  const stops = places.filter(Boolean).sort((a, b) => a[0] - b[0]).slice(0, 5000);
  return { near, stops, legend, table };
}

export const scatter = (options) => make(options, draw);
