// The events of the match and the results of pools, the newest first.

import { contained, html, memo } from "../html.js";
import { money, oddsText } from "../money.js";
import { isPoolsOwn } from "../state/pool.js";
import { actionName, clock, plural, targetName } from "../words.js";

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
  const winners = Object.values(result.winners);
  const paid = winners.reduce((sum, amount) => sum + amount, 0);
  return html`
    <p>${result.description} ${result.winning_target ? html`<b>${targetName(details, result.winning_target)}</b>` : html`<b>cancelled</b> ${result.reason}`}
      <small>${how(result, winners.length, paid)}</small></p>`;
}

function how({ is_money_return: isReturn, invalidated_bettors: invalidated, losers, pool, winning_target: winner }, winners, paid) {
  const outcome = isReturn
    ? "all stakes refunded"
    : winners === 0
      ? "no bets"
      : `${plural(winners, "winner")} won ${money(paid)} from ${plural(Object.keys(losers).length, "bettor")}`;
  if (invalidated.length > 0) return `${outcome}; ${plural(invalidated.length, "late bettor")} refunded`;
  return winners > 0 && pool ? `Paid ${oddsText(pool.odds[winner])} for 1. ${outcome}` : outcome;
}
