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
  const mistakes = element("p", { class: "muted" });
  const box = element("div", {}, figure, mistakes);
  box.redo = () => {
    const { matrix: counts, shown, classes } = figure.answer;
    const names = shown.map(({ name }) => name);
    const sums = counts.map((row, at) => Math.max(shown[at].support, row.reduce((sum, count) => sum + count, 0)));
    const values = shape.shares ? counts.map((row, at) => row.map((count) => (sums[at] ? count / sums[at] : NaN))) : counts;
    const part = classes > shown.length ? ` The ${shown.length} of ${number(classes)} classes in which the most goes wrong.` : "";
    figure.update({
      rows: names, columns: names, values, low: 0, high: shape.shares ? 1 : undefined,
      label: shape.shares ? "share of the row" : "samples", x: { label: "taken for" }, y: { label: "class" },
      note: `A cell shows its samples below.${part}`,
    });
  };
  box.show = (answer) => {
    figure.answer = answer;
    box.redo();
    const most = answer.mistakes.slice(0, 5).map(([label, guess, count]) => `${label} for ${guess} (${number(count)})`);
    mistakes.textContent = most.length ? `Taken most often: ${most.join(", ")}` : answer.samples ? "No sample is taken for another class." : "";
  };
  return box;
}
