// The events that were registered in a game, the newest first.

import { html } from "../html.js";
import { isPoolsOwn } from "../state/pool.js";
import { actionName, clock, targetName } from "../words.js";

const SHOWN = 6;

export function Registered({ game, details }) {
  const events = Object.entries(game.events).toSorted(([, a], [, b]) => b.happened_at - a.happened_at);
  if (events.length === 0) return null;
  return html`
    <section class="card" aria-label="Registered">
      <header class="bar-head"><h2>Registered</h2></header>
      <ul class="list">${events.slice(0, SHOWN).map(([id, event]) => html`
        <li key=${id}><div><b>${nameOf(event, details)}</b> ${targetName(details, event.target_id)}</div><time>${clock(event.happened_at)}</time></li>`)}</ul>
    </section>`;
}

const nameOf = ({ action_id: id }, details) => (isPoolsOwn(id) ? "Decided" : actionName(details, id));
