// The events of the match and the results of pools, the newest first.

import { contained, html, memo } from "../html.js";
import { oddsText } from "../money.js";
import { isPoolsOwn } from "../state/pool.js";
import { paidFor } from "../state/results.js";
import { actionName, clock, targetName, winnersText } from "../words.js";
import { Tag } from "./parts.js";

const SHOWN = 30;

export const TimeLine = memo(({ events, results, details }) => {
  const shown = Object.entries(events).filter(([, { action_id }]) => !isPoolsOwn(action_id));
  const lines = [
    ...results.map((result) => ({ id: result.pool_id, at: result.resolved_at, result })),
    ...shown.map(([id, event]) => ({ id, at: event.happened_at, event })),
  ].toSorted((a, b) => b.at - a.at).slice(0, SHOWN);
  return html`
    <section class="card" data-in="line" aria-label="Time line">
      <header class="bar-head"><h2>Time line</h2></header>
      ${lines.length === 0 && html`<p class="pad note">Nothing has happened yet.</p>`}
      <div role="log" aria-label="What happened"><ol class="timeline">
        ${lines.map((line) => html`<${Line} key=${line.id} line=${line} details=${details} />`)}
      </ol></div>
    </section>`;
});

const Line = contained(({ line: { at, event, result }, details }) => html`
  <li class=${event ? "event" : "result"}>
    <time>${clock(at)}</time><span class="mark ${event?.taken_back_at ? "back" : event ? "" : "result"}" aria-hidden="true"></span>
    ${event ? html`<${Event} event=${event} details=${details} />`
      : html`<div>${result.description} <p class="note">${how(result, details)}</p></div>`}
  </li>`, () => html`<li>This entry cannot be shown.</li>`);

function Event({ event: { action_id, target_id, taken_back_at, reason }, details }) {
  const text = html`<b>${actionName(details, action_id)}</b> ${targetName(details, target_id)}`;
  if (!taken_back_at) return html`<div>${text}</div>`;
  return html`<div><s>${text}</s> <${Tag} kind="shut" sign="↩">Taken back<//>${reason && html`<p class="note">${reason}</p>`}</div>`;
}

function how(result, details) {
  const corrected = result.corrected_at ? "Corrected: " : "";
  if (!result.winning_target) return `${corrected}cancelled, stakes went back`;
  const paid = paidFor(result);
  return `${corrected}${winnersText(details, result)}${paid ? `, paid ${oddsText(paid)} for 1` : ""}`;
}
