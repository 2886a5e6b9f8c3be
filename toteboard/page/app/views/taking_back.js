// Takes an event back, with what that costs. It needs a reason, which the players read.

import { html, useState } from "../html.js";
import { moneyOf } from "../money.js";
import { candidatesOf, costOf, heldBy, unknownBefore } from "../state/taking_back.js";
import { clock, targetName } from "../words.js";
import { Changed } from "./corrections.js";
import { Hold } from "./hold.js";
import { textOf, useFocusOf, useRequest } from "./parts.js";
import { useReceipts } from "./receipts.js";

export function TakeBack({ app, page, game, details, id, onDone }) {
  const [isOpen, open] = useState(false);
  const { button, first } = useFocusOf(isOpen);
  if (!isOpen) return html`<button type="button" class="btn" ref=${button} onClick=${() => open(true)}>↩ Take back</button>`;
  return html`<${Form} app=${app} page=${page} game=${game} details=${details} id=${id} first=${first} onDone=${onDone} onClose=${() => open(false)} />`;
}

function Form({ app, page, game, details, id, first, onDone, onClose }) {
  const [reason, setReason] = useState("");
  const [{ error, isBusy }, run] = useRequest();
  const { costs, failure } = useCosts(app, game, id);
  const held = heldBy(game.pools, game.events, id);
  const field = `taken-back-${id}`;
  const send = () => run(async () => {
    await app.ask("take_back_game_event", { game_id: game.gameId, event_id: id, reason });
    onDone();
  });
  const text = !costs ? "Loading bets…" : reason.trim() ? "Hold to take back" : "Give a reason first";
  return html`
    <div class="stack takeback">
      <div class="stack tight" role="status">
        ${held.map(({ pool, winners }) => html`
          <p key=${pool.pool_id}><b>${pool.description}</b> ${winners.length > 0 ? wonBy(details, winners) : "opens again"}. Nothing has been paid.</p>`)}
        ${costs?.map(({ result, cost }) => html`<${Cost} key=${result.pool_id} page=${page} details=${details} result=${result} cost=${cost} />`)}
        ${costs && html`<${Rest} game=${game} id=${id} count=${costs.length + held.length} />`}
      </div>
      <label for=${field}>Reason, for the players</label>
      <input id=${field} ref=${first} maxlength="500" value=${reason} onInput=${(event) => setReason(event.target.value)} autocomplete="off" />
      <div class="row"><${Hold} kind="danger" text=${text} isBusy=${isBusy || !costs || !reason.trim()} page=${page} onHeld=${send} />
        <button type="button" class="btn ghost" onClick=${onClose}>Keep it</button></div>
      ${(error ?? failure) && html`<p class="error" role="alert">${textOf(error ?? failure)}</p>`}
    </div>`;
}

const wonBy = (details, winners) => `is won by ${winners.map((path) => targetName(details, path)).join(" and ")} alone`;

/** What there is to say about the pools that are not named: they stay as they are, or it is not known. */
function Rest({ game, id, count }) {
  const before = unknownBefore(game, game.events[id]);
  if (before) return html`<p class="note">Results before ${clock(before)} are not loaded. They may change too.</p>`;
  return count === 0 && html`<p class="note">No result changes.</p>`;
}

function Cost({ page, details, result, cost: { winners, staked, reclaimed, changes } }) {
  const outcome = winners.length > 0
    ? wonBy(details, winners)
    : staked > 0 ? `is cancelled, and stakes of ${moneyOf(staked)} go back` : "is cancelled. It had no bets";
  return html`
    <p><b>${result.description}</b> ${outcome}.${reclaimed > 0 && ` Winnings of ${moneyOf(reclaimed)} are reclaimed.`}</p>
    ${changes.length > 0 && html`<${Changed} page=${page} changes=${changes} />`}`;
}

/**
 * Return {costs, failure}: the results that change without the event, each with its cost, or null until the results and
 * their receipts have come. `failure`: why a receipt has not.
 */
function useCosts(app, game, id) {
  const candidates = candidatesOf(game.results, game.events[id]);
  const { receipts, error: failure } = useReceipts(app, candidates);
  if (game.resultsTotal === null || receipts.includes(undefined)) return { costs: null, failure };
  const all = candidates.map((result, place) => ({ result, cost: costOf(receipts[place], game.events, id) }));
  return { costs: all.filter(({ cost }) => cost), failure };
}
