// The bet slip of the page: the bets that were sent, a stake on the chosen target, and what it would be paid.

import { html, useRef, useState } from "../html.js";
import { amountIn, hundredths, money, moneyOf, oddsText, wrongWith } from "../money.js";
import { payoutOf, policyOf } from "../payout.js";
import { delayOf, hasClosed, rowsOf, shutBecause } from "../state/pool.js";
import { waitingMoney } from "../state/sent.js";
import { seconds, targetName } from "../words.js";
import { Flap, Plate, isCutOff, useNow } from "./parts.js";
import { SentBets } from "./sent_bets.js";

const OFFERED = [500, 1000, 5000];
const STEP = 500;

export function Slip({ app, page, game, gameId }) {
  const { slip, status } = page;
  const picked = slip?.gameId === gameId ? poolOn(slip, game) : null;
  const notice = page.notice?.gameId === gameId ? page.notice.text : null;
  const own = useRef(null);
  const sent = page.sentBets.filter((bet) => bet.gameId === gameId);
  const leave = (act) => {
    const { activeElement: focused } = document;
    const isOurs = focused === document.body || own.current.contains(focused);
    act();
    if (isOurs) (rowOf(slip) ?? document.getElementById("main")).focus({ preventScroll: true });
  };
  return html`
    <section class="slip ${picked ? "" : "idle"} ${picked || notice || sent.length > 0 || status.phase === "away" ? "" : "nothing"}" ref=${own} aria-label="Bet slip">
      <span class="grab" aria-hidden="true"></span>
      ${status.phase === "away" && html`
        <div class="part waiting out"><span class="lampdot out" aria-hidden="true"></span>
          <p><b>Waiting for the connection</b><br />A bet that you send now is sent once it is back.</p></div>`}
      <${SentBets} app=${app} bets=${sent} isCutOff=${isCutOff(page)} />
      <div role="status">${notice && html`<div class="part placed"><p><b>✓ ${notice}</b></p></div>`}</div>
      ${picked
        ? html`<${Pick} key="${slip.poolId} ${slip.path}" app=${app} page=${page} game=${game} ...${picked} path=${slip.path} onPlace=${(terms) => leave(() => app.bets.place(terms))} onTakeOff=${() => leave(() => app.choose(null))} />`
        : html`<div class="part invite"><p><b>Bet slip</b></p><p class="note">Tap a target to put it here.</p></div>`}
    </section>`;
}

/** Return {pool, isRunning} of what is on the slip: the pool as it was if it has ended, else null. */
function poolOn({ poolId }, { pools, results }) {
  if (pools[poolId]) return { pool: pools[poolId], isRunning: true };
  const result = results.find(({ pool_id: id }) => id === poolId);
  return result ? { pool: { ...result, ...result.pool }, isRunning: false } : null;
}

const rowOf = ({ poolId, path }) => document.querySelector(`[data-pool="${CSS.escape(poolId)}"] [data-target="${CSS.escape(path)}"]:enabled`);

function Pick({ app, page, game, pool, isRunning, path, onPlace, onTakeOff }) {
  const [text, setText] = useState(page.slip.text ?? "");
  const [error, setError] = useState(null);
  const { details } = game;
  const { currency } = details;
  const name = targetName(details, path);
  const row = pool.odds && rowsOf(pool).find((each) => each.path === path);
  const now = useNow();
  const isOpen = isRunning && row && !hasClosed(pool, now);
  const shut = isOpen && shutBecause(pool, { details }, now);
  const balance = page.user && page.balances[currency]?.available;
  const waiting = waitingMoney(page, currency);
  const available = balance === undefined || balance === null ? null : Math.max(0, hundredths(balance) - waiting);
  const stake = amountIn(text);
  const isShort = available !== null && stake > available;
  const change = (value) => {
    setText(value);
    setError(null);
    app.keepStake(value);
  };
  const place = (event) => {
    event.preventDefault();
    if (!page.user) return app.askToSignIn();
    const wrong = wrongWith(text);
    if (wrong) return setError(wrong);
    const delay = delayOf(pool, details);
    onPlace({ amount: stake, currency, name, description: pool.description, delay });
  };
  return html`
    <form class="part stack tight" onSubmit=${place}>
      <div class="pick">${row && html`<${Plate} number=${row.number} />`}<div><b>${name}</b><small>${pool.description}</small></div>
        ${isOpen && row.odds !== null && html`<${Flap} text=${oddsText(row.odds)} size="sm" words="pays ${oddsText(row.odds)} for 1 now" />`}
        <button type="button" class="btn ghost icon" aria-label="Take ${name} off the slip" onClick=${onTakeOff}>✕</button></div>
      ${isOpen && html`<${Stake} text=${text} stake=${stake} available=${available} currency=${currency} onChange=${change} hasError=${Boolean(error) || isShort} />`}
      ${isOpen && stake > 0 && !isShort && html`<${Pays} pool=${pool} row=${row} stake=${stake} />`}
      ${isShort && isOpen && html`<p class="error" role="alert" id="stake-error">${shortText(available, waiting, currency)}</p>`}
      ${error && !isShort && html`<p class="error" role="alert" id="stake-error">${error}</p>`}
      <p class=${isOpen ? "sr" : "notice"} role="status">${!isOpen && `Betting on “${pool.description}” has closed.`}</p>
      ${isOpen && html`
        <button class="btn primary big block" disabled=${isShort || Boolean(shut)}>${shut ?? action(page, stake, name)}</button>
        <p class="note">${limitsOf(pool)}${available > 0 ? `${moneyOf(available)} ${currency} to bet with` + (waiting > 0 ? `, ${waitText(waiting)}.` : ".") : ""}</p>`}
    </form>`;
}

const waitText = (waiting) => `besides ${moneyOf(waiting)} in bets without a reply`;

const shortText = (available, waiting, currency) => waiting > 0
  ? `You have ${moneyOf(available)} ${currency} to bet with, ${waitText(waiting)}. That does not cover this stake.`
  : `Your balance of ${moneyOf(available)} ${currency} does not cover this stake.`;

function action({ user }, stake, name) {
  if (!user) return "Sign in to bet";
  return stake > 0 ? `Bet ${moneyOf(stake)} on ${name}` : `Bet on ${name}`;
}

function Stake({ text, stake, available, currency, onChange, hasError }) {
  const by = (step) => onChange(moneyOf(Math.max(0, (stake ?? 0) + step)));
  const offer = (whole) => html`<button type="button" class="btn" aria-pressed=${stake === whole} onClick=${() => onChange(moneyOf(whole))}>${whole / 100}</button>`;
  return html`
    <div class="stake"><button type="button" aria-label="5 less" onClick=${() => by(-STEP)}>−</button>
      <input name="amount" aria-label="Stake in ${currency}" inputmode="decimal" autocomplete="off" placeholder=${moneyOf(0)} value=${text}
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

function limitsOf({ bet_delay: delay, min_stake: least, max_stake: most, max_stake_per_user: mine }) {
  return [
    least && `At least ${money(least)}. `,
    most && `At most ${money(most)} a bet. `,
    delay > 0 && `A bet counts after ${seconds(delay)}. `,
    mine && `At most ${money(mine)} in this pool. `,
  ].filter(Boolean).join("");
}
