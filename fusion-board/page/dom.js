// Elements, numbers and times as text. Text goes into the page as text alone: a run may be called "<script>".

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "style") Object.entries(value).forEach(([key, text]) => node.style.setProperty(key, text));
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (["value", "checked", "disabled", "open", "selected"].includes(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// An element of HTML: element("p", { class: "note", onclick: f }, "text", other, ..). `style` is an object.
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// An element of SVG.
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// A list of choices; `choices` are pairs of value and text.
export function select(label, choices, value, onchange) {
  const options = choices.map(([key, text]) => element("option", { value: key, selected: key === value }, text));
  const box = element("select", { "aria-label": label, onchange: () => onchange(box.value) }, options);
  return element("label", { class: "field" }, element("span", {}, label), box);
}

// A switch.
export function toggle(label, checked, onchange) {
  const box = element("input", { type: "checkbox", checked, onchange: () => onchange(box.checked) });
  return element("label", { class: "check" }, box, element("span", {}, label));
}

// A few choices side by side, of which one is taken.
export function tabs(label, choices, value, onchange) {
  const buttons = choices.map(([key, text]) =>
    element("button", { type: "button", "aria-pressed": String(key === value), onclick: () => take(key) }, text));
  function take(key) {
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(choices[at][0] === key)));
    onchange(key);
  }
  return element("div", { class: "tabs", role: "group", "aria-label": label }, buttons);
}

// A sentence in place of content.
export function note(...text) {
  return element("p", { class: "note" }, ...text);
}

// A function that runs `f` once, a little after the first of many calls, with the values of the last.
export function later(f, wait = 150) {
  let waiting = null;
  return (...values) => {
    if (!waiting) {
      setTimeout(() => {
        const last = waiting;
        waiting = null;
        f(...last);
      }, wait);
    }
    waiting = values;
  };
}

const trim = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

// A number with so many significant digits.
export function number(value, digits = 4) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e7 || size < 1e-3) {
    const [digit, power] = value.toExponential(Math.max(0, digits - 1)).split("e");
    return `${trim(digit)}e${Number(power)}`.replace("-", "−").replace("e-", "e−");
  }
  const text = Number.isInteger(value) ? String(value) : trim(Number(value.toPrecision(digits)).toString());
  const [whole, rest] = text.replace("-", "−").split(".");
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

// A count with a letter for thousands: 1.5M.
export function short(value) {
  const size = Math.abs(value);
  for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (size >= unit) return `${number(value / unit, 6)}${letter}`;
  }
  return number(value, 6);
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  for (; count >= 1000 && at < 4; at += 1) count /= 1000;
  return `${at && count < 10 ? count.toFixed(1) : Math.round(count)} ${units[at]}`;
}

// A time in seconds: 1 h 20 min.
export function duration(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  if (size < 60) return `${sign}${number(size, 3)} s`;
  const parts = size < 3600 ? [60, "min", 1, "s"] : size < 86400 ? [3600, "h", 60, "min"] : [86400, "d", 3600, "h"];
  const [large, first, small, second] = parts;
  let [whole, rest] = [Math.floor(size / large), Math.round((size % large) / small)];
  if (rest === large / small) [whole, rest] = [whole + 1, 0];
  return `${sign}${whole} ${first}${rest ? ` ${rest} ${second}` : ""}`;
}

export function ago(seconds) {
  const past = Date.now() / 1000 - seconds;
  if (past < 5) return "now";
  if (past < 60) return `${Math.floor(past)} s ago`;
  if (past < 3600) return `${Math.floor(past / 60)} min ago`;
  if (past < 86400) return `${Math.floor(past / 3600)} h ago`;
  return `${Math.floor(past / 86400)} d ago`;
}
