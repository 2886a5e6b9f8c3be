// A pool on the desk: block, allow, mark as hot, cancel, and decide a yes-or-no pool.

import { contained, html, useState } from "../html.js";
import { money } from "../money.js";
import { isBinary } from "../state/pool.js";
import { actionName, plural } from "../words.js";
import { Confirm } from "./confirm.js";
import { Press } from "./press.js";
import { Preview } from "./preview.js";

function OnePool({ app, page, game, pool, details }) {
  const about = { pool_id: pool.pool_id };
  return html`
    <article class="desk-pool" data-pool=${pool.pool_id} aria-label=${pool.description}>
      <div class="row spread">
        <h3>${pool.description} ${pool.is_blocked && html`<span class="tag shut">blocked</span>`} ${pool.is_hot && html`<span class="tag hot">hot</span>`}</h3>
        <span class="num">${money(pool.amount_total)} <small>${plural(pool.participants, "bettor")}</small></span>
      </div>
      <p class="muted">${isBinary(pool) ? "Yes or no" : actionName(details, pool.action_id)}</p>
      <div class="row">
        ${pool.is_blocked
          ? html`<${Press} key="allow" app=${app} op="allow_betting_in_betting_pool" parameters=${about} text="Allow betting" />`
          : html`<${Press} key="block" app=${app} op="block_betting_in_betting_pool" parameters=${about} text="Block betting" />`}
        ${!pool.is_hot && html`<${Press} app=${app} op="suggest_hot_betting_pool" parameters=${about} text="Mark as hot" />`}
        <${Confirm} app=${app} op="cancel_betting_pool" parameters=${about} text="Cancel pool" question="Cancel this pool and refund all stakes?" />
      </div>
      ${isBinary(pool) && html`<${Decision} app=${app} page=${page} game=${game} pool=${pool} details=${details} />`}
    </article>`;
}

export const PoolDesk = contained(OnePool, ({ pool }) => html`
  <article class="desk-pool"><p class="error">${pool.description}: this pool cannot be shown.</p></article>`);

function Decision({ app, page, game, pool, details }) {
  const [target, setTarget] = useState(null);
  return html`
    <fieldset class="row"><legend>Result</legend>
      ${["yes", "no"].map((side) => html`
        <label class="check"><input type="radio" name="decide-${pool.pool_id}" checked=${target === side} onChange=${() => setTarget(side)} /> ${side}</label>`)}
    </fieldset>
    ${target && html`
      <${Preview} app=${app} page=${page} game=${game} details=${details} action=${pool.action_id} target=${target} happenedAt=${null} />
      <${Confirm} app=${app} op="register_game_event" parameters=${{ game_id: pool.game_id, action_id: pool.action_id, target_id: target }}
        text="Settle: ${target}" question="Settle this pool?" />`}`;
}
