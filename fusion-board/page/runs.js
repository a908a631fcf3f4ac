// The page of runs: curves, best values, settings, and what else was logged.

import { element, note, tabs } from "./dom.js";
import { curves } from "./runs/curves.js";
import { media } from "./runs/media.js";
import { best, settings } from "./runs/tables.js";

const VIEWS = { curves: ["Curves", curves], best: ["Best values", best], settings: ["Settings", settings], media: ["Images, texts", media] };
const NOTHING = ["There is no run here yet. A training writes one with ", element("code", {}, 'Run::create("runs/first")?'),
  " and ", element("code", {}, 'run.scalar(step, "loss", loss)?'), "; it appears here by itself."];

export async function show(main, context) {
  const { runs } = await context.api("/api/runs");
  if (!runs.length) {
    main.append(note(...NOTHING));
    return null;
  }
  const controls = element("div", { class: "toolbar" });
  const place = element("div");
  let view = sessionStorage.getItem("view") ?? "curves";
  if (!(view in VIEWS)) view = "curves";
  let view_ends = null;
  let heard = [];
  let turn = 0;

  function end() {
    view_ends?.();
    heard.forEach((f) => f());
    [view_ends, heard] = [null, []];
  }

  async function fill() {
    turn += 1;
    const own = turn;
    end();
    // What a view hears, it hears as long as it is shown.
    const own_context = Object.create(context, { on: { value: (event, f) => heard.push(context.on(event, f)) } });
    const [bar, body] = [element("div", { class: "toolbar" }), element("div")];
    bar.style.margin = "0";
    place.replaceChildren(body);
    controls.replaceChildren(choice, bar);
    try {
      const ended = await VIEWS[view][1](body, bar, own_context);
      if (own === turn) view_ends = ended;
      else ended?.();
    } catch (error) {
      body.replaceChildren(note(error.message));
    }
  }
  const choice = tabs("View", Object.entries(VIEWS).map(([key, [text]]) => [key, text]), view, (key) => {
    view = key;
    sessionStorage.setItem("view", key);
    fill();
  });
  main.append(controls, place);
  await fill();
  return () => {
    turn += 1;
    end();
  };
}
