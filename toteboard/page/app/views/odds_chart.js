// The odds of a pool over time: a line for each target, with a number and dashes besides its colour.

import { html, memo, useEffect, useRef, useState } from "../html.js";
import { oddsText } from "../money.js";
import { apart, chartOf } from "../state/chart.js";

const HEIGHT = 150;
const TICK_MS = 1000;

export const OddsChart = memo(({ history, rows }) => {
  const box = useRef(null);
  const [width, setWidth] = useState(0);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    const resized = new ResizeObserver(([{ contentRect }]) => setWidth(Math.round(contentRect.width)));
    resized.observe(box.current);
    return () => resized.disconnect();
  }, []);
  return html`<div class="plot" ref=${box}>${width > 0 && html`<${Chart} history=${history} rows=${rows} width=${width} now=${now} />`}</div>`;
});

function Chart({ history, rows, width, now }) {
  const { lines, marks, times, left, right } = chartOf(history, rows.map(({ path }) => path), width, HEIGHT, now);
  const ends = apart(rows.map(({ number }, i) => ({ number, y: lines[i].end })));
  return html`
    <svg width=${width} height=${HEIGHT} role="img" aria-label=${inWords(history, rows)}>
      ${marks.map(({ y, text }) => html`<path class="grid" d="M${left} ${y}H${right}" /><text x=${left - 6} y=${y + 4} text-anchor="end">${text}</text>`)}
      ${times.map(({ x, text }, i) => html`<text x=${x} y=${HEIGHT - 4} text-anchor=${i === 0 ? "start" : i === times.length - 1 ? "end" : "middle"}>${text}</text>`)}
      ${rows.map(({ number }, i) => html`<path class="course ${tone(number)}" d=${lines[i].d} />`)}
      ${ends.map(({ number, y }) => html`<text class="end ${tone(number)}" x=${right + 6} y=${y + 4}>${number}</text>`)}
    </svg>`;
}

/** Return one of eight tones, each with its own pattern. */
export const tone = (number) => `t${((number - 1) % 8) + 1}`;

function inWords(history, rows) {
  const first = (path) => history.find(({ odds }) => odds[path])?.odds[path];
  const lines = rows.filter(({ odds }) => odds).map(({ path, name, odds }) => `${name} from ${oddsText(first(path))} to ${oddsText(odds)}`);
  return `Odds over time: ${lines.join("; ") || "no bets yet"}`;
}
