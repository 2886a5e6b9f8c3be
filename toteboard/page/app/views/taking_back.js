// Takes an event back, with what that costs. It needs a reason, which the players read.

import { html, useEffect, useState } from "../html.js";
import { moneyOf } from "../money.js";
import { candidatesOf, costOf } from "../state/taking_back.js";
import { targetName } from "../words.js";
import { Changed, wholeReceipt } from "./corrections.js";
import { Hold } from "./hold.js";
import { textOf, useFocusOf, useRequest } from "./parts.js";

export function TakeBack({ app, page, game, details, id, onDone }) {
  const [isOpen, open] = useState(false);
  const { button, first } = useFocusOf(isOpen);
  if (!isOpen) return html`<button type="button" class="btn" ref=${button} onClick=${() => open(true)}>↩ Take back</button>`;
  return html`<${Form} app=${app} page=${page} game=${game} details=${details} id=${id} first=${first} onDone=${onDone} onClose=${() => open(false)} />`;
}

function Form({ app, page, game, details, id, first, onDone, onClose }) {
  const [reason, setReason] = useState("");
  const [{ error, isBusy }, run] = useRequest();
  const costs = useCosts(app, game, id);
  const held = Object.values(game.pools).filter(({ decided }) => decided?.event_id === id);
  const field = `taken-back-${id}`;
  const send = () => run(async () => {
    await app.ask("take_back_game_event", { game_id: game.gameId, event_id: id, reason });
    onDone();
  });
  const text = !costs ? "Loading bets…" : reason.trim() ? "Hold to take back" : "Give a reason first";
  return html`
    <div class="stack takeback">
      <div class="stack tight" role="status">
        ${held.map((pool) => html`
          <p key=${pool.pool_id}><b>${pool.description}</b> opens again. Nothing has been paid.</p>`)}
        ${costs?.map(({ result, cost }) => html`<${Cost} key=${result.pool_id} page=${page} details=${details} result=${result} cost=${cost} />`)}
        ${costs?.length === 0 && held.length === 0 && html`<p class="note">It has decided no pool.</p>`}
      </div>
      <label for=${field}>Reason, for the players</label>
      <input id=${field} ref=${first} maxlength="500" value=${reason} onInput=${(event) => setReason(event.target.value)} autocomplete="off" />
      <div class="row"><${Hold} kind="danger" text=${text} isBusy=${isBusy || !costs || !reason.trim()} onHeld=${send} />
        <button type="button" class="btn ghost" onClick=${onClose}>Keep it</button></div>
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
    </div>`;
}

function Cost({ page, details, result, cost: { winners, staked, reclaimed, changes } }) {
  const outcome = winners.length > 0
    ? `is won by ${winners.map((path) => targetName(details, path)).join(" and ")} alone`
    : staked > 0 ? `is cancelled, and stakes of ${moneyOf(staked)} go back` : "is cancelled. It had no bets";
  return html`
    <p><b>${result.description}</b> ${outcome}.${reclaimed > 0 && ` Winnings of ${moneyOf(reclaimed)} are reclaimed.`}</p>
    ${changes.length > 0 && html`<${Changed} page=${page} changes=${changes} />`}`;
}

/** Return the results that the event has decided, each with its cost, or null until their receipts have come. */
function useCosts(app, game, id) {
  const [receipts, setReceipts] = useState(null);
  const candidates = candidatesOf(game.results, game.events[id]);
  useEffect(() => {
    let isWanted = true;
    Promise.all(candidates.map(({ pool_id: pool }) => wholeReceipt(app, pool))).then((all) => isWanted && setReceipts(all), () => {});
    return () => (isWanted = false);
  }, [candidates.map(({ pool_id, result_seq }) => `${pool_id} ${result_seq}`).join()]);
  if (receipts?.length !== candidates.length) return null;
  const all = candidates.map((result, place) => ({ result, cost: costOf(receipts[place], game.events, id) }));
  return all.filter(({ cost }) => cost);
}
