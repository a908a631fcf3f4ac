// A plot as a file. A picture stands by itself: each shape gets the colours and the letters that it has on the page.

import { svg } from "../dom.js";

// What a shape takes from the one around it, if it says nothing itself.
const TAKEN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "font-family", "font-size", "font-weight", "text-anchor", "image-rendering"];
const LEFT = ["class", "style", "tabindex", "role", "aria-label"];

function copy(node, around = null) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.nodeValue);
  const twin = document.createElementNS(node.namespaceURI, node.localName);
  for (const { name, value } of node.attributes) if (!LEFT.includes(name)) twin.setAttribute(name, value);
  const style = getComputedStyle(node);
  for (const name of TAKEN) {
    const value = style.getPropertyValue(name);
    if (value !== around?.getPropertyValue(name)) twin.setAttribute(name, value);
    else twin.removeAttribute(name);
  }
  if (style.opacity !== "1") twin.setAttribute("opacity", style.opacity);
  for (const child of node.childNodes) {
    if (!child.classList?.contains("unsaved")) twin.append(copy(child, style));
  }
  return twin;
}

// The drawing with its title above and its legend below, as an element of its own.
export function standalone(drawing, title, legend) {
  const [width, high] = [drawing.width.baseVal.value, drawing.height.baseVal.value];
  const style = getComputedStyle(drawing);
  const text = { "font-family": style.fontFamily, fill: style.color };
  const head = title ? 28 : 0;
  const parts = [];
  let [x, y] = [12, head + high + 16];
  for (const { name, colour } of legend) {
    const wide = 24 + 6.6 * name.length;
    if (x > 12 && x + wide > width) [x, y] = [12, y + 18];
    parts.push(svg("rect", { x, y: y - 8, width: 10, height: 10, rx: 2, fill: colour }));
    parts.push(svg("text", { x: x + 14, y: y + 1, "font-size": 12, ...text }, name));
    x += wide;
  }
  const height = head + high + (legend.length ? y - head - high + 10 : 0);
  const root = svg("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` });
  root.append(svg("rect", { width, height, fill: getComputedStyle(drawing.closest("figure")).backgroundColor }));
  if (title) root.append(svg("text", { x: 12, y: 19, "font-size": 14, "font-weight": 600, ...text }, title));
  const inner = copy(drawing);
  inner.setAttribute("y", head);
  root.append(inner, ...parts);
  return { root, width, height };
}

async function png({ root, width, height }) {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

// A field of a table. A text that begins as a formula does is kept from being one where the table is opened.
function field(value) {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csv = (rows) => rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Saves as "svg", "png" or "csv"; `rows` gives the table's rows.
export async function save(kind, name, drawing, legend, rows) {
  const file = `${name.replace(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 80) || "plot"}.${kind}`;
  if (kind === "csv") return download(new Blob([csv(rows())], { type: "text/csv" }), file);
  const picture = standalone(drawing, name, legend);
  if (kind === "png") return download(await png(picture), file);
  const text = new XMLSerializer().serializeToString(picture.root);
  return download(new Blob([text], { type: "image/svg+xml" }), file);
}
