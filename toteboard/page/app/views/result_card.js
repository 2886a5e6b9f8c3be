// A pool that was decided a moment ago: its winner, what it paid, and what the user won.

import { contained, html } from "../html.js";
import { change, money, oddsText } from "../money.js";
import { outcomeOf, paidFor, plateOf } from "../state/results.js";
import { clock, left, outcomeText, targetName, winnersText } from "../words.js";
import { Drain, Flap, Plate, Tag, useNow } from "./parts.js";

const STAYS_MS = 15_000;

/** Return until when a result stays where its pool was (epoch ms). Only if the page saw it happen. */
export const staysUntil = ({ heardAt }) => (heardAt ?? -Infinity) + STAYS_MS;

const Card = ({ result, details, mine }) => {
  const until = staysUntil(result);
  const rest = left(until - useNow());
  return html`
    <article class="card pool result" aria-label=${result.description} data-result=${result.pool_id}>
      <header><div class="stack tight">
        <div class="row"><${Tag} kind="won" sign="✓">Result<//><span class="note">${clock(result.resolved_at)}</span></div>
        <h2>${result.description}</h2></div></header>
      <div class="outcome"><${Finish} result=${result} details=${details} />${mine && html`<${Yours} mine=${mine} details=${details} />`}</div>
      <div class="leaving"><p><span>${outcomeText(details, result)}</span><span>Goes to Results in ${rest ?? "0:00"}</span></p>
        <${Drain} at=${until} span=${STAYS_MS} /></div>
    </article>`;
};

export const ResultCard = contained(Card, ({ result }) => html`
  <article class="card pool"><p class="error">${result.description}: this result cannot be shown.</p></article>`);

function Finish({ result, details }) {
  const winner = result.winning_target;
  if (!winner) return html`<div class="finish"><div><p class="label">Cancelled</p><p class="name">${result.reason ?? "Every stake goes back"}</p></div></div>`;
  const paid = paidFor(result);
  return html`
    <div class="finish"><${Plate} number=${plateOf(result, details)} size="lg" />
      <div><p class="label">Winner</p><p class="name">${winnersText(details, result)}</p></div>
      <div class="odds"><span class="label">${paid ? "Paid for 1" : "No bets on it"}</span>
        ${paid && html`<${Flap} text=${oddsText(paid)} />`}</div></div>`;
}

function Yours({ mine, details }) {
  const { word, net } = outcomeOf(mine);
  const staked = Object.entries(mine.user_backed).map(([path, amount]) => `${money(amount)} on ${targetName(details, path)}`).join(", ");
  const text = { won: `✓ You won ${change(net)}`, lost: `You lost ${change(net)}`, back: "Your stake came back" }[word];
  return html`<p class="yours"><b class=${word === "won" ? "good" : ""}>${text}</b>
    <span class="note">${staked}${word === "won" ? ` paid ${money(mine.total_winnings)}` : ""}</span></p>`;
}
