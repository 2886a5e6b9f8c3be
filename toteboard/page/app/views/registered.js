// The events that were registered, the newest first. Each can be taken back.

import { html } from "../html.js";
import { isPoolsOwn } from "../state/pool.js";
import { correctedBy } from "../state/taking_back.js";
import { actionName, clock, targetName } from "../words.js";
import { Tag, useFirst } from "./parts.js";
import { useReasons } from "./receipts.js";
import { TakeBack } from "./taking_back.js";

const SHOWN = 6;
const HEADING = "registered";

/** Let the heading have the focus, where the page is: what had it is gone after an event or its end. */
export const focusRegistered = () => document.getElementById(HEADING)?.focus({ preventScroll: true });

export function Registered({ app, page, game, details }) {
  const events = Object.entries(game.events).toSorted(([, a], [, b]) => b.happened_at - a.happened_at);
  const [shown, more] = useFirst(events, SHOWN);
  const corrected = correctedBy(shown.map(([, event]) => event), game.results);
  const reasons = useReasons(app, corrected);
  const reasonOf = ({ reason, taken_back_at: at }) => reason ?? reasons[corrected.find(({ corrected_at: t }) => t === at)?.pool_id];
  return html`
    <section class="card" aria-label="Registered">
      <header class="bar-head"><h2 id=${HEADING} tabindex="-1">Registered</h2>${more}</header>
      ${events.length === 0 && html`<p class="pad note">Nothing has happened yet.</p>`}
      <ul class="list">${shown.map(([id, event]) => html`<li key=${id}><${Event} app=${app} page=${page} game=${game} id=${id} event=${event} reason=${reasonOf(event)} details=${details} /></li>`)}</ul>
    </section>`;
}

function Event({ app, page, game, details, id, reason, event: { action_id, target_id, happened_at, taken_back_at } }) {
  const what = html`<b>${isPoolsOwn(action_id) ? questionOf(game, action_id) : actionName(details, action_id)}</b> ${targetName(details, target_id)}`;
  if (taken_back_at) {
    return html`<div><s>${what}</s><p class="note">${clock(happened_at)}${reason ? ` · “${reason}”` : ""}</p></div><${Tag} kind="shut" sign="↩">Taken back<//>`;
  }
  return html`<div>${what}<p class="note">${clock(happened_at)}</p></div>${details.status !== "game_closed" && html`<${TakeBack} app=${app} page=${page} game=${game} details=${details} id=${id} onDone=${focusRegistered} />`}`;
}

/** The question of the yes-or-no pool that an action belongs to. */
function questionOf({ pools, results }, actionId) {
  const id = actionId.slice("pool-".length);
  return (pools[id] ?? results.find(({ pool_id: each }) => each === id))?.description ?? "Decided";
}
