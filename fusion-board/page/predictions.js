// The page of predictions: which classes are taken for which, what was wrong, and curves of each class against the rest.

import { element, later, note, number, select, toggle } from "./dom.js";
import { classes, curves } from "./predictions/classes.js";
import { matrix } from "./predictions/matrix.js";
import { wrong } from "./predictions/wrong.js";
import { one } from "./one.js";

const NOTHING = ["Of this run there are no predictions. A training writes them with ",
  element("code", {}, "run.predictions_of(step, \"test\", &images, &scores, &labels, &names)?"), " and confusion matrices with ",
  element("code", {}, "run.confusion(step, \"test\", &matrix)?"), "."];

const key = ({ kind, name }) => `${kind} ${name}`;

async function fill(body, bar, context, run) {
  const empty = note(...NOTHING.map((part) => part.cloneNode?.(true) ?? part));
  const tiles = element("div", { class: "tiles" });
  const shape = { shares: sessionStorage.getItem("shares") === "yes" };
  const query = () => ({ run, name: chosen.name, at: place[1] });
  const mistakes = wrong(context, query);
  const counts = matrix(context, shape, (label, guess) => mistakes.only(label, guess));
  const [lines, table] = [curves(context, query), classes((taken) => lines.take(taken))];
  const full = element("div", {}, tiles, element("div", { class: "sides even" }, counts, lines), table, mistakes);
  body.append(empty, full);
  const slider = element("input", { type: "range", min: 0, "aria-label": "Step" });
  const label = element("output", { class: "muted" });
  const field = element("label", { class: "field" }, element("span", {}, "Step"), slider, label);
  let [sets, chosen, place, known, shown, last, asked] = [[], null, null, null, null, true, 0];

  function tile(name, value, title) {
    return element("div", { class: "tile", title }, element("strong", {}, value), element("span", {}, name));
  }
  const told = (value) => (value === null || value === undefined || Number.isNaN(Number(value)) ? "–" : number(Number(value), 4));

  async function load() {
    const { steps } = chosen;
    slider.max = steps.length - 1;
    if (last) slider.value = slider.max;
    field.hidden = steps.length < 2;
    place = steps[Number(slider.value)];
    label.textContent = `step ${number(place[0])}`;
    const now = `${key(chosen)} ${place[1]}`;
    if (now === shown) return;
    asked += 1;
    const own = asked;
    const answer = await context.api("/api/predictions/classes", query());
    if (own !== asked) return;
    shown = now;
    const has_scores = chosen.kind === "predictions";
    const { average } = answer;
    tiles.replaceChildren(
      tile("accuracy", told(answer.accuracy), "The share of samples that are taken for what they are"),
      tile("samples", number(answer.samples)),
      tile("classes", number(answer.classes)),
      tile("mean F1", told(average.f1), "The mean over classes of the harmonic mean of precision and recall"),
      ...(has_scores ? [tile("mean average precision", told(average.average_precision)), tile("mean AUC", told(average.roc_auc), "The mean area under the ROC curve, each class against the rest")] : []));
    counts.show(answer);
    table.show(answer, has_scores);
    [lines.hidden, mistakes.hidden] = [!has_scores, !has_scores];
    if (has_scores) await Promise.all([lines.show(answer), mistakes.show(answer)]);
  }

  slider.addEventListener("input", later(() => {
    last = Number(slider.value) === Number(slider.max);
    load();
  }, 60));

  async function list() {
    ({ sets } = await context.api("/api/predictions", { run }));
    [empty.hidden, full.hidden] = [sets.length > 0, !sets.length];
    const names = sets.map(key).join("\n");
    if (names !== known) {
      known = names;
      chosen = sets.find((set) => key(set) === sessionStorage.getItem("predictions")) ?? sets.find(({ kind }) => kind === "predictions") ?? sets[0];
      const choice = select("Of", sets.map((set) => [key(set), set.kind === "confusion" ? `${set.name} (counts)` : set.name]), chosen && key(chosen), (value) => {
        chosen = sets.find((set) => key(set) === value);
        sessionStorage.setItem("predictions", value);
        last = true;
        load();
      });
      bar.replaceChildren(...(sets.length ? [choice, field, toggle("share by row", shape.shares, (value) => {
        shape.shares = value;
        sessionStorage.setItem("shares", value ? "yes" : "no");
        counts.redo();
      })] : []));
    } else chosen = sets.find((set) => chosen && key(set) === key(chosen)) ?? chosen;
    if (sets.length) await load();
  }
  await list();
  return { grown: list };
}

export const show = (main, context) => one(main, context, fill);
