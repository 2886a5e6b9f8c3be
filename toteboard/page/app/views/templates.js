// Pools that were used before, to start a new one from. The browser keeps those of a source for its next match.

import { html, useEffect, useRef } from "../html.js";
import { fitting, keptIn, templatesOf, withEarlier } from "../state/templates.js";
import { textOf, useRequest } from "./parts.js";

const KEY = "toteboard-templates";

/** `form`: what the host has filled in. A template that comes after a change of it is dropped. */
export function Templates({ app, game, details, form, onChoose }) {
  const { source_id: source } = details;
  const all = withEarlier(templatesOf(game), read()[source] ?? []);
  const [{ error, isBusy }, run] = useRequest();
  const [lastTap, shown] = [useRef(null), useRef(form)];
  shown.current = form;
  useEffect(() => write({ ...read(), [source]: all }), [JSON.stringify(all)]);
  const fit = fitting(all, game, details);
  if (fit.length === 0) return null;
  const choose = (chosen) => run(async () => {
    const [tap, before] = [(lastTap.current = {}), form];
    const template = chosen.poolId ? await withTargets(app, chosen) : chosen;
    if (tap === lastTap.current && before === shown.current) onChoose(fitting([template], game, details)[0]);
  });
  return html`
    <div class="chips" role="group" aria-label="Start from one you used before">${fit.map((template) => html`
      <button type="button" class="chip" key=${template.description} onClick=${() => choose(template)}>${template.description}</button>`)}</div>
    ${(isBusy || error) && html`<p class=${error ? "error" : "note"} role="status">${error ? textOf(error) : "Loading the pool…"}</p>`}`;
}

async function withTargets(app, { poolId, ...template }) {
  const { distribution } = await app.ask("get_betting_pool_bets_distribution", { pool_id: poolId, limit: 1 });
  return { ...template, targets: Object.keys(distribution).filter((path) => path !== "none") };
}

/** Return the templates that the browser keeps, by source. */
function read() {
  try {
    return keptIn(localStorage.getItem(KEY));
  } catch {
    return {}; // The browser allows no storage, or the value is damaged.
  }
}

function write(templates) {
  try {
    localStorage.setItem(KEY, JSON.stringify(templates));
  } catch {
    // The browser allows no storage, or it is full: the next match starts without templates.
  }
}
