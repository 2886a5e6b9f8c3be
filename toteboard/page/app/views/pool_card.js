// A pool on the board: a row for each target, which puts it on the bet slip.

import { contained, html, memo } from "../html.js";
import { money, oddsText } from "../money.js";
import { isBinary, rowsOf, shutBecause } from "../state/pool.js";
import { sparkline } from "../state/sparkline.js";
import { actionName, plural, seconds, targetName } from "../words.js";
import { Due, Flap, Left, Plate, Tag, cloth, useNow } from "./parts.js";

const Card = memo(({ app, pool, details, gameId, stakes = {}, chosen }) => {
  const rows = rowsOf(pool).map((row) => ({ ...row, name: targetName(details, row.path) }));
  const shut = useShut(pool, details);
  const isEmpty = pool.participants === 0;
  const choose = (path) => app.choose(path === chosen ? null : { gameId, poolId: pool.pool_id, path });
  return html`
    <article class="card pool ${pool.is_hot ? "hot" : ""} ${shut ? "shut" : ""}" aria-label=${pool.description} data-pool=${pool.pool_id}>
      <${Head} pool=${pool} details=${details} shut=${shut} />
      ${isEmpty && !shut && html`<p class="first"><b>Be the first.</b> The winners share what everyone stakes.</p>`}
      ${!isEmpty && html`<div class="runners-head label" aria-hidden="true"><span>No.</span><span>Target</span><span>Odds so far</span><span>Staked</span><span>Pays for 1</span></div>`}
      ${rows.map((row) => html`
        <${Runner} key=${row.path} row=${row} history=${pool.history} mine=${stakes[row.path]}
          isChosen=${row.path === chosen} isShut=${Boolean(shut) || row.isScratched} onChoose=${() => choose(row.path)} />`)}
    </article>`;
});

export const PoolCard = contained(Card, ({ pool }) => html`
  <article class="card pool"><p class="error">${pool.description}: this pool cannot be shown.</p></article>`);

/** Return why no bets are accepted now, or null. Renewed each second: betting ends at a time. */
function useShut(pool, details) {
  return shutBecause(pool, { details }, useNow());
}

function Head({ pool, details, shut }) {
  const closes = pool.stop_accepting_bets_at ?? pool.finish_at;
  const decided = isBinary(pool) ? "Yes or no · the host decides" : actionName(details, pool.action_id);
  return html`
    <header>
      <div class="stack tight">
        <div class="row">${pool.is_hot && html`<${Tag} kind="hot" sign="▲">Hot<//>`}
          ${shut && html`<${Tag} kind="shut" sign="■">${shut}<//>`}<span class="note">${decided}</span></div>
        <h2>${pool.description}</h2>
      </div>
      ${closes && html`<${Due} at=${closes} word="closes" over="closed" size=${pool.is_hot ? "" : "sm"} />`}
      <p class="sum"><b>${money(pool.amount_total)}</b> in the pool · ${plural(pool.participants, "bettor")}${pool.bet_delay > 0 && ` · bets count after ${seconds(pool.bet_delay)}`}
        ${closes !== pool.finish_at && pool.finish_at && html` · <${Left} at=${pool.finish_at} before="ends in" over="ends" />`}</p>
    </header>`;
}

function Runner({ row, history, mine, isChosen, isShut, onChoose }) {
  const share = Math.round(row.share * 100);
  return html`
    <button class="runner ${row.people ? "" : "blank"} ${row.isHeld ? "held" : ""}" data-target=${row.path} aria-pressed=${isChosen} disabled=${isShut} onClick=${onChoose}>
      <${Plate} number=${row.number} />
      <span class="who">
        <span class="name">${row.name}${isChosen && html` <small>✓ on the slip</small>`}${row.isHeld && html` <small>◔ provisional winner</small>`}</span>
        ${row.people > 0 && html`<span class="bar ${cloth(row.number)}" aria-hidden="true"><span style=${{ width: `${share}%` }}></span></span>`}
        <span class="share">${row.isScratched ? "scratched, stakes returned" : row.people > 0
          ? html`<b>${share}%</b><span class="amt"> · ${money(row.money)} staked</span>${mine ? html` · you ${money(mine)}` : ""}` : "no bets yet"}</span>
      </span>
      <span class="trend"><${Trend} history=${history} path=${row.path} /></span>
      <span class="staked">${money(row.money)}${row.people > 0 && html`<small>${plural(row.people, "bettor")}</small>`}</span>
      <span class="odds"><${Odds} row=${row} /></span>
    </button>`;
}

/** A chart needs two points. */
function Trend({ history, path }) {
  const line = sparkline(history, path);
  if (!line) return null;
  return html`<svg width="96" height="28" viewBox="0 0 96 28" aria-hidden="true"><polyline points=${line.points} /><circle cx=${line.x} cy=${line.y} r="2.5" /></svg>`;
}

/** New odds get a new key, so that a new element plays its turn once. */
function Odds({ row: { odds, move } }) {
  if (odds === null) return html`<${Flap} text="–.––" words="no bet yet" isOff=${true} />`;
  return html`
    <${Flap} key=${oddsText(odds)} text=${oddsText(odds)} size=${move ? "turned" : ""} words="pays ${oddsText(odds)} for 1" />
    ${move && html`<span class="move"><span aria-hidden="true">${move.isUp ? "▲" : "▼"}</span> was ${oddsText(move.from)}</span>`}`;
}
