// The results on hold: each is paid when its time comes, and can be paid or taken back before.

import { html, useState } from "../html.js";
import { serverClock } from "../clock.js";
import { moneyOf } from "../money.js";
import { standingOf } from "../state/moment.js";
import { effectOf, resultsOf } from "../state/preview.js";
import { winnersText } from "../words.js";
import { Hold } from "./hold.js";
import { Drain, Left, Tag, textOf, useRequest } from "./parts.js";
import { useBets } from "./preview.js";
import { focusRegistered } from "./registered.js";
import { TakeBack } from "./taking_back.js";

export function Held({ app, page, game, details }) {
  const held = Object.values(game.pools).filter(({ decided }) => decided);
  if (held.length === 0) return null;
  return html`
    <section class="card onhold" aria-label="Results on hold">
      <header class="bar-head"><h2>Results on hold</h2><${Tag} kind="held" sign="◔">${held.length} waiting<//></header>
      ${held.map((pool) => html`<${Result} key=${pool.pool_id} app=${app} page=${page} game=${game} pool=${pool} details=${details} />`)}
    </section>`;
}

function Result({ app, page, game, pool, details }) {
  const { decided } = pool;
  const [began] = useState(() => serverClock.now());
  const { bets, error } = useBets(app, [pool]);
  const results = resultsOf([{ pool, winners: decided.winning_targets }], bets, game.events[decided.event_id]?.happened_at);
  const effect = effectOf(results);
  const [{ error: refused, isBusy }, run] = useRequest();
  const pay = () => run(() => app.ask("confirm_pool", { pool_id: pool.pool_id }).then(focusRegistered));
  const event = standingOf(game.events, decided.event_id);
  return html`
    <div class="heldrow">
      <div class="row spread nowrap"><div><b>${winnersText(details, decided)}</b><p class="note">${pool.description}</p></div>
        <span class="note"><${Left} at=${decided.confirm_at} before="pays in" over="paying" /></span></div>
      <${Drain} at=${decided.confirm_at} span=${Math.max(1, decided.confirm_at - began)} />
      <div class="row">
        ${event && html`<${TakeBack} key=${event} app=${app} page=${page} game=${game} details=${details} id=${event} onDone=${focusRegistered} />`}
        <${Hold} kind="" text=${payText(effect)} isBusy=${isBusy || !effect} page=${page} onHeld=${pay} />
      </div>
      ${(refused ?? error) && html`<p class="error" role="alert">${textOf(refused ?? error)}</p>`}
    </div>`;
}

function payText(effect) {
  if (!effect) return "Loading bets…";
  if (effect.amount === 0) return "Hold to pay now";
  return `Hold to ${effect.isReturn ? "return" : "pay"} ${moneyOf(effect.amount)} now`;
}
