// What was decided and waits to be paid, and the events that were registered. Both can be taken back.

import { html, useState } from "../html.js";
import { serverClock } from "../clock.js";
import { money } from "../money.js";
import { isPoolsOwn } from "../state/pool.js";
import { actionName, clock, targetName, winnersText } from "../words.js";
import { Drain, Left, Tag, textOf, useRequest } from "./parts.js";
import { Hold } from "./hold.js";
import { Press } from "./press.js";

const SHOWN = 6;

export function Registered({ app, game, details, gameId }) {
  const events = Object.entries(game.events).toSorted(([, a], [, b]) => b.happened_at - a.happened_at);
  const held = Object.values(game.pools).filter(({ decided }) => decided);
  return html`
    ${held.length > 0 && html`
      <section class="card" aria-label="Results on hold">
        <header class="bar-head"><h2>Results on hold</h2><${Tag} kind="held" sign="◔">${held.length} waiting<//></header>
        ${held.map((pool) => html`<${Held} key=${pool.pool_id} app=${app} pool=${pool} details=${details} gameId=${gameId} />`)}
      </section>`}
    ${events.length > 0 && html`
      <section class="card" aria-label="Registered">
        <header class="bar-head"><h2>Registered</h2></header>
        <ul class="list">${events.slice(0, SHOWN).map(([id, event]) => html`<li key=${id}><${Event} app=${app} id=${id} event=${event} details=${details} gameId=${gameId} /></li>`)}</ul>
      </section>`}`;
}

function Held({ app, pool, details, gameId }) {
  const { decided } = pool;
  const [began] = useState(() => serverClock.now());
  return html`
    <div class="heldrow">
      <div class="row spread nowrap"><div><b>${winnersText(details, decided)}</b><p class="note">${pool.description}</p></div>
        <span class="note"><${Left} at=${decided.confirm_at} before="pays in" over="paying" /></span></div>
      <${Drain} at=${decided.confirm_at} span=${Math.max(1, decided.confirm_at - began)} />
      <${TakeBack} app=${app} id=${decided.event_id} gameId=${gameId} />
      <${Press} app=${app} op="confirm_pool" parameters=${{ pool_id: pool.pool_id }}>Pay now ${money(pool.amount_total)}<//>
    </div>`;
}

function Event({ app, id, event: { action_id, target_id, happened_at, taken_back_at, reason }, details, gameId }) {
  const what = html`<b>${isPoolsOwn(action_id) ? "Decided" : actionName(details, action_id)}</b> ${targetName(details, target_id)}`;
  if (taken_back_at) {
    return html`<div><s>${what}</s><p class="note">${clock(happened_at)}${reason ? ` · “${reason}”` : ""}</p></div><${Tag} kind="shut" sign="↩">Taken back<//>`;
  }
  return html`<div>${what}<p class="note">${clock(happened_at)}</p></div><${TakeBack} app=${app} id=${id} gameId=${gameId} />`;
}

/** Taking back needs a reason, which the players read. */
function TakeBack({ app, id, gameId }) {
  const [reason, setReason] = useState(null);
  const [{ error, isBusy }, run] = useRequest();
  if (reason === null) return html`<button type="button" class="btn" onClick=${() => setReason("")}>↩ Take back</button>`;
  const field = `taken-back-${id}`;
  return html`
    <div class="stack tight takeback">
      <label for=${field}>Reason, for the players</label>
      <input id=${field} maxlength="500" value=${reason} onInput=${(event) => setReason(event.target.value)} autocomplete="off" />
      <${Hold} kind="danger" text="Hold to take back" isBusy=${isBusy || !reason.trim()}
        onHeld=${() => run(() => app.ask("take_back_game_event", { game_id: gameId, event_id: id, reason }))} />
      <button type="button" class="btn ghost" onClick=${() => setReason(null)}>Keep it</button>
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
    </div>`;
}
