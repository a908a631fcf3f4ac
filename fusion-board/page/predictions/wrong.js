// Samples that are taken for something else, with images and scores.

import { element, note, number } from "../dom.js";
import { picture } from "../plot/images.js";

function card({ sample, label, guess, scores, own, pixels }) {
  const top = Math.max(...scores.map(([, score]) => Math.abs(Number(score))).filter(Number.isFinite), 1e-9);
  const rows = scores.some(([name]) => name === label) ? scores : [...scores.slice(0, -1), [label, own]];
  const bars = rows.map(([name, score]) => {
    const share = Math.max(0, Number(score)) / top;
    const kind = name === label ? "right" : name === guess ? "guessed" : "";
    return element("tr", { class: kind }, element("td", { title: name }, name),
      element("td", {}, element("span", { class: "meter" }, element("i", { style: { width: `${Math.round(100 * (Number.isFinite(share) ? share : 0))}%` } }))),
      element("td", {}, number(Number(score), 3)));
  });
  const image = pixels && element("img", { src: picture(pixels), alt: `Sample ${sample}: ${label}, taken for ${guess}` });
  return element("article", { class: "sample" },
    image || element("div", { class: "noimage" }, "no image"),
    element("div", { class: "scores" },
      element("h3", {}, element("span", { class: "good" }, label), " taken for ", element("span", { class: "problem" }, guess)),
      element("p", { class: "muted" }, `sample ${number(sample)}`),
      element("table", {}, element("tbody", {}, bars))));
}

// `query()` gives the run, the name and the place of the predictions that are shown.
export function wrong(context, query) {
  const [title, clear] = [element("h2", {}, "Wrong"), element("button", { type: "button", class: "link", hidden: true }, "all classes")];
  const [grid, more] = [element("div", { class: "samples" }), element("button", { type: "button", hidden: true }, "Show more")];
  const box = element("section", { class: "section" }, element("div", { class: "row" }, title, clear), grid, more);
  let [label, guess, asked, count] = [null, null, 0, 0];

  async function load(from = 0) {
    asked += 1;
    const own = asked;
    const answer = await context.api("/api/predictions/wrong", { ...query(), label: label?.class, guess: guess?.class, from });
    if (own !== asked) return;
    const cards = answer.samples.map(card);
    if (from) grid.append(...cards);
    else grid.replaceChildren(...(cards.length ? cards : [note(label ? "There is no such sample." : "Every sample is taken for what it is.")]));
    count = from + cards.length;
    more.hidden = count >= answer.count;
    title.textContent = label ? `${label.name}, taken for ${guess ? guess.name : "something else"}: ${number(answer.count)}`
      : `Wrong: ${number(answer.count)}`;
    clear.hidden = !label;
  }
  more.addEventListener("click", () => load(count));
  clear.addEventListener("click", () => box.only(null, null));
  box.only = (own, other) => {
    // The diagonal stands for all that its class is taken for.
    [label, guess] = [own, own && other && own.class === other.class ? null : other];
    return load().then(() => own && box.scrollIntoView({ block: "nearest" }));
  };
  box.show = (answer) => {
    const still = (one) => (one ? answer.shown.find(({ class: number_of, name }) => number_of === one.class && name === one.name) ?? null : null);
    [label, guess] = [still(label), still(guess)];
    return load();
  };
  return box;
}
