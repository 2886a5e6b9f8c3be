// The geometry of the odds chart: step lines on a logarithmic scale, in pixels. Pure.

import { clock } from "../words.js";
import { oddsText } from "../money.js";

const EDGE = { left: 44, right: 22, top: 8, bottom: 20 };
const MARKS = 5;
const TIME_APART = 110;
const NUMBER_HEIGHT = 12;
const STEPS = [1, 1.2, 1.5, 2, 3, 5];
const ROUND = [1, 10, 100, 1000, 10_000, 100_000].flatMap((power) => STEPS.map((step) => step * power));

/** Return what to draw for these targets up to `now`: {lines, marks, times}, with positions. */
export function chartOf(history, paths, width, height, now) {
  const [least, most] = boundsOf(history, paths);
  const low = Math.max(0.9, least * 0.95);
  const high = most * 1.05;
  const [from, to] = [history[0].t, Math.max(now, history.at(-1).t, history[0].t + 1000)];
  const x = (t) => EDGE.left + ((t - from) / (to - from)) * (width - EDGE.left - EDGE.right);
  const y = (odds) => EDGE.top + (Math.log(high / odds) / Math.log(high / low)) * (height - EDGE.top - EDGE.bottom);
  return {
    lines: paths.map((path) => ({ d: steps([...history, { ...history.at(-1), t: to }], path, x, y), end: endOf(history, path, y) })),
    marks: roundOdds(low, high).map((odds) => ({ y: y(odds), text: oddsText(odds) })),
    times: moments(from, to, width).map((t) => ({ x: x(t), text: clock(t) })),
    left: EDGE.left,
    right: width - EDGE.right,
  };
}

/** Return the lowest and the highest odds. There are too many for the arguments of Math.min. */
function boundsOf(history, paths) {
  let [least, most] = [2, 2];
  for (const { odds } of history) {
    for (const path of paths) {
      if (!odds[path]) continue;
      least = Math.min(least, odds[path]);
      most = Math.max(most, odds[path]);
    }
  }
  return [least, most];
}

/** Return a line that holds each value until the next point, with a gap while there are no odds. */
function steps(history, path, x, y) {
  let isDown = false;
  return history.map(({ t, odds }) => {
    const now = odds[path];
    const move = now ? (isDown ? `H${at(x(t))}V${at(y(now))}` : `M${at(x(t))} ${at(y(now))}h.1`) : "";
    isDown = Boolean(now);
    return move;
  }).join("");
}

const at = (pixels) => Math.round(pixels * 10) / 10;

function endOf(history, path, y) {
  const odds = history.at(-1).odds[path];
  return odds ? y(odds) : null;
}

/** Return round odds to mark on the axis: at most `MARKS`, always with the highest. */
function roundOdds(low, high) {
  const inside = ROUND.filter((odds) => odds >= low && odds <= high);
  const every = Math.ceil(inside.length / MARKS);
  return inside.filter((_, i) => (inside.length - 1 - i) % every === 0);
}

function moments(from, to, width) {
  const count = Math.max(2, Math.floor((width - EDGE.left) / TIME_APART));
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

/** Return places for the numbers at the ends of the lines. Numbers that would overlap move up. */
export function apart(ends) {
  const lowestFirst = ends.filter(({ y }) => y !== null).toSorted((a, b) => b.y - a.y);
  let free = Infinity;
  return lowestFirst.map(({ y, ...end }) => {
    const place = Math.min(y, free);
    free = place - NUMBER_HEIGHT;
    return { ...end, y: place };
  });
}
