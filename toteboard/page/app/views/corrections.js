// The results of a game, for the admins of its source: each can be corrected, also when the game is closed.

import { html, useState } from "../html.js";
import { change } from "../money.js";
import { changesOf, choicesOf, stands, tapped } from "../state/correction.js";
import { clock, plural, targetName, userName, winnersText } from "../words.js";
import { Tag, textOf, useFirst, useFocusOf, useRequest } from "./parts.js";
import { Hold } from "./hold.js";
import { useReasons, useReceipts } from "./receipts.js";

const SHOWN = 6;
const NAMES = 6;

export function Corrections({ app, page, game, details }) {
  const [shown, more] = useFirst(game.results, SHOWN);
  const isSourceAdmin = page.mySources.some(({ id }) => id === details.source_id);
  const reasons = useReasons(app, isSourceAdmin ? shown : []);
  if (!isSourceAdmin || game.results.length === 0) return null;
  return html`
    <section class="card" aria-label="Results">
      <header class="bar-head"><h2>Results</h2>${more}</header>
      <ul class="list">${shown.map((result) => html`<li key=${result.pool_id}><${Row} app=${app} page=${page} result=${result} reason=${reasons[result.pool_id]} details=${details} /></li>`)}</ul>
    </section>`;
}

function Row({ app, page, result, reason, details }) {
  const [isOpen, open] = useState(false);
  const { button, first } = useFocusOf(isOpen);
  const { description, resolved_at, corrected_at, winning_target: winner } = result;
  return html`
    <div><b>${winner ? winnersText(details, result) : "Cancelled"}</b><p class="note">${description} · ${clock(resolved_at)}${reason ? ` · “${reason}”` : ""}</p></div>
    <div class="row">${corrected_at && html`<${Tag} kind="held" sign="✎">Corrected<//>`}
      ${!isOpen && html`<button type="button" class="btn" ref=${button} aria-label="Correct: ${description}" onClick=${() => open(true)}>✎ Correct</button>`}</div>
    ${isOpen && html`<${Form} app=${app} page=${page} result=${result} details=${details} first=${first} onClose=${() => open(false)} />`}`;
}

/** The new result, what it would change, and the reason, which the players read. */
function Form({ app, page, result, details, first, onClose }) {
  const [chosen, choose] = useState(null);
  const [reason, setReason] = useState("");
  const [{ error, isBusy }, run] = useRequest();
  const id = `corrected-${result.pool_id}`;
  const isReady = chosen !== null && !stands(result, chosen) && reason.trim();
  const send = () => run(async () => {
    const wanted = chosen.length > 0 ? { winning_targets: chosen } : { cancel: true };
    await app.ask("correct_betting_pool", { pool_id: result.pool_id, corrects_seq: result.result_seq, reason, ...wanted });
    onClose();
  });
  const tap = (path) => {
    const next = tapped(chosen ?? [], path);
    choose(next.length > 0 ? next : null);
  };
  return html`
    <div class="stack takeback correction">
      <b ref=${first} tabindex="-1">What was the right result?</b>
      <div class="chips" role="group" aria-label="The right result">
        ${choicesOf(result, details).map((path) => html`
          <button type="button" class="chip" data-target=${path} aria-pressed=${chosen?.includes(path) ?? false} onClick=${() => tap(path)}>${targetName(details, path)}</button>`)}
        <button type="button" class="chip" aria-pressed=${chosen?.length === 0} onClick=${() => choose([])}>Cancel the pool</button>
      </div>
      ${chosen !== null && html`<${Changes} app=${app} page=${page} result=${result} chosen=${chosen} />`}
      <label for=${id}>Reason, for the players</label>
      <input id=${id} name="reason" maxlength="500" value=${reason} onInput=${(event) => setReason(event.target.value)} autocomplete="off" />
      <${Hold} kind="danger" text="Hold to correct the result" isBusy=${isBusy || !isReady} page=${page} onHeld=${send} />
      <button type="button" class="btn ghost" onClick=${onClose}>Keep it</button>
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
    </div>`;
}

function Changes({ app, page, result, chosen }) {
  const { receipts: [receipt], error } = useReceipts(app, [result]);
  if (stands(result, chosen)) return html`<p class="note" role="status">The pool has this result already.</p>`;
  if (error) return html`<p class="error" role="alert">${textOf(error)}</p>`;
  if (!receipt) return html`<p class="note" role="status">Loading bets…</p>`;
  const changes = changesOf(receipt, chosen);
  if (!changes) return html`<p class="note" role="status">The stakes were returned. They are settled again.</p>`;
  if (changes.length === 0) return html`<p class="note" role="status">No balance changes.</p>`;
  return html`
    <div role="status"><p>${plural(changes.length, "balance")} ${changes.length === 1 ? "changes" : "change"}:</p><${Changed} page=${page} changes=${changes} /></div>`;
}

/** The users whose balance changes, and by how much. */
export function Changed({ page, changes }) {
  return html`
    <p class="names">${changes.slice(0, NAMES).map(({ userId, change: amount }) => html`
      <span key=${userId}>${userName(page, userId)} <b class=${amount > 0 ? "good" : ""}>${change(amount)}</b></span>`)}
      ${changes.length > NAMES && html`<span>${plural(changes.length - NAMES, "other")}</span>`}</p>
    <p class="note">No balance falls below zero. The house lends what a player has spent already.</p>`;
}
