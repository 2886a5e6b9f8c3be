// The preview of an event: what each pool would pay, and to whom. `../payout.js` has the arithmetic.

import { html } from "../html.js";
import { change, moneyOf, oddsText } from "../money.js";
import { betsOf } from "../payout.js";
import { decisionsOf, resultsOf } from "../state/preview.js";
import { plural, targetName, userName } from "../words.js";
import { useLoaded } from "./loaded.js";
import { Flap, Tag } from "./parts.js";

const SHOWN = 3;

/**
 * Return what an event would do, {decides: [{pool, winners, result}], spares: [pool], error}. `error`: why bets are
 * missing, or null. `event`: {action, target, happenedAt}.
 */
export function usePreview(app, game, event) {
  const { decides, spares } = decisionsOf(game.pools, event);
  const { bets, error } = useBets(app, decides.map(({ pool }) => pool));
  return { decides: resultsOf(decides, bets, event.happenedAt), spares, error };
}

export function Preview({ page, details, at, preview: { decides, spares } }) {
  return html`
    <ul class="outcomes">
      ${decides.map((each) => html`<${Decides} key=${each.pool.pool_id} page=${page} details=${details} ...${each} />`)}
      ${spares.map((pool) => html`<li key=${pool.pool_id}><b>${pool.description}</b><${Tag}>${pool.start_at > at ? "opened later" : "stays open"}<//></li>`)}
    </ul>`;
}

function Decides({ page, pool, winners: [winner], result, details }) {
  if (!result) return html`<li><b>${pool.description}</b><span class="note">loading bets…</span></li>`;
  const { total, isMoneyReturn, voided, prices, carriedOut, users } = result;
  const paid = users.filter((user) => user.paid > 0);
  const gain = (some) => change(some.reduce((sum, user) => sum + user.paid + user.refunded - user.staked, 0));
  const outcome = isMoneyReturn ? "nobody backed it, every stake goes back"
    : carriedOut > 0 ? `nobody backed it, ${moneyOf(carriedOut)} is carried over`
    : paid.length === 0 ? "no bets" : `${plural(paid.length, "winner")} ${paid.length === 1 ? "receives" : "share"} ${moneyOf(total)}`;
  return html`
    <li><div><b>${pool.description}</b><p>${targetName(details, winner)}: ${outcome}</p></div>
      ${paid.length > 0 && html`<span class="row nowrap"><span class="note">pays</span><${Flap} text=${oddsText(prices[winner])} size="sm" /></span>`}
      ${paid.length > 0 && html`<p class="names">${paid.slice(0, SHOWN).map((user) => html`
        <span key=${user.userId}>${userName(page, user.userId)} <b class="good">${gain([user])}</b></span>`)}
        ${paid.length > SHOWN && html`<span>${plural(paid.length - SHOWN, "other")} <b class="good">${gain(paid.slice(SHOWN))}</b></span>`}</p>`}
      ${voided > 0 && html`<p class="names"><${Tag} sign="↩">${moneyOf(voided)}<//> late bets go back</p>`}</li>`;
}

/** Return {bets, error}: the bets of pools by pool, without pools whose first load is under way, and why one failed. */
export function useBets(app, pools) {
  const wanted = pools.map(({ pool_id: key, amount_total: version }) => ({ key, version }));
  const { values: bets, error } = useLoaded(wanted, (poolId) => allBets(app, poolId));
  return { bets, error };
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
