// A pool on the desk: block, hot, cancel, and its targets as buttons. A tap shows what it would pay.

import { contained, html, useRef, useState } from "../html.js";
import { serverClock } from "../clock.js";
import { money, oddsText } from "../money.js";
import { isBinary, rowsOf, takesBets } from "../state/pool.js";
import { holdText } from "../state/preview.js";
import { actionName, clock, leavesOf, plural, targetName } from "../words.js";
import { Flap, Left, Plate, Tag, textOf, useRequest } from "./parts.js";
import { Hold } from "./hold.js";
import { Press } from "./press.js";
import { Preview, usePreview } from "./preview.js";
import { focusRegistered } from "./registered.js";

const Line = ({ app, page, game, pool, details, ago }) => {
  const [chosen, choose] = useState(null);
  const rows = rowsOf(pool).map((row) => ({ ...row, name: targetName(details, row.path) }));
  const row = rows.find(({ path }) => path === chosen?.path);
  const tap = (path) => choose(path === chosen?.path ? null : { path, tappedAt: serverClock.now() });
  const targets = useRef(null);
  const notThis = () => {
    targets.current.querySelector("[aria-pressed=true]").focus();
    choose(null);
  };
  const registered = () => {
    focusRegistered();
    choose(null);
  };
  const at = chosen && ago > 0 ? Math.round(chosen.tappedAt - ago * 1000) : null;
  return html`
    <article class="card line" aria-label=${pool.description} data-pool=${pool.pool_id}>
      <${Head} app=${app} page=${page} pool=${pool} details=${details} />
      <div class="targets" ref=${targets} role="group" aria-label="Who won?">${rows.map((each) => html`
        <${Target} key=${each.path} row=${each} isBinary=${isBinary(pool)} isDecided=${Boolean(pool.decided)} isChosen=${each.path === chosen?.path} onTap=${() => tap(each.path)} />`)}</div>
      ${row && html`<${Result} key=${row.path} app=${app} page=${page} game=${game} pool=${pool} details=${details} row=${row} at=${at} onRegistered=${registered} onClose=${notThis} />`}
    </article>`;
};

export const PoolLine = contained(Line, ({ pool }) => html`
  <article class="card pad"><p class="error">${pool.description}: this pool cannot be shown.</p></article>`);

function Head({ app, page, pool, details }) {
  const about = { pool_id: pool.pool_id };
  const [isOpen, open] = useState(false);
  const isOpenForBets = !pool.decided && takesBets(details);
  const closes = pool.stop_accepting_bets_at ?? pool.finish_at;
  return html`
    <header>
      <div class="what">
        <div class="row">${pool.decided ? html`<${Tag} kind="held" sign="◔">On hold<//>` : pool.is_blocked ? html`<${Tag} kind="shut" sign="■">Blocked<//>` : pool.is_hot && html`<${Tag} kind="hot" sign="▲">Hot<//>`}
          <span class="note">${isBinary(pool) ? "Yes or no" : actionName(details, pool.action_id)}${closes && html` · <${Left} at=${closes} before="closes in" over="closed" />`}</span></div>
        <h2>${pool.description}</h2>
        <p class="sum"><b>${money(pool.amount_total)}</b> · ${plural(pool.participants, "bettor")}</p>
      </div>
      <div class="tools">
        ${isOpenForBets && html`<${Press} app=${app} page=${page} parameters=${about} op=${pool.is_blocked ? "allow_betting_in_betting_pool" : "block_betting_in_betting_pool"}>
          ${pool.is_blocked ? "▶ Allow" : "■ Block"}<//>`}
        ${isOpenForBets && html`<${Press} app=${app} page=${page} op="suggest_hot_betting_pool" parameters=${about} isPressed=${pool.is_hot}>▲ Hot<//>`}
        <button class="btn icon" aria-label="More" aria-expanded=${isOpen} onClick=${() => open(!isOpen)}>⋯</button>
      </div>
      ${isOpen && html`<${Cancel} app=${app} page=${page} pool=${pool} />`}
    </header>`;
}

function Cancel({ app, page, pool }) {
  const [reason, setReason] = useState("");
  const [{ error, isBusy }, run] = useRequest();
  const id = `reason-${pool.pool_id}`;
  return html`
    <div class="cancel stack tight">
      <label for=${id}>Reason, for the players</label>
      <input id=${id} maxlength="500" value=${reason} onInput=${(event) => setReason(event.target.value)} autocomplete="off" />
      <${Hold} kind="danger" text="Hold to cancel the pool and return ${money(pool.amount_total)}" isBusy=${isBusy} page=${page}
        onHeld=${() => run(() => app.ask("cancel_betting_pool", { pool_id: pool.pool_id, reason }))} />
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
    </div>`;
}

/** "None of them" wins when the game closes, so no event decides it. */
function Target({ row, isBinary, isDecided, isChosen, onTap }) {
  const isRest = row.path === "none" && !isBinary;
  return html`
    <button class="target" data-target=${row.path} aria-pressed=${isChosen} disabled=${isRest || row.isScratched || isDecided} onClick=${onTap}>
      <${Plate} number=${row.number} size="sm" />
      <span>${row.name}<small>${row.isScratched ? "scratched" : isRest ? "wins if nothing happens" : row.people ? `${plural(row.people, "bettor")} · ${money(row.money)}` : "no bets"}</small></span>
      ${row.odds === null ? html`<${Flap} text="–.––" words="no bet yet" size="sm" isOff=${true} />` : html`<${Flap} text=${oddsText(row.odds)} size="sm" />`}
    </button>`;
}

/**
 * What would happen, and the button that makes it happen. A team with players: the host says who of
 * them it was; none is chosen before. Without a connection nothing can be registered: the server would
 * take the moment of the reconnection for that of the event.
 */
function Result({ app, page, game, pool, details, row, at, onRegistered, onClose }) {
  const [{ error, isBusy }, run] = useRequest();
  const leaves = isBinary(pool) ? [row.path] : leavesOf(details, row.path);
  const [leaf, setLeaf] = useState(leaves.length === 1 ? leaves[0] : null);
  const register = () => run(async () => {
    await app.ask("register_game_event", { game_id: pool.game_id, action_id: pool.action_id, target_id: leaf, happened_at: at ?? undefined });
    onRegistered();
  });
  const preview = usePreview(app, game, { action: pool.action_id, target: leaf ?? row.path, happenedAt: at });
  const ready = leaf === null ? null : holdText(preview.decides);
  const hold = leaf === null ? "Choose who it was" : ready ?? "Loading bets…";
  const [decides, spares] = [preview.decides.length, preview.spares.length];
  const event = isBinary(pool) ? pool.description : actionName(details, pool.action_id);
  return html`
    <div class="preview" aria-live="polite">
      <header><b>${event} · ${targetName(details, leaf ?? row.path)} ${at ? `at ${clock(at)}` : "now"}</b>
        <p class="note">Decides ${plural(decides, "pool")}${spares > 0 && `, leaves ${spares} open`}. Nothing has been paid yet.</p></header>
      ${leaves.length > 1 && html`
        <div class="chips" role="group" aria-label="Who was it?">${leaves.map((path) => html`
          <button class="chip" aria-pressed=${path === leaf} onClick=${() => setLeaf(path)}>${targetName(details, path)}</button>`)}</div>`}
      <${Preview} page=${page} details=${details} at=${at ?? Infinity} preview=${preview} />
      ${(error ?? preview.error) && html`<p class="error" role="alert">${textOf(error ?? preview.error)}</p>`}
      <footer><${Hold} text=${hold} isBusy=${isBusy || !ready} page=${page} onHeld=${register} />
        <button type="button" class="btn" onClick=${onClose}>Not this</button></footer>
    </div>`;
}
