// A chart of bars, one a day. The last day is not over, so its bar is hatched.

import { html, useEffect, useState } from "../html.js";
import { count, day, money } from "../words.js";

const [WIDE, NARROW, HEIGHT, BOTTOM, TOP] = [1080, 360, 210, 24, 14];
/** Narrow windows get a chart of fewer units, so that its text stays legible. */
const NARROW_WINDOW = matchMedia("(max-width: 40rem)");
const [CHARACTER, LABELS] = [9, 5];

export function Chart({ bars, label }) {
  const most = niceAbove(Math.max(...bars.map((each) => each.value)));
  const width = useNarrow() ? NARROW : WIDE;
  const left = 16 + CHARACTER * count(most).length;
  const step = (width - left) / bars.length;
  const high = HEIGHT - BOTTOM - TOP;
  const yOf = (value) => TOP + high * (1 - value / most);
  const gap = Math.min(3, step / 4);
  return html`
    <svg class="chart" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label=${label}>
      <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch" width="3" height="6" /></pattern></defs>
      ${[0, most / 2, most].map((value) => html`
        <line class="rule" x1=${left} x2=${width} y1=${yOf(value)} y2=${yOf(value)} />
        <text x=${left - 8} y=${yOf(value) + 4} text-anchor="end">${count(value)}</text>`)}
      ${bars.map((each, place) => html`
        <rect key=${each.day} class="bar" fill=${place === bars.length - 1 ? "url(#hatch)" : "var(--go)"} rx=${Math.min(3, step / 4)}
          x=${left + place * step + gap / 2} y=${yOf(each.value)} width=${step - gap} height=${HEIGHT - BOTTOM - yOf(each.value)}>
          <title>${day(each.day)}: ${money(each.value)}</title></rect>`)}
      ${labelled(bars).map((place) => html`
        <text class=${place % (bars.length - 1) ? "between" : ""} x=${left + (place + 0.5) * step} y=${HEIGHT - 6} text-anchor=${anchorOf(place, bars.length - 1)}>${place === bars.length - 1 ? "today" : day(bars[place].day)}</text>`)}
    </svg>`;
}

function useNarrow() {
  const [isNarrow, set] = useState(NARROW_WINDOW.matches);
  useEffect(() => {
    const change = ({ matches }) => set(matches);
    NARROW_WINDOW.addEventListener("change", change);
    return () => NARROW_WINDOW.removeEventListener("change", change);
  }, []);
  return isNarrow;
}

/** Return the places of the days that have a label: evenly spread, the last one among them. */
function labelled(bars) {
  const last = bars.length - 1;
  const places = Array.from({ length: LABELS }, (_, number) => Math.round((last * number) / (LABELS - 1)));
  return [...new Set(places)];
}

const anchorOf = (place, last) => (place === 0 ? "start" : place === last ? "end" : "middle");

/** Return 1, 2 or 5 times a power of ten that is not below a value. */
function niceAbove(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= value);
}
