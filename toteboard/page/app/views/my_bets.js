// The user's bets in a game: running ones, and the results of settled ones.

import { html, memo } from "../html.js";
import { hundredths, money, moneyOf } from "../money.js";
import { payoutOf, policyOf } from "../payout.js";
import { plural, targetName, when, winnersText } from "../words.js";

const SHOWN = 8;

export const MyBets = memo(({ stakes, pools, results, details }) => {
  const running = Object.entries(stakes).filter(([id]) => pools[id]);
  return html`
    <section class="panel" aria-label="My bets">
      <h2>My bets</h2>
      ${running.length + results.length === 0 && html`<p class="muted">You have no bets in this game.</p>`}
      <ul class="plain bets">
        ${running.map(([id, backed]) => html`<li key=${id}><${Running} pool=${pools[id]} backed=${backed} details=${details} /></li>`)}
        ${results.slice(0, SHOWN).map((pool) => html`<li key=${pool.pool_id}><${Settled} pool=${pool} details=${details} /></li>`)}
      </ul>
      ${results.length > SHOWN && html`<p class="muted">and ${plural(results.length - SHOWN, "settled pool")} more</p>`}
    </section>`;
});

function Running({ pool, backed, details }) {
  return html`
    <p>${pool.description}</p>
    ${Object.entries(backed).map(([path, amount]) => html`
      <p class="row spread"><span>${targetName(details, path)}</span>
        <span class="num"><b>${money(amount)}</b> <small>pays ${moneyOf(payoutNow(pool, path, amount))}</small></span></p>`)}`;
}

/** What a stake would be paid now. The pool's figures may be older than the stake. */
function payoutNow(pool, path, amount) {
  const stake = hundredths(amount);
  const backing = Math.max(stake, hundredths(pool.distribution[path]?.backing_money ?? 0));
  return payoutOf(stake, Math.max(backing, hundredths(pool.amount_total)), backing, policyOf(pool));
}

function Settled({ pool, details }) {
  const staked = Object.values(pool.user_backed).reduce((sum, amount) => sum + amount, 0);
  const net = pool.total_winnings - staked;
  const word = net > 0 ? "won" : net < 0 ? "lost" : "back";
  return html`
    <p>${pool.description} <small>${when(pool.resolved_at)}</small></p>
    <p class="row spread"><span class="muted">${winnersText(details, pool) || "cancelled"}</span>
      <span class="num outcome ${word}"><b>${net > 0 ? "+" : net < 0 ? "−" : ""}${money(Math.abs(net))}</b> <small>${word === "back" ? "refunded" : word}</small></span></p>`;
}
