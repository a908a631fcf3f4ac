// Which part of an axis is shown, as a pointer chooses it: a drag of the mouse marks a part, two fingers draw apart what lies
// between them, and one moves the part that is shown.

import { svg } from "../dom.js";

const middle = (fingers) => fingers.reduce((sum, [x]) => sum + x, 0) / fingers.length;
const apart = ([[x, y], other = [x + 1, y]]) => Math.max(1, Math.hypot(other[0] - x, other[1] - y));

// The range that has under the fingers what they took hold of. It does not reach beyond `whole`, and is null where it is all of that.
function held({ from, to, at, value, whole }, before, after) {
  const factor = apart(after) / apart(before);
  const wide = (to - from) / factor;
  const [first, last] = whole.map(at);
  if (wide > last - first - 1) return null;
  const start = middle(before) + (from - middle(after)) / factor;
  const low = Math.max(first, Math.min(last - wide, start));
  return [value(low), value(low + wide)];
}

// Listens to a drawing. `axis()` is its `zoom`, and `range()` the part that is shown, or null. `tell(place)` tells values at a place, or
// without one none; `zoom(range, done)` shows a part, and more is to come if it is not `done`.
export function choose(root, { axis, range, tell, zoom }) {
  const place = (event) => {
    const { left, top } = root.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const fingers = new Map(); // their places, by their pointers
  let [grip, began, drag] = [null, null, null];

  const hold = () => {
    grip = { before: [...fingers.values()], axis: axis() };
  };
  function touch(event) {
    tell(place(event));
    if (!axis()?.at || fingers.size === 2) return;
    if (!fingers.size) began = range();
    root.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
    hold();
  }
  function mark(event) {
    const [x] = place(event);
    const { from, to, top, bottom, at } = axis() ?? {};
    if (event.button !== 0 || !at || x < from || x > to) return;
    const shape = svg("rect", { class: "drag unsaved", x, y: top, width: 0, height: bottom - top });
    root.append(shape);
    root.setPointerCapture(event.pointerId);
    drag = { from, to, start: x, end: x, shape };
    tell();
  }
  root.addEventListener("pointerdown", (event) => (event.pointerType === "touch" ? touch : mark)(event));
  root.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (drag) {
      const { from, to } = axis() ?? drag;
      drag.end = Math.max(from, Math.min(to, x));
      drag.shape.setAttribute("x", Math.min(drag.start, drag.end));
      drag.shape.setAttribute("width", Math.abs(drag.end - drag.start));
      // What grows is drawn anew meanwhile.
      root.append(drag.shape);
    } else if (fingers.has(event.pointerId)) {
      fingers.set(event.pointerId, [x, y]);
      const part = held(grip.axis, grip.before, [...fingers.values()]);
      if (part ?? range()) {
        tell();
        zoom(part, false);
      } else tell([x, y]);
    } else tell([x, y]);
  });
  const dropped = (event) => {
    if (fingers.delete(event.pointerId)) {
      if (fingers.size) hold();
      else if (range() !== began) zoom(range(), true);
    }
    const done = drag;
    drag = null;
    done?.shape.remove();
    return done;
  };
  root.addEventListener("pointerup", (event) => {
    const done = dropped(event);
    if (!done || Math.abs(done.end - done.start) < 5) return;
    if (axis()?.at) zoom([done.start, done.end].sort((a, b) => a - b).map(axis().value), true);
  });
  root.addEventListener("pointercancel", (event) => {
    dropped(event);
    tell();
  });
  root.addEventListener("pointerleave", () => tell());
  // A finger leaves before its tap is one.
  root.addEventListener("click", (event) => tell(place(event)));
  root.addEventListener("dblclick", () => axis() && zoom(null, true));
}
