// A grid of images with a line under each.

import { svg } from "../dom.js";
import { empty, make } from "./figure.js";

// Pixels in the order [channels, height, width], as numbers or as text in base 64, as the address of an image.
export function picture({ channels, height, width, data }) {
  const values = typeof data === "string" ? Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)) : data;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const plane = width * height;
  for (let at = 0; at < plane; at += 1) {
    const colour = (channel) => values[(channels < 3 ? 0 : channel) * plane + at];
    image.data.set([colour(0), colour(1), colour(2), channels % 2 ? 255 : values[(channels - 1) * plane + at]], 4 * at);
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function draw(view) {
  const { root, width, options } = view;
  const { items = [], size = 88 } = options;
  const table = () => [["caption", "wrong"], ...items.map(({ caption, wrong }) => [caption ?? "", wrong ? "wrong" : ""])];
  if (!items.length) return { ...empty(view, "no images"), table };
  const [gap, text] = [10, items.some(({ caption }) => caption) ? 18 : 0];
  const columns = Math.max(1, Math.floor((width + gap) / (size + gap)));
  const rows = Math.ceil(items.length / columns);
  const place = (at) => [(at % columns) * (size + gap), Math.floor(at / columns) * (size + text + gap) + 2];
  root.setAttribute("height", rows * (size + text + gap));
  const letters = Math.floor(size / 6.2);
  items.forEach(({ src, pixels, caption = "", wrong }, at) => {
    const [x, y] = place(at);
    const href = src ?? picture(pixels);
    root.append(svg("image", { class: "pixels", href, x, y, width: size, height: size }));
    root.append(svg("rect", { class: wrong ? "frame wrong" : "frame", x: x + 0.5, y: y + 0.5, width: size - 1, height: size - 1 }));
    const line = caption.length > letters ? `${caption.slice(0, letters - 1)}…` : caption;
    root.append(svg("text", { class: wrong ? "tick wrong" : "tick", x: x + size / 2, y: y + size + 14, "text-anchor": "middle" }, line));
  });
  const near = (px, py) => {
    const at = Math.floor(py / (size + text + gap)) * columns + Math.floor(px / (size + gap));
    if (!(at in items) || px < 0 || px >= columns * (size + gap)) return null;
    const [x, y] = place(at);
    return {
      x: x + size, y, title: items[at].caption ?? `image ${at}`, lines: items[at].lines ?? [], box: [x, y, size, size],
      touch: options.ontouch && (() => options.ontouch(at)),
    };
  };
  return { near, stops: items.map((_, at) => place(at).map((edge) => edge + size / 2)), table };
}

export const images = (options) => make(options, draw);
