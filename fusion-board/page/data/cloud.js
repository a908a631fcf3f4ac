// Points in space that one turns: with the pointer, with the arrow keys, or by themselves.

import { number, svg } from "../dom.js";
import { empty, make } from "../plot/figure.js";

const START = { yaw: 0.5, pitch: 0.35, zoom: 1 };
const LAYERS = 3; // of depth, the nearer the larger and the stronger
const EYE = 3.2; // how far the eye is, in radii of the cloud

function turned({ yaw, pitch }) {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return ([x, y, z]) => {
    const [side, back] = [cy * x + sy * z, -sy * x + cy * z];
    return [side, cp * y - sp * back, sp * y + cp * back];
  };
}

// The middle of the points, and how far all but the farthest few are from it.
function ball(places) {
  const middle = [0, 1, 2].map((axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length);
  const away = places.map((place) => Math.hypot(...place.map((x, axis) => x - middle[axis]))).sort((a, b) => a - b);
  return { middle, far: away[Math.floor(0.97 * (away.length - 1))] || 1 };
}

function draw(view) {
  const { root, width, height, options } = view;
  const { places = [], of = [], classes = [], rows = [], axes = [], colour, look } = options;
  const called = (at) => classes[of[at]] ?? "";
  const table = () => [["row", ...axes.map(({ name }) => name), "class"], ...places.map((place, at) => [rows[at], ...place, called(at)])];
  const legend = classes.map((name, at) => ({ name, colour: colour(at) }));
  if (!places.length) return { ...empty(view, options.wait ?? "no points"), table, legend };
  const { middle, far } = ball(places);
  const turn = turned(look);
  const scale = Math.min(width, height) * 0.46 * look.zoom;
  const seen = (place) => {
    const [x, y, z] = turn(place);
    const by = EYE / Math.max(0.5, EYE - z);
    return [width / 2 + x * by * scale, height / 2 - y * by * scale, z];
  };
  const spots = places.map((place) => seen(place.map((x, axis) => (x - middle[axis]) / far)));
  // The three directions, behind the points.
  [[1, 0, 0], [0, 1, 0], [0, 0, 1]].forEach((end, axis) => {
    const [[x1, y1], [x2, y2]] = [seen([0, 0, 0]), seen(end.map((x) => x * 0.9))];
    root.append(svg("line", { class: "axis strong", x1, y1, x2, y2 }));
    root.append(svg("text", { class: "label", x: x2 + 5, y: y2 + 4 }, axes[axis]?.name ?? ""));
  });
  const layer = (z) => Math.min(LAYERS - 1, Math.max(0, Math.floor(((z + 1) / 2) * LAYERS)));
  const paths = Array.from({ length: LAYERS }, () => new Map());
  spots.forEach(([x, y, z], at) => {
    const own = paths[layer(z)];
    own.set(of[at], `${own.get(of[at]) ?? ""}M${x.toFixed(1)} ${y.toFixed(1)}h0`);
  });
  const size = (places.length > 1500 ? 4 : 5.5) * Math.sqrt(look.zoom);
  paths.forEach((own, depth) => {
    const style = { opacity: 0.45 + (0.45 * depth) / (LAYERS - 1) };
    for (const [group, d] of own) {
      root.append(svg("path", { class: "points", d, "stroke-width": size * (0.8 + 0.2 * depth), style: { stroke: colour(group), ...style } }));
    }
  });
  const near = (px, py) => {
    if (look.held) return null;
    let [best, least] = [-1, 16 ** 2];
    spots.forEach(([x, y, z], at) => {
      const away = (x - px) ** 2 + (y - py) ** 2 - z; // of two at one place the nearer to the eye
      if (away < least) [best, least] = [at, away];
    });
    if (best < 0) return null;
    const [x, y] = spots[best];
    const lines = axes.map(({ name }, axis) => ({ name, value: number(places[best][axis], 4) }));
    return {
      x, y, title: `${called(best) ? `${called(best)}, ` : ""}row ${rows[best]}`, lines, dots: [[x, y, colour(of[best])]],
      touch: () => options.ontouch?.(rows[best]),
    };
  };
  return { near, legend, table };
}

// A figure with `turn(yaw, pitch)`, `zoom(by)`, `home()` and `spin(whether)` beside what all figures have.
export function cloud(given) {
  const look = { ...START, held: false };
  const figure = make({ height: 520, ...given, look }, draw);
  const root = figure.querySelector(".drawing");
  root.classList.add("turns");
  root.setAttribute("aria-roledescription", "cloud of points; arrow keys turn it");
  let [frame, spinning] = [0, 0];
  const soon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => figure.redraw());
  };
  figure.turn = (yaw, pitch) => {
    look.yaw += yaw;
    look.pitch = Math.max(-1.55, Math.min(1.55, look.pitch + pitch));
    soon();
  };
  figure.zoom = (by) => {
    look.zoom = Math.max(0.3, Math.min(8, look.zoom * by));
    soon();
  };
  figure.home = () => {
    Object.assign(look, START);
    soon();
  };
  figure.spin = (whether) => {
    cancelAnimationFrame(spinning);
    let last = performance.now();
    const step = (now) => {
      if (!figure.isConnected) return;
      if (!look.held && now - last > 30) {
        look.yaw += Math.min(0.1, (now - last) * 0.0004);
        last = now;
        figure.redraw();
      }
      spinning = requestAnimationFrame(step);
    };
    if (whether) spinning = requestAnimationFrame(step);
  };
  let from = null;
  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = [event.clientX, event.clientY, false];
    root.setPointerCapture(event.pointerId);
  });
  root.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y, moved] = from;
    if (!moved && Math.hypot(event.clientX - x, event.clientY - y) < 4) return;
    look.held = true;
    figure.turn((event.clientX - x) * 0.008, (event.clientY - y) * 0.008);
    from = [event.clientX, event.clientY, true];
  });
  const dropped = () => {
    from = null;
    // A click follows: it is none if the cloud was turned.
    setTimeout(() => {
      look.held = false;
    });
  };
  root.addEventListener("pointerup", dropped);
  root.addEventListener("pointercancel", dropped);
  root.addEventListener("dblclick", figure.home);
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? 0.5 : 0.12;
    const turns = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
    if (turns[event.key]) figure.turn(...turns[event.key]);
    else if (event.key === "+") figure.zoom(1.25);
    else if (event.key === "-") figure.zoom(0.8);
    else if (event.key === "0") figure.home();
    else return;
    event.preventDefault();
  });
  return figure;
}
