// The preview of an event: what each pool would pay, and to whom. `../payout.js` has the arithmetic.

import { html, useEffect, useState } from "../html.js";
import { change, moneyOf, oddsText } from "../money.js";
import { betsOf, policyOf, settle, winnerIn } from "../payout.js";
import { plural, targetName, userName } from "../words.js";
import { Flap, Tag } from "./parts.js";

const SHOWN = 3;

export function Preview({ app, page, game, details, action, target, happenedAt }) {
  const at = happenedAt ?? Infinity;
  const ofAction = Object.values(game.pools).filter(({ action_id: id }) => id === action);
  const winner = (pool) => winnerIn(pool, action, target, at);
  return html`
    <ul class="outcomes">
      ${ofAction.filter(winner).map((pool) => html`<${Decides} key=${pool.pool_id} app=${app} page=${page} pool=${pool} winner=${winner(pool)} details=${details} at=${at} />`)}
      ${ofAction.filter((pool) => !winner(pool)).map((pool) => html`<li key=${pool.pool_id}><b>${pool.description}</b><${Tag}>stays open<//></li>`)}
    </ul>`;
}

function Decides({ app, page, pool, winner, details, at }) {
  const bets = useBets(app, pool);
  if (!bets) return html`<li><b>${pool.description}</b><span class="note">loading bets…</span></li>`;
  const { total, isMoneyReturn, voided, prices, carriedOut, users } = settle(bets, [winner], at, policyOf(pool));
  const paid = users.filter((user) => user.paid > 0);
  const outcome = isMoneyReturn ? "nobody backed it, every stake goes back"
    : carriedOut > 0 ? `nobody backed it, ${moneyOf(carriedOut)} is carried over`
    : paid.length === 0 ? "no bets" : `${plural(paid.length, "winner")} ${paid.length === 1 ? "receives" : "share"} ${moneyOf(total)}`;
  return html`
    <li><div><b>${pool.description}</b><p>${targetName(details, winner)}: ${outcome}</p></div>
      ${paid.length > 0 && html`<span class="row nowrap"><span class="note">pays</span><${Flap} text=${oddsText(prices[winner])} size="sm" /></span>`}
      ${paid.length > 0 && html`<p class="names">${paid.slice(0, SHOWN).map((user) => html`
        <span key=${user.userId}>${userName(page, user.userId)} <b class="good">${change(user.paid + user.refunded - user.staked)}</b></span>`)}
        ${paid.length > SHOWN && html`<span>${plural(paid.length - SHOWN, "other")}</span>`}</p>`}
      ${voided > 0 && html`<p class="names"><${Tag} sign="↩">${moneyOf(voided)}<//> late bets go back</p>`}</li>`;
}

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

async function allBets(app, poolId) {
  const bets = [];
  for (;;) {
    const page = await app.ask("get_betting_pool_bets_distribution", { pool_id: poolId, offset: bets.length });
    const more = betsOf(page.distribution);
    bets.push(...more);
    if (more.length === 0 || bets.length >= page.bets_total) return bets;
  }
}
