// The preview of an event: what each pool would pay. `../payout.js` has the arithmetic.

import { html, useEffect, useState } from "../html.js";
import { moneyOf, oddsText } from "../money.js";
import { betsOf, policyOf, settle, winnerIn } from "../payout.js";
import { plural, targetName, userName } from "../words.js";

const SHOWN = 8;

export function Preview({ app, page, game, details, action, target, happenedAt }) {
  const at = happenedAt ?? Infinity;
  const pools = Object.values(game.pools).filter((pool) => winnerIn(pool, action, target, at));
  return html`
    <div class="preview" aria-live="polite">
      <h3>Settles ${plural(pools.length, "pool")}</h3>
      ${pools.map((pool) => html`<${PoolPreview} key=${pool.pool_id} app=${app} page=${page} game=${game} details=${details}
        pool=${pool} winner=${winnerIn(pool, action, target, at)} at=${at} />`)}
    </div>`;
}

function PoolPreview({ app, page, game, details, pool, winner, at }) {
  const bets = useBets(app, pool);
  if (!bets) return html`<p class="muted">${pool.description}: loading bets…</p>`;
  const { total, isMoneyReturn, voided, prices, carriedOut, users } = settle(bets, [winner], at, policyOf(pool));
  const paid = users.filter((user) => user.paid > 0);
  const outcome = isMoneyReturn
    ? "no bet on it, all stakes are refunded"
    : carriedOut > 0 ? `no bet on it, ${moneyOf(carriedOut)} is carried over`
    : users.length === 0 || total === 0 ? "no bets" : `${plural(paid.length, "winner")} ${paid.length === 1 ? "receives" : "share"} ${moneyOf(total)}, ${oddsText(prices[winner])} for 1`;
  return html`
    <div class="pool-preview">
      <p>${pool.description} → <b>${targetName(details, winner)}</b>: ${outcome}${voided > 0 ? ` · ${moneyOf(voided)} void, refunded` : ""}</p>
      ${paid.length > 0 && html`
        <table><thead class="sr"><tr><th>User</th><th>Paid</th><th>Won</th></tr></thead>
          <tbody>${paid.slice(0, SHOWN).map((user) => html`
            <tr key=${user.userId}><td>${userName(page, user.userId)}</td><td class="num">${moneyOf(user.paid)}</td>
              <td class="num">${signed(user.paid + user.refunded - user.staked)}</td></tr>`)}</tbody></table>`}
      ${paid.length > SHOWN && html`<p class="muted">and ${plural(paid.length - SHOWN, "winner")} more</p>`}
    </div>`;
}

const signed = (whole) => (whole < 0 ? `−${moneyOf(-whole)}` : `+${moneyOf(whole)}`);

/** Return the bets of a pool, requested again after every new bet. Null until the first reply. */
function useBets(app, pool) {
  const [bets, setBets] = useState(null);
  useEffect(() => {
    let isWanted = true;
    allBets(app, pool.pool_id).then((all) => isWanted && setBets(all), () => {});
    return () => (isWanted = false);
  }, [pool.pool_id, pool.amount_total]);
  return bets;
}

async function allBets({ connection }, poolId) {
  const bets = [];
  for (;;) {
    const page = await connection.ask("get_betting_pool_bets_distribution", { pool_id: poolId, offset: bets.length });
    const more = betsOf(page.distribution);
    bets.push(...more);
    if (more.length === 0 || bets.length >= page.bets_total) return bets;
  }
}
