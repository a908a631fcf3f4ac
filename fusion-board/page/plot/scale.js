// Scales: from values to places, and the values at which an axis is marked.

import { duration, number, short } from "../dom.js";

const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

// A step of 1, 2, 2.5 or 5 times a power of ten, at least so large.
function nice(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * [1, 2, 2.5, 5, 10].find((digit) => digit * power >= step * (1 - 1e-9));
}

function steps(low, high, step) {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  if (!(last - first < 100)) return [];
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
}

function decades(low, high, most) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((last - first + 1) / most));
  const powers = [];
  for (let power = first; power <= last; power += 1) if (power % every === 0) powers.push(10 ** power);
  if (powers.length >= 3) return powers;
  const finer = [];
  for (let power = first - 1; power <= last; power += 1) {
    for (const digit of [1, 2, 5]) finer.push(digit * 10 ** power);
  }
  const within = finer.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  return within.length >= 2 ? within : steps(low, high, nice((high - low) / most));
}

function labels(marks, format, logarithmic) {
  if (format === "time") return marks.map(duration);
  const size = Math.max(...marks.map(Math.abs), 0);
  if (format === "count" || (size >= 1e4 && size < 1e15)) return marks.map(short);
  if (logarithmic || (size < 1e-3 && size > 0) || size >= 1e15) return marks.map((mark) => number(mark, 3));
  const gap = Math.min(...marks.slice(1).map((mark, at) => mark - marks[at]), size || 1);
  // A step of 2.5 needs one digit more.
  let digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(gap) + 1e-9)));
  if (digits < 6 && Math.abs(gap * 10 ** digits - Math.round(gap * 10 ** digits)) > 0.1) digits += 1;
  return marks.map((mark) => mark.toFixed(digits).replace("-", "−"));
}

// The least and the greatest finite value; for a logarithmic scale of the positive ones.
export function extent(values, logarithmic = false) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value) || (logarithmic && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

// A little room around, and some where all values are one.
export function roomy([low, high], logarithmic, share = 0.05) {
  if (logarithmic) {
    const by = low === high ? 2 : (high / low) ** share;
    return [low / by, high * by];
  }
  const by = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * share;
  return [low - by, high + by];
}

// A scale from `[low, high]` to `[from, to]` with about one mark for each `each` pixels. `at` gives places, `value` values.
export function scale([low, high], [from, to], { scale: kind = "linear", format = "number" } = {}, each = 70) {
  const logarithmic = kind === "log";
  const turn = logarithmic ? Math.log10 : (value) => value;
  const [first, last] = [turn(low), turn(high)];
  const factor = last > first ? (to - from) / (last - first) : 0;
  const most = Math.max(2, Math.abs(to - from) / each);
  let marks;
  if (logarithmic) marks = decades(low, high, most);
  else if (format === "time" && high - low > 2) {
    const wanted = (high - low) / most;
    marks = steps(low, high, SECONDS.find((step) => step >= wanted) ?? nice(wanted / 86400) * 86400);
  } else marks = steps(low, high, nice((high - low) / most || 1));
  return {
    low, high, marks, labels: labels(marks, format, logarithmic),
    at: (value) => from + (turn(value) - first) * factor,
    value: (place) => {
      const turned = first + (place - from) / (factor || 1);
      return logarithmic ? 10 ** turned : turned;
    },
  };
}

// A value of an axis as text, for tooltips.
export function written(value, { format = "number" } = {}) {
  return format === "time" ? duration(value) : number(value, 5);
}
