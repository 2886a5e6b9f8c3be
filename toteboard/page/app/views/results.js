// The results of a game, for every user and also after a reload.

import { contained, html, memo } from "../html.js";
import { change, oddsText } from "../money.js";
import { outcomeOf, paidFor, plateOf } from "../state/results.js";
import { clock, plural, winnersText } from "../words.js";
import { Flap, Plate } from "./parts.js";
import { useReasons } from "./receipts.js";

const SHOWN = 12;

export const Results = memo(({ app, results, mine, details }) => {
  const shown = results.slice(0, SHOWN);
  const reasons = useReasons(app, shown);
  return html`
  <section class="card" data-in="results" aria-label="Results">
    <header class="bar-head"><h2>Results</h2><span class="note">${results.length > 0 && plural(results.length, "pool")}</span></header>
    ${results.length === 0 && html`<p class="pad note">No pool has been decided yet.</p>`}
    <ul class="list">${shown.map((result) => html`
      <${Row} key=${result.pool_id} result=${result} reason=${reasons[result.pool_id]} details=${details} mine=${mine.find(({ pool_id: id }) => id === result.pool_id)} />`)}</ul>
    ${results.length > SHOWN && html`<p class="pad note">and ${plural(results.length - SHOWN, "earlier result")}</p>`}
  </section>`;
});

const Row = contained(({ result, reason, details, mine }) => {
  const { winning_target: winner, description, resolved_at } = result;
  const why = reason ? `: “${reason}”` : "";
  const you = mine ? ` · you ${change(outcomeOf(mine).net)}` : "";
  if (!winner) {
    return html`<li><div><b>Cancelled</b><p class="note">${description} · stakes went back${why}${you}</p></div><time>${clock(resolved_at)}</time></li>`;
  }
  const paid = paidFor(result);
  return html`
    <li><div class="won"><${Plate} number=${plateOf(result, details)} size="sm" />
      <div><b>${winnersText(details, result)}</b><p class="note">${description} · ${clock(resolved_at)}${result.corrected_at ? ` · corrected${why}` : ""}${you}</p></div></div>
      <div>${paid ? html`<${Flap} text=${oddsText(paid)} size="sm" words="paid ${oddsText(paid)} for 1" />`
        : html`<span class="note">${result.is_money_return ? "stakes returned" : "no bets"}</span>`}</div></li>`;
}, ({ result }) => html`<li>${result.description}: this result cannot be shown.</li>`);
