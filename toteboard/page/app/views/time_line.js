// The events of the match and the results of pools, the newest first.

import { contained, html, memo } from "../html.js";
import { isPoolsOwn } from "../state/pool.js";
import { actionName, clock, outcomeText, targetName, winnersText } from "../words.js";

const SHOWN = 40;

export const TimeLine = memo(({ events, results, details }) => {
  const lines = [
    ...Object.entries(events).map(([id, event]) => ({ id, at: event.happened_at, event })),
    ...results.map((result) => ({ id: result.pool_id, at: result.resolved_at ?? result.expired_at, result })),
  ].toSorted((a, b) => b.at - a.at).slice(0, SHOWN);
  return html`
    <section class="panel" aria-label="Timeline">
      <h2>Timeline</h2>
      ${lines.length === 0 && html`<p class="muted">No events yet.</p>`}
      <ol class="line" role="log" aria-live="polite">
        ${lines.map((line) => html`
          <${Line} key=${line.id} line=${line} details=${details} />`)}
      </ol>
    </section>`;
});

const Line = contained(({ line: { at, event, result }, details }) => html`
  <li class=${event ? "event" : "result"}>
    <time>${clock(at)}</time>
    ${event ? html`<${Event} event=${event} details=${details} />` : html`<${Result} result=${result} details=${details} />`}
  </li>`, () => html`<li>This entry cannot be shown</li>`);

function Event({ event, details }) {
  return html`<p><b>${eventName(event, details)}</b> ${targetName(details, event.target_id)}</p>`;
}

const eventName = ({ action_id }, details) => (isPoolsOwn(action_id) ? "Result" : actionName(details, action_id));

function Result({ result, details }) {
  const winners = winnersText(details, result);
  return html`
    <p>${result.description} ${winners ? html`<b>${winners}</b>` : html`<b>cancelled</b> ${result.reason}`}
      <small>${outcomeText(details, result)}</small></p>`;
}
