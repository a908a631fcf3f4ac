// The confusion matrix, a row for each class.

import { element, number } from "../dom.js";

// `touch(label, guess)` is called with the numbers of the classes of a cell.
export function matrix(context, shape, touch) {
  const figure = context.plot.heat({
    title: "Confusion matrix", rows: [], columns: [], values: [], ontouch: (row, column) => {
      const { shown } = figure.answer;
      touch(shown[row], shown[column]);
    },
  });
  const box = element("div", {}, figure);
  box.redo = () => {
    const { matrix: counts, shown, classes, mistakes } = figure.answer;
    const names = shown.map(({ name }) => name);
    const sums = counts.map((row, at) => Math.max(shown[at].support, row.reduce((sum, count) => sum + count, 0)));
    const values = shape.shares ? counts.map((row, at) => row.map((count) => (sums[at] ? count / sums[at] : NaN))) : counts;
    const most = mistakes.slice(0, 4).map(([label, guess, count]) => `${label} for ${guess} (${number(count)})`).join(", ");
    const part = classes > shown.length ? ` The ${shown.length} of ${number(classes)} classes in which the most goes wrong.` : "";
    figure.update({
      rows: names, columns: names, values, low: 0, high: shape.shares ? 1 : undefined,
      label: shape.shares ? "share of the row" : "samples", x: { label: "taken for" }, y: { label: "class" },
      note: `${most ? `Taken most often: ${most}. A cell shows its samples below.` : ""}${part}`,
    });
  };
  box.show = (answer) => {
    figure.answer = answer;
    box.redo();
  };
  return box;
}
