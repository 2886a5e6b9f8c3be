// The user's bets in a game: running ones, and what became of the others. The newest are first.

import { html, memo } from "../html.js";
import { change, hundredths, money, moneyOf } from "../money.js";
import { payoutOf, policyOf } from "../payout.js";
import { outcomeOf } from "../state/results.js";
import { plural, targetName, winnersText } from "../words.js";
import { Tag } from "./parts.js";

const SHOWN = 8;

export const MyBets = memo(({ app, stakes, pools, results, details, isSignedIn }) => {
  const running = Object.entries(stakes).filter(([id]) => pools[id]).toSorted(([a], [b]) => pools[b].start_at - pools[a].start_at);
  const inPlay = running.flatMap(([, backed]) => Object.values(backed)).reduce((sum, amount) => sum + hundredths(amount), 0);
  return html`
    <section class="card" data-in="bets" aria-label="My bets">
      <header class="bar-head"><h2>My bets</h2><span class="note">${inPlay > 0 && `${moneyOf(inPlay)} in play`}</span></header>
      ${running.length + results.length === 0 && html`<p class="pad note">${isSignedIn ? "You have no bets in this game."
        : html`<button class="link" onClick=${() => app.askToSignIn()}>Sign in to bet</button>. You can look at everything without an account.`}</p>`}
      <ul class="list bets">
        ${running.flatMap(([id, backed]) => Object.entries(backed).map(([path, amount]) => html`
          <${Running} key="${id} ${path}" pool=${pools[id]} path=${path} amount=${amount} details=${details} />`))}
        ${results.slice(0, SHOWN).flatMap((pool) => Object.entries(pool.user_backed).map(([path, amount]) => html`
          <${Settled} key="${pool.pool_id} ${path}" pool=${pool} path=${path} amount=${amount} details=${details} />`))}
      </ul>
      ${results.length > SHOWN && html`<p class="pad note">and ${plural(results.length - SHOWN, "settled pool")} more</p>`}
    </section>`;
});

function Running({ pool, path, amount, details }) {
  return html`
    <li><div><b>${targetName(details, path)}</b> ${money(amount)}
      <p class="note">${pool.description} · would pay ${moneyOf(payoutNow(pool, path, amount))}</p></div>
      <${Tag} sign="●">In play<//></li>`;
}

/** What a stake would be paid now. The pool's figures may be older than the stake. */
function payoutNow(pool, path, amount) {
  const stake = hundredths(amount);
  const backing = Math.max(stake, hundredths(pool.distribution[path]?.backing_money ?? 0));
  return payoutOf(stake, Math.max(backing, hundredths(pool.amount_total)), backing, policyOf(pool));
}

/** What became of one stake. With stakes on several targets, the figure is that of the pool. */
function Settled({ pool, path, amount, details }) {
  const { word, net } = outcomeOf(pool);
  const isOnly = Object.keys(pool.user_backed).length === 1;
  const isLost = word !== "back" && !(pool.winning_targets ?? [pool.winning_target]).includes(path);
  const own = isOnly ? net : isLost ? -hundredths(amount) : net + others(pool, path);
  const how = pool.winning_target ? `won by ${winnersText(details, pool)}` : "cancelled";
  return html`
    <li><div><b>${targetName(details, path)}</b> ${money(amount)}<p class="note">${pool.description} · ${how}</p></div>
      <span class="amount ${own > 0 ? "good" : own < 0 ? "bad" : ""}">${word === "back" ? "returned" : html`${own > 0 && "✓ "}${change(own)}`}</span></li>`;
}

const others = ({ user_backed: backed }, path) =>
  Object.entries(backed).reduce((sum, [each, amount]) => sum + (each === path ? 0 : hundredths(amount)), 0);
