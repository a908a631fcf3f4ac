// A page of one run: of those that are taken the first, or another one that is chosen.

import { element, later, note, select } from "./dom.js";

const WAIT = 1000; // between what is told of a run that grows, in milliseconds

// Fills `main` with `fill(body, bar, context, run)`, which may return { grown, stop }: `grown` is called when the run has grown.
export async function one(main, context, fill) {
  const [bar, own, body] = [element("div", { class: "toolbar" }), element("div", { class: "toolbar inner" }), element("div")];
  main.append(bar, body);
  let [run, shown, turn] = [null, null, 0];

  async function show() {
    turn += 1;
    const mine = turn;
    shown?.stop?.();
    shown = null;
    const [place, tools] = [element("div"), element("div", { class: "toolbar inner" })];
    body.replaceChildren(place);
    const { runs } = context;
    if (!runs.includes(run)) [run] = runs;
    if (!runs.length) {
      bar.hidden = true;
      place.append(note("No run is taken. Take one in the list of runs."));
      return;
    }
    bar.hidden = false;
    const choice = select("Run", runs.map((name) => [name, name]), run, (name) => {
      run = name;
      sessionStorage.setItem("run", name);
      show();
    });
    bar.replaceChildren(choice, tools);
    try {
      const found = await fill(place, tools, context, run);
      if (mine === turn) shown = found;
      else found?.stop?.();
    } catch (error) {
      if (mine === turn) place.replaceChildren(note(error.message));
    }
  }

  run = sessionStorage.getItem("run");
  await show();
  // What has grown is asked for a moment later, and not again before the answer.
  let [busy, again] = [false, false];
  const grow = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      await shown?.grown?.();
    } catch {
      // A server that is gone says so in the head of the page.
    }
    await new Promise((done) => setTimeout(done, WAIT));
    busy = false;
    if (again) {
      again = false;
      grow();
    }
  };
  context.on("grown", (grown) => run !== null && grown.has(run) && grow());
  const retake = later(show, 20);
  context.on("taken", retake);
  return () => {
    turn += 1;
    shown?.stop?.();
  };
}
