// Pools that were used before, to start a new one from. The browser keeps those of a source for its next match.

import { html, useEffect } from "../html.js";
import { fitting, templatesOf, withEarlier } from "../state/templates.js";

const KEY = "toteboard-templates";

const stored = () => JSON.parse(localStorage.getItem(KEY)) ?? {};

export function Templates({ app, game, details, onChoose }) {
  const { source_id: source } = details;
  const all = withEarlier(templatesOf(game), stored()[source] ?? []);
  useEffect(() => localStorage.setItem(KEY, JSON.stringify({ ...stored(), [source]: all })), [JSON.stringify(all)]);
  const fit = fitting(all, game, details);
  if (fit.length === 0) return null;
  const choose = async ({ poolId, ...template }) => {
    if (!poolId) return onChoose(template);
    const { distribution } = await app.ask("get_betting_pool_bets_distribution", { pool_id: poolId, limit: 1 });
    const targets = Object.keys(distribution).filter((path) => path !== "none");
    return onChoose(fitting([{ ...template, targets }], game, details)[0]);
  };
  return html`
    <div class="chips" role="group" aria-label="Start from one you used before">${fit.map((template) => html`
      <button type="button" class="chip" key=${template.description} onClick=${() => choose(template)}>${template.description}</button>`)}</div>`;
}
