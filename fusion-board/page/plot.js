// Plots, as figures of SVG. Each function takes an object and returns a `figure` element, which has
//
//   update(changes)    draws again with what is changed, `update({ series })`
//   save(kind)         saves as "svg", "png" or "csv"; the figure's menu offers the same
//
// Fields that all take: `title`, `aside` (a few words beside it), `note` (a sentence under it), `height` (of the drawing, in
// pixels), `x` and `y` as `{ label, scale: "linear" | "log", format: "number" | "count" | "time" }`, and `listed` if the legend
// stands elsewhere on a wide screen. Colours are CSS colours, such as `series(3)`.
//
//   line({ series: [{ name, colour, points: [[x, y], ..], faint }], x, y, onzoom, range })   faint: drawn pale, not in the legend
//   bars({ bins: [[low, high, count], ..], series: [{ name, colour, bins }], x, y })         bins or, for several, series
//   bars({ items: [{ name, value, colour }], y })                                            a bar for each name
//   boxes({ items: [{ name, min, q25, median, q75, max, outliers, colour }], y })
//   heat({ rows, columns, values: [[..], ..], low, high, label, x, y, diverging, places, ontouch })
//   scatter({ points: [[x, y, class], ..], classes, x, y, ontouch, size })                   ontouch(index of the point)
//   images({ items: [{ src or pixels, caption, wrong }], size })                             pixels: { channels, height, width, data }
//
// A drag over a line plot zooms, as two fingers do, one moves the part that is shown, and a double click or two taps go back; with the
// keyboard `+`, `-`, `0` and the arrows do.

export { line } from "./plot/line.js";
export { bars, boxes } from "./plot/bars.js";
export { heat } from "./plot/heat.js";
export { scatter } from "./plot/scatter.js";
export { images, picture } from "./plot/images.js";

// The colour of a series, which follows the theme; there are ten.
export const series = (at) => `var(--series-${((at % 10) + 10) % 10})`;
