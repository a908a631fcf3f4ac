// The images of a set: the mean of each class, and a grid.

import { element, note, number, select } from "../dom.js";

const grown = (width) => Math.max(56, Math.min(128, width * Math.max(1, Math.round(72 / width))));

export async function pictures(place, { set, ask, plot }) {
  let group;
  let turn = 0;
  const [means, grid] = [element("div", { class: "section" }), element("div", { class: "section" })];
  const count = element("span", { class: "muted" });
  const more = element("button", { type: "button" }, "Show more images");
  let items = [];
  let figure = null;

  async function load(anew) {
    turn += 1;
    const own = turn;
    if (anew) items = [];
    const { items: found, total, ...size } = await ask("images", { group, from: items.length });
    if (own !== turn) return;
    items = [...items, ...found.map(({ row, class: text, data }) => ({
      caption: text ?? `row ${row}`, lines: [{ name: "row", value: number(row, 9) }], pixels: { ...size, data },
    }))];
    more.hidden = items.length >= total;
    count.textContent = `${number(items.length, 9)} of ${number(total, 9)}`;
    if (!figure) grid.append(figure = plot.images({ title: "Images", items, size: grown(size.width) }));
    else figure.update({ items });
  }
  async function average() {
    const { items: found, ...size } = await ask("means");
    const drawn = found.filter((one) => one.count).map(({ class: text, count: rows, data }) => ({
      caption: text ?? "all", lines: [{ name: "mean of", value: number(rows, 9) }], pixels: { ...size, data },
    }));
    means.replaceChildren(plot.images({ title: set.class ? `Mean image of each ${set.class}` : "Mean image", items: drawn, size: grown(size.width) }));
  }
  more.addEventListener("click", () => load(false));
  const bar = element("div", { class: "toolbar tight" });
  if (set.class) {
    const choices = [["", "all"], ...set.classes.map(({ name }, at) => [String(at), name])];
    bar.append(select(set.class, choices, "", (value) => {
      group = value === "" ? undefined : value;
      load(true);
    }));
  }
  bar.append(count);
  if (!set.rows) return void place.append(note("There are no images."));
  place.append(means, bar, grid, more);
  await Promise.all([average(), load(true)]);
  return () => {
    turn += 1;
  };
}
