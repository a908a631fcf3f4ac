// What is wrong, in sentences, with what people do about it.

import { element } from "../dom.js";

// A sentence with what stands between backquotes as code. Text stays text.
export function sentence(text) {
  return text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));
}

const HOW = ["Of this run there are no reports. A training writes them every few steps with ", element("code", {}, "run.gradients(step, &report)?"),
  " and ", element("code", {}, "run.operations(step, &loss.explain(), &net)?"), "; then it is said here what is wrong and what people do about it."];

// `choose(path)` is called with the path of a layer that is touched; `has(path)` tells whether it is drawn.
export function findings({ findings: all, gradients, operations, loss }, choose, has) {
  const box = element("div", { class: "findings" });
  const reports = Math.max(gradients, operations);
  if (!all.some(({ is_problem }) => is_problem)) {
    const seen = reports ? `Nothing is wrong, as far as ${reports} ${reports === 1 ? "report" : "reports"}${loss ? ` and the curve "${loss}"` : ""} can tell.` : "";
    box.append(reports ? element("p", { class: "fine" }, seen) : element("p", { class: "note" }, ...HOW));
  }
  for (const { sentence: text, remedies, layers, is_problem, cause } of all) {
    const links = layers.filter(has).slice(0, 12).map((path) =>
      element("button", { type: "button", class: "chip", onclick: () => choose(path) }, path));
    box.append(element("article", { class: is_problem ? "finding" : "finding mild", "data-cause": cause },
      element("p", { class: "says" }, ...sentence(text)),
      element("ul", {}, remedies.map((remedy) => element("li", {}, ...sentence(remedy)))),
      links.length ? element("p", { class: "where" }, element("span", {}, "See "), links) : null));
  }
  return box;
}
