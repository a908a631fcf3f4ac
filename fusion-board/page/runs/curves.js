// Curves, a plot for each name with a line for each run.

import { element, later, note, select, short, toggle } from "../dom.js";

// How the plots are drawn, kept from visit to visit.
const shape = { smoothing: 0, by: "step", logx: false, logy: false, ...JSON.parse(localStorage.getItem("shape") ?? "{}") };

// A moving mean that starts without a bias towards zero. What is no number is passed over.
function smoothed(points, weight) {
  let [sum, total] = [0, 0];
  return points.map(([x, y]) => {
    if (!Number.isFinite(y)) return [x, y];
    sum = weight * sum + (1 - weight) * y;
    total = weight * total + (1 - weight);
    return [x, sum / total];
  });
}

// Names as people sort them: 2 before 10.
const sorted = (a, b) => a.localeCompare(b, "en", { numeric: true });

// What the server tells of curves as lines of a plot.
function lines(answer, context) {
  const at = shape.by === "step" ? 0 : 1;
  const plain = (rows) => rows.map((row) => [row[at], Number(row[2])]);
  return answer.curves.flatMap(({ run, points, means }) => {
    const [name, colour] = [run, context.colour(run)];
    if (!shape.smoothing) return [{ name, colour, points: plain(points) }];
    return [
      { name, colour, points: plain(points), faint: true },
      { name, colour, points: smoothed(plain(means ?? points), shape.smoothing) },
    ];
  });
}

function told(answer) {
  const reading = answer.curves.filter(({ read }) => read < 1);
  if (reading.length) return `${Math.floor(100 * Math.min(...reading.map(({ read }) => read)))}% read so far`;
  const shown = answer.curves.reduce((sum, { points }) => sum + points.length, 0);
  const all = answer.curves.reduce((sum, { count }) => sum + count, 0);
  return all > shown && !answer.curves.every(({ exact }) => exact) ? `thinned from ${short(all)} values` : "";
}

export async function curves(body, bar, context) {
  let { runs } = context;
  let words = sessionStorage.getItem("curves") ?? "";
  const plots = new Map(); // by name of the curve
  const visible = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
    target.seen = isIntersecting;
    if (isIntersecting && target.stale) target.load();
  }), { rootMargin: "200px" });

  function make(name) {
    const figure = context.plot.line({ title: name, x: {}, y: {}, listed: true, onzoom: () => figure.load() });
    let [busy, again] = [false, false];
    figure.stale = true;
    figure.load = async () => {
      if (busy) {
        again = true;
        return;
      }
      [busy, again] = [true, false];
      figure.stale = false;
      try {
        const points = Math.max(200, Math.min(2400, 4 * Math.round(figure.clientWidth)));
        const [from, to] = figure.options.range ?? [];
        figure.answer = await context.api("/api/curve", { run: runs, name, by: shape.by, from, to, points });
        figure.redo();
      } catch (error) {
        figure.update({ note: error.message });
      }
      busy = false;
      if (again) figure.load();
    };
    figure.redo = () => {
      if (!figure.answer) return;
      const time = shape.by === "time";
      figure.update({
        series: lines(figure.answer, context),
        x: { label: time ? "time" : "step", scale: shape.logx ? "log" : "linear", format: time ? "time" : "number" },
        y: { scale: shape.logy ? "log" : "linear" },
        aside: told(figure.answer),
        note: null,
      });
    };
    return figure;
  }

  const groups = element("div");
  const folds = new Map(); // by name of the group
  let known = new Set(); // names of the curves of the runs that are taken
  const fits = (name) => known.has(name) && words.toLowerCase().split(/\s+/).every((word) => name.toLowerCase().includes(word));

  function arrange() {
    for (const fold of folds.values()) {
      const names = fold.names.filter(fits);
      fold.box.hidden = !names.length;
      fold.count.textContent = ` ${names.length}`;
      for (const name of fold.names) plots.get(name).hidden = !fits(name);
    }
  }

  async function names() {
    const { runs: told_of } = runs.length ? await context.api("/api/summary", { run: runs }) : { runs: [] };
    const all = [...new Set(told_of.flatMap(({ curves: own }) => own.map(({ name }) => name)))];
    if (all.length === known.size && all.every((name) => known.has(name))) return all.length;
    known = new Set(all);
    for (const name of all) {
      if (plots.has(name)) continue;
      const cut = name.indexOf("/");
      const group = cut > 0 ? name.slice(0, cut) : "";
      if (!folds.has(group)) {
        const [title, count, grid] = [element("span", {}, group || "Curves"), element("span", { class: "muted" }), element("div", { class: "grid" })];
        const box = element("details", { class: "section", open: true }, element("summary", {}, title, count), grid);
        folds.set(group, { box, grid, count, names: [] });
        const boxes = [...folds].sort(([a], [b]) => sorted(a, b)).map(([, fold]) => fold.box);
        boxes.forEach((fold, place) => groups.children[place] === fold || groups.insertBefore(fold, groups.children[place] ?? null));
      }
      const fold = folds.get(group);
      const figure = make(name);
      plots.set(name, figure);
      fold.names = [...fold.names, name].sort(sorted);
      fold.grid.insertBefore(figure, fold.grid.children[fold.names.indexOf(name)] ?? null);
      visible.observe(figure);
    }
    arrange();
    return all.length;
  }

  const all = (f) => plots.forEach(f);
  const reload = () => all((figure) => {
    figure.stale = true;
    if (figure.seen) figure.load();
  });
  const redo = (change) => {
    Object.assign(shape, change);
    localStorage.setItem("shape", JSON.stringify(shape));
    all((figure) => figure.redo());
  };
  const amount = element("output", { class: "muted" }, shape.smoothing.toFixed(2));
  const slider = element("input", {
    type: "range", min: 0, max: 0.99, step: 0.01, value: shape.smoothing, "aria-label": "Smoothing",
    oninput: () => {
      amount.textContent = Number(slider.value).toFixed(2);
      redo({ smoothing: Number(slider.value) });
    },
  });
  bar.append(
    element("label", { class: "field" }, element("span", {}, "Smoothing"), slider, amount),
    select("Along", [["step", "steps"], ["time", "time"]], shape.by, (by) => {
      all((figure) => figure.update({ range: null }));
      redo({ by });
      reload();
    }),
    toggle("log x", shape.logx, (logx) => redo({ logx })),
    toggle("log y", shape.logy, (logy) => redo({ logy })),
    element("input", {
      type: "search", placeholder: "Find curves", "aria-label": "Find curves", value: words,
      oninput: (event) => {
        words = event.target.value;
        sessionStorage.setItem("curves", words);
        arrange();
      },
    }),
  );
  const waiting = note("");
  body.append(waiting, groups);
  const say = (count) => {
    waiting.textContent = runs.length ? "The runs that are taken have no curves yet." : "No run is taken. Take some in the list of runs.";
    waiting.hidden = count > 0;
  };
  say(await names());
  const grow = later(async () => {
    say(await names());
    reload();
  }, 100);
  context.on("grown", (grown) => runs.some((run) => grown.has(run)) && grow());
  context.on("taken", async () => {
    ({ runs } = context);
    say(await names());
    reload();
  });
  return () => visible.disconnect();
}
