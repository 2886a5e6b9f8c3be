// The statement: every change of the user's balance, a page at a time, the newest first.

import { serverClock } from "../clock.js";
import { contained, html, useEffect, useMemo, useState } from "../html.js";
import { change, hundredths, money, moneyOf } from "../money.js";
import { daysAgo, daysOf, spanOf } from "../state/statement.js";
import { clock, day, daysAgoText, targetName, winnersText } from "../words.js";
import { textOf, useRequest } from "./parts.js";

const PAGE = 50;
const MOST = 1000;
const PERIODS = [["day", "Day"], ["week", "Week"], ["month", "Month"], ["dates", "Dates"]];

export function Statement({ app, page, currencies, currency, onCurrency }) {
  const [choice, choose] = useState({ period: "week" });
  const span = useMemo(() => spanOf(choice, serverClock.now()), [choice]);
  const { available, current } = page.balances[currency] ?? {};
  const { statement } = page;
  const entries = statement?.entries ?? [];
  const [{ error, isBusy }, run] = useRequest();
  const ask = (more) => run(() => app.ask("get_my_statement", { currency, ...span, ...more }).then(() => null));
  /** What is shown stays when the balance changes, also the end of a statement that is shown as a whole. */
  const shown = entries.length + (statement?.before === null ? PAGE : 0);
  useEffect(() => void ask({ limit: Math.min(MOST, Math.max(PAGE, shown)) }), [currency, span, available, current]);
  useEffect(() => app.visits.named(entries), [statement]);
  return html`
    <section class="card statement" aria-label="Statement">
      <header class="bar-head"><h2>Statement</h2>
        <${Currency} currencies=${currencies} currency=${currency} onChoose=${onCurrency} />
        <div class="seg" role="group" aria-label="Time">${PERIODS.map(([name, text]) => html`
          <button type="button" aria-pressed=${choice.period === name} onClick=${() => choose({ ...choice, period: name })}>${text}</button>`)}</div></header>
      ${choice.period === "dates" && html`<${Dates} choice=${choice} choose=${choose} />`}
      ${error && html`<p class="pad error" role="alert">${textOf(error)}</p>`}
      ${!statement && !error && html`<p class="pad note" role="status">Loading the statement…</p>`}
      ${statement && entries.length === 0 && html`<p class="pad note">Your balance did not change in this time.</p>`}
      <ol class="entries">${daysOf(entries).flatMap(({ day: start, entries: those }) => [
        html`<li class="day label" key=${start}>${dayText(start)}</li>`,
        ...those.map((entry) => html`<${Entry} key="entry ${entry.id}" entry=${entry} game=${page.games[entry.game_id]} />`),
      ])}</ol>
      ${statement && html`
        <footer class="row spread">
          ${statement.before && html`<button class="btn" aria-disabled=${isBusy} onClick=${() => isBusy || ask({ before: statement.before, limit: PAGE })}>Older</button>`}
          <span class="note">${money(statement.opening)} at the start · ${money(statement.closing)} ${statement.to ? "at the end" : "now"}</span>
        </footer>`}
    </section>`;
}

function Currency({ currencies, currency, onChoose }) {
  if (currencies.length < 2) return null;
  return html`
    <select aria-label="Currency of the statement" name="currency" value=${currency} onChange=${(event) => onChoose(event.target.value)}>
      ${currencies.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}</select>`;
}

/** Two days, both included. Without them: everything. */
function Dates({ choice, choose }) {
  const edit = ({ target: { name, value } }) => choose({ ...choice, [name]: value });
  return html`
    <div class="pair pad">
      <div class="field"><label for="statement-first">From</label>
        <input id="statement-first" type="date" name="first" min="1970-01-02" max="9999-12-31" value=${choice.first} onChange=${edit} /></div>
      <div class="field"><label for="statement-last">To</label>
        <input id="statement-last" type="date" name="last" min="1970-01-02" max="9999-12-31" value=${choice.last} onChange=${edit} /></div>
    </div>`;
}

function dayText(start) {
  const ago = daysAgo(start, serverClock.now());
  return ago < 2 ? `${daysAgoText(ago)}, ${day(start)}` : day(start);
}

const Entry = contained(({ entry, game }) => {
  const moved = hundredths(entry.change);
  return html`
    <li><div><b>${titleOf(entry, game)}</b><p class="note">${aboutOf(entry, game)}</p></div>
      <div class="right"><b class="amount ${moved > 0 ? "good" : moved < 0 ? "bad" : ""}">${change(moved)}</b>
        <p class="note" title="Your balance after it">${money(entry.current_balance)}</p></div></li>`;
}, ({ entry }) => html`<li>Entry ${entry.id} cannot be shown.</li>`);

const TITLES = {
  bet: (_, backed) => `Bet${backed}`,
  payout: (won) => `Won${won}`,
  loss: (_, backed) => `Lost${backed}`,
  refund: () => "Stake back",
  correction: () => "Result corrected",
  credit: () => "Credit",
  debit: () => "Debit",
  hold: () => "Held for a payment",
  release: () => "Hold released",
};

function titleOf({ at, cause, id, pool_id: poolId }, game) {
  if (cause === "credit" && id === 1) return "Opening credit";
  const pool = game?.details && game.mine[poolId];
  // A pool has its present winners. Those of an entry from before a correction are not known.
  const winners = pool && !(pool.corrected_at > at) ? winnersText(game.details, pool) : "";
  const backed = Object.keys(pool?.user_backed ?? {});
  return TITLES[cause]?.(
    winners && ` on ${winners}`,
    backed.length === 1 ? ` on ${targetName(game.details, backed[0])}` : "",
  ) ?? cause;
}

function aboutOf({ at, cause, stake, pool_id: poolId, reference, owed }, game) {
  const pool = game?.mine[poolId];
  const staked = cause === "payout" || cause === "loss" ? stakesOf(pool) : 0;
  return [
    clock(at),
    pool?.description,
    game?.details?.game_name,
    stake > 0 && `${moneyOf(stake)} set aside`,
    staked > 0 && `${moneyOf(staked)} staked`,
    owed > 0 && `${money(owed)} still owed`,
    reference && `reference ${reference}`,
  ].filter(Boolean).join(" · ");
}

const stakesOf = (pool) =>
  Object.values(pool?.user_backed ?? {}).reduce((sum, amount) => sum + hundredths(amount), 0);
