// The results of a game, for every user and also after a reload.

import { contained, html, memo } from "../html.js";
import { change, oddsText } from "../money.js";
import { outcomeOf, paidFor, plateOf } from "../state/results.js";
import { clock, plural, winnersText } from "../words.js";
import { Flap, Plate } from "./parts.js";

const SHOWN = 12;

export const Results = memo(({ results, mine, details }) => html`
  <section class="card" data-in="results" aria-label="Results">
    <header class="bar-head"><h2>Results</h2><span class="note">${results.length > 0 && plural(results.length, "pool")}</span></header>
    ${results.length === 0 && html`<p class="pad note">No pool has been decided yet.</p>`}
    <ul class="list">${results.slice(0, SHOWN).map((result) => html`
      <${Row} key=${result.pool_id} result=${result} details=${details} mine=${mine.find(({ pool_id: id }) => id === result.pool_id)} />`)}</ul>
    ${results.length > SHOWN && html`<p class="pad note">and ${plural(results.length - SHOWN, "earlier result")}</p>`}
  </section>`);

const Row = contained(({ result, details, mine }) => {
  const { winning_target: winner, description, reason, resolved_at } = result;
  const you = mine ? ` · you ${change(outcomeOf(mine).net)}` : "";
  if (!winner) {
    return html`<li><div><b>Cancelled</b><p class="note">${description} · stakes went back${reason ? `: “${reason}”` : ""}${you}</p></div><time>${clock(resolved_at)}</time></li>`;
  }
  const paid = paidFor(result);
  return html`
    <li><div class="won"><${Plate} number=${plateOf(result, details)} size="sm" />
      <div><b>${winnersText(details, result)}</b><p class="note">${description} · ${clock(resolved_at)}${result.corrected_at ? " · corrected" : ""}${you}</p></div></div>
      <div>${paid ? html`<${Flap} text=${oddsText(paid)} size="sm" words="paid ${oddsText(paid)} for 1" />`
        : html`<span class="note">${result.is_money_return ? "stakes returned" : "no bets"}</span>`}</div></li>`;
}, ({ result }) => html`<li>${result.description}: this result cannot be shown.</li>`);
