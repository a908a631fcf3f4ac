// The page of data: what a set looks like before anything is learned from it.

import { element, note, select, tabs } from "./dom.js";
import { distributions } from "./data/distributions.js";
import { overview } from "./data/overview.js";
import { pictures } from "./data/pictures.js";
import { projection } from "./data/projection.js";
import { relations } from "./data/relations.js";

// A view fills a place with a set and returns a function that ends it, or nothing.
const VIEWS = {
  overview: ["Overview", overview],
  distributions: ["Distributions", distributions],
  relations: ["Relations", relations],
  projection: ["Projection", projection],
  images: ["Images", pictures],
};

const keep = (key, value) => sessionStorage.setItem(`data ${key}`, value);
const kept = (key) => sessionStorage.getItem(`data ${key}`);

export async function show(main, context) {
  const { sets } = await context.api("/api/data");
  const names = sets.map(({ name }) => name);
  const [controls, body] = [element("div", { class: "toolbar" }), element("div")];
  main.append(controls, body);
  let name = names.includes(kept("set")) ? kept("set") : names[0];
  let view = kept("view") in VIEWS ? kept("view") : "overview";
  let end = null;
  let turn = 0;

  // What views get: the set's name and description, and `ask` for more of it, coloured as is chosen.
  async function load() {
    turn += 1;
    const own = turn;
    end?.();
    end = null;
    const sets_choice = select("Data", sets.map((set) => [set.name, set.name]), name, (value) => {
      name = value;
      keep("set", name);
      load();
    });
    sets_choice.title = sets.find((set) => set.name === name)?.path ?? "";
    controls.replaceChildren(sets_choice);
    const wait = setTimeout(() => own === turn && body.replaceChildren(note(`${name} is read …`)), 200);
    const column = kept(`class of ${name}`) ?? undefined;
    const ask = (path, query = {}) => context.api(`/api/data/${path}`, { set: name, class: column, ...query });
    try {
      const set = await ask("describe").catch((error) => {
        // The file may have lost the column since.
        if (column === undefined) throw error;
        sessionStorage.removeItem(`data class of ${name}`);
        return null;
      });
      if (own !== turn) return;
      if (!set) return void load();
      const colours = [["", "nothing"], ...set.columns.map((one) => [one.name, one.name])];
      const colour = select("Colour by", colours, set.class ?? "", (value) => {
        keep(`class of ${name}`, value);
        load();
      });
      if (view === "images" && !set.has_pictures) view = "overview";
      const shown = Object.entries(VIEWS).filter(([key]) => key !== "images" || set.has_pictures);
      const choice = tabs("View", shown.map(([key, [title]]) => [key, title]), view, (key) => {
        view = key;
        keep("view", key);
        load();
      });
      controls.replaceChildren(sets_choice, colour, choice);
      const place = element("div");
      const ended = await VIEWS[view][1](place, { name, set, ask, plot: context.plot, colour: colour_of(context, set) });
      if (own !== turn) return void ended?.();
      end = ended;
      body.replaceChildren(place);
    } catch (error) {
      if (own === turn) body.replaceChildren(note(element("span", { class: "problem" }, error.message)));
    } finally {
      clearTimeout(wait);
    }
  }
  await load();
  return () => {
    turn += 1;
    end?.();
  };
}

// The colour of a class by its number; what has no class is grey, and all rows have one colour if there are no classes.
const colour_of = (context, set) => (group) => {
  if (!set.class) return context.plot.series(0);
  return group === null || group === undefined ? "var(--muted)" : context.plot.series(group);
};
