// Draws a plot of each kind in the page, and says how many there are.
(async () => {
  const plot = await import("/plot.js");
  const main = document.getElementById("main");
  const grid = document.createElement("div");
  grid.className = "grid";
  main.replaceChildren(grid);
  const count = (n, f) => Array.from({ length: n }, (_, at) => f(at));
  const wave = (at) => Math.sin(at * 12.9898) * 43758.5453 % 1;
  const pixels = { channels: 1, height: 8, width: 8, data: count(64, (at) => (at * 37) % 256) };
  const coloured = { channels: 3, height: 8, width: 8, data: btoa(String.fromCharCode(...count(192, (at) => (at * 11) % 256))) };
  grid.append(
    plot.line({ title: "line", series: [{ name: "a", colour: plot.series(0), points: count(50, (x) => [x, Math.exp(-x / 10)]) }, { name: "<b>", colour: plot.series(1), points: [[3, 0.5]] }, { name: "strange", colour: plot.series(2), points: [[0, NaN], [10, 0.2], [20, Infinity], [30, 0.3], [40, -Infinity]] }], x: { label: "step" }, y: { scale: "log", label: "loss" } }),
    plot.line({ title: "time", series: [{ name: "a", colour: plot.series(0), points: count(50, (x) => [x * 200, x * 1e-6]) }], x: { label: "time", format: "time" }, y: {} }),
    plot.line({ title: "nothing", series: [], x: {}, y: {} }),
    plot.bars({ title: "histogram", bins: count(30, (at) => [at / 10 - 1.5, (at + 1) / 10 - 1.5, Math.round(1000 * Math.exp(-((at - 15) ** 2) / 40))]), x: { label: "weight" }, y: { label: "count" } }),
    plot.bars({ title: "two histograms", series: [0, 1].map((k) => ({ name: `class ${k}`, colour: plot.series(k), bins: count(20, (at) => [at, at + 1, Math.round(50 * Math.exp(-((at - 6 - 6 * k) ** 2) / 10))]) })), x: { label: "value" }, y: {} }),
    plot.bars({ title: "classes", items: count(10, (at) => ({ name: `class number ${at}`, value: 170 + 10 * at })), y: { label: "samples" } }),
    plot.boxes({ title: "boxes", items: count(6, (at) => ({ name: ["sepal length", "sepal width", "petal length", "petal width", "a", "b"][at], min: at, q25: at + 1, median: at + 1.4, q75: at + 3, max: at + 5, outliers: [at + 6, at + 6.4, at + 9], colour: plot.series(at) })), y: { label: "cm" } }),
    plot.heat({ title: "confusion", rows: count(10, String), columns: count(10, String), values: count(10, (i) => count(10, (j) => (i === j ? 90 + i : (i * 7 + j * 3) % 9))), label: "samples", x: { label: "taken for" }, y: { label: "is" } }),
    plot.heat({ title: "correlation", rows: ["sepal length", "sepal width", "petal length", "petal width"], columns: ["sepal length", "sepal width", "petal length", "petal width"], values: count(4, (i) => count(4, (j) => (i === j ? 1 : Math.cos(i * 3 + j * 3)))), low: -1, high: 1, label: "r", diverging: true, side: 64 }),
    plot.heat({ title: "many cells", rows: count(100, (at) => `class ${at}`), columns: count(100, (at) => `class ${at}`), values: count(100, (i) => count(100, (j) => (i === j ? NaN : i * j))) }),
    plot.scatter({ title: "scatter", points: count(600, (at) => [wave(at) + (at % 3), wave(at + 1000) + ((at * 7) % 3) / 2, at % 3]), classes: ["setosa", "versicolor", "virginica"], x: { label: "petal length" }, y: { label: "petal width" }, ontouch: (at) => { window.touched = at; } }),
    plot.images({ title: "images", items: count(14, (at) => ({ pixels: at % 2 ? coloured : pixels, caption: at % 5 ? `${at} as ${at}` : "4 as 9, with a score of 0.97", wrong: at % 5 === 0 })), size: 72 }),
  );
  return grid.children.length;
})()
