// The bet slip of the page: a stake on the chosen target, what it would be paid, and what became of it.

import { html, useEffect, useState } from "../html.js";
import { serverClock } from "../clock.js";
import { amountIn, hundredths, money, moneyOf, oddsText, parameter, wrongWith } from "../money.js";
import { payoutOf, policyOf } from "../payout.js";
import { rowsOf, shutBecause } from "../state/pool.js";
import { targetName } from "../words.js";
import { Flap, Left, Plate, textOf, useNow, useRequest } from "./parts.js";

const OFFERED = [500, 1000, 5000];
const STEP = 500;

export function Slip({ app, page, game, gameId }) {
  const { slip, status } = page;
  const pool = slip?.gameId === gameId ? game.pools[slip.poolId] : null;
  const row = pool && rowsOf(pool).find(({ path }) => path === slip.path);
  const [notice, setNotice] = useState(null);
  useEffect(() => void (row && setNotice(null)), [slip?.poolId, slip?.path]);
  return html`
    <section class="slip ${row ? "" : "idle"} ${row || notice || status.phase === "away" ? "" : "nothing"}" aria-label="Bet slip">
      <span class="grab" aria-hidden="true"></span>
      ${status.phase === "away" && html`
        <div class="part waiting out"><span class="lampdot out" aria-hidden="true"></span>
          <p><b>Waiting for the connection</b><br />Nothing is lost. What you send now is sent once it is back.</p></div>`}
      ${notice && html`<div class="part placed" role="status"><p><b>✓ ${notice}</b></p></div>`}
      ${row
        ? html`<${Pick} key="${pool.pool_id} ${row.path}" app=${app} page=${page} game=${game} pool=${pool} row=${row} onPlaced=${setNotice} />`
        : html`<div class="part invite"><p><b>Bet slip</b></p><p class="note">Tap a target to put it here.</p></div>`}
    </section>`;
}

function Pick({ app, page, game, pool, row, onPlaced }) {
  const [text, setText] = useState("");
  const [{ error, isBusy }, run, forget] = useRequest();
  const { details } = game;
  const { currency } = details;
  const name = targetName(details, row.path);
  const shut = shutBecause(pool, { details }, useNow());
  const available = hundredths(page.balances[currency]?.available ?? 0);
  const stake = amountIn(text);
  const change = (value) => {
    setText(value);
    forget();
  };
  const place = (event) => {
    event.preventDefault();
    if (!page.user) return app.askToSignIn();
    run(async () => {
      const wrong = wrongWith(text);
      if (wrong) throw { text: wrong };
      const bet = await app.ask("place_bet_in_betting_pool", { pool_id: pool.pool_id, target: row.path, amount: parameter(stake) });
      onPlaced(`Bet placed: ${money(bet.amount)} ${currency} on ${name}`);
      app.choose(null);
    });
  };
  return html`
    <form class="part stack tight" onSubmit=${place}>
      <div class="pick"><${Plate} number=${row.number} /><div><b>${name}</b><small>${pool.description}</small></div>
        ${row.odds !== null && html`<${Flap} text=${oddsText(row.odds)} size="sm" words="pays ${oddsText(row.odds)} for 1 now" />`}
        <button type="button" class="btn ghost icon" aria-label="Take ${name} off the slip" onClick=${() => app.choose(null)}>✕</button></div>
      <${Stake} text=${text} stake=${stake} available=${page.user ? available : null} currency=${currency} onChange=${change} hasError=${Boolean(error)} />
      ${isBusy && pool.bet_delay > 0 && html`<${Pending} delay=${pool.bet_delay} />`}
      ${stake > 0 && html`<${Pays} pool=${pool} row=${row} stake=${stake} />`}
      ${error && html`<p class="error" role="alert" id="stake-error">${textOf(error)}</p>`}
      <button class="btn primary big block" disabled=${isBusy || Boolean(shut)}>${shut ?? action(page, stake, name, isBusy)}</button>
      <p class="note">${limitsOf(pool)}${available > 0 && page.user ? `${moneyOf(available)} ${currency} to bet with.` : ""}</p>
    </form>`;
}

function action({ user, status }, stake, name, isBusy) {
  if (!user) return "Sign in to bet";
  if (isBusy) return status.phase === "connected" ? "Placing the bet…" : "Waiting for the connection…";
  return stake > 0 ? `Bet ${moneyOf(stake)} on ${name}` : `Bet on ${name}`;
}

function Stake({ text, stake, available, currency, onChange, hasError }) {
  const by = (step) => onChange(moneyOf(Math.max(0, (stake ?? 0) + step)));
  const offer = (whole) => html`<button type="button" class="btn" aria-pressed=${stake === whole} onClick=${() => onChange(moneyOf(whole))}>${whole / 100}</button>`;
  return html`
    <div class="stake"><button type="button" aria-label="5 less" onClick=${() => by(-STEP)}>−</button>
      <input name="amount" aria-label="Stake in ${currency}" inputmode="decimal" autocomplete="off" placeholder="0.00" value=${text}
        aria-invalid=${hasError ? "true" : undefined} aria-describedby=${hasError ? "stake-error" : undefined}
        onInput=${(event) => onChange(event.target.value)} />
      <button type="button" aria-label="5 more" onClick=${() => by(STEP)}>+</button></div>
    <div class="stakes">${OFFERED.map(offer)}
      <button type="button" class="btn" disabled=${!available} aria-label="All you have: ${moneyOf(available ?? 0)}" onClick=${() => onChange(moneyOf(available))}>All</button></div>`;
}

/** The payout if no other bet followed: the stake itself moves the odds. */
function Pays({ pool, row, stake }) {
  const [total, backing] = [hundredths(pool.amount_total) + stake, hundredths(row.money) + stake];
  const payout = payoutOf(stake, total, backing, policyOf(pool));
  return html`<p class="pays"><span>Would pay <span class="note">at ${oddsText(payout / stake)} for 1</span></span><b>${moneyOf(payout)}</b></p>`;
}

/** A bet in a pool with a delay counts later, and cannot be withdrawn: it would be a free look at the news. */
function Pending({ delay }) {
  const [until] = useState(() => serverClock.now() + delay);
  return html`<div class="waiting pending" role="status"><span class="lampdot out" aria-hidden="true"></span>
    <p><b>Pending</b><br /><${Left} at=${until} before="Counts in" after="unless something happens first" over="Being decided" /></p></div>`;
}

function limitsOf({ bet_delay: delay, min_stake: least, max_stake: most, max_stake_per_user: mine }) {
  return [
    least && `At least ${money(least)}. `,
    most && `At most ${money(most)} a bet. `,
    delay > 0 && `A bet counts after ${delay / 1000} s. `,
    mine && `At most ${money(mine)} in this pool. `,
  ].filter(Boolean).join("");
}
