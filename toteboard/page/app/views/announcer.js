// Announces the favourites of the pools to screen readers, at most every five seconds.

import { html, useEffect, useRef, useState } from "../html.js";
import { oddsText } from "../money.js";
import { rowsOf } from "../state/pool.js";
import { targetName } from "../words.js";

const INTERVAL_MS = 5000;

export function Announcer({ pools, details }) {
  const latest = useRef("");
  const [text, setText] = useState("");
  latest.current = pools.map((pool) => favourite(pool, details)).filter(Boolean).join(" ");
  useEffect(() => {
    const timer = setInterval(() => setText(latest.current), INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<p class="sr" aria-live="polite">${text}</p>`;
}

function favourite(pool, details) {
  const row = rowsOf(pool).find(({ isFavourite }) => isFavourite);
  if (!row) return null;
  const direction = row.move ? (row.move.isUp ? ", drifting" : ", shortening") : "";
  return `${pool.description}: ${targetName(details, row.path)} is favourite at ${oddsText(row.odds)}${direction}.`;
}
