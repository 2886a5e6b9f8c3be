// A pool on the board: a row for each target, the odds chart, and the bet slip.

import { contained, html, memo, useState } from "../html.js";
import { money, oddsText } from "../money.js";
import { isBinary, rowsOf, shutBecause } from "../state/pool.js";
import { actionName, plural, targetName, when } from "../words.js";
import { BetSlip } from "./bet_slip.js";
import { OddsChart, tone } from "./odds_chart.js";

const Panel = memo(({ app, pool, details, stakes = {}, available, isOpen }) => {
  const [target, setTarget] = useState(null);
  const [showsChart, showChart] = useState(isOpen);
  const rows = rowsOf(pool).map((row) => ({ ...row, name: targetName(details, row.path) }));
  const shut = shutBecause(pool, { details }, Date.now());
  const group = `target-${pool.pool_id}`;
  return html`
    <article class="panel pool ${shut ? "shut" : ""}" aria-label=${pool.description} data-pool=${pool.pool_id}>
      <${Head} pool=${pool} details=${details} shut=${shut} />
      <table class="tote">
        <thead><tr><th>No.</th><th>Target</th><th class="num">Staked</th><th class="num">Pays for 1</th></tr></thead>
        <tbody>${rows.map((row) => html`
          <${Row} key=${row.path} row=${row} group=${group} mine=${stakes[row.path]} isChosen=${target === row.path}
            isShut=${Boolean(shut) || row.isScratched} onChoose=${() => setTarget(row.path)} />`)}</tbody>
      </table>
      <details class="chart" open=${showsChart} onToggle=${(event) => showChart(event.currentTarget.open)}>
        <summary>Odds over time</summary>
        ${showsChart && html`<${OddsChart} history=${pool.history} rows=${rows} />`}
      </details>
      ${!shut && html`<${BetSlip} app=${app} pool=${pool} currency=${details.currency}
        row=${rows.find(({ path }) => path === target)} available=${available} />`}
    </article>`;
});

export const PoolPanel = contained(Panel, ({ pool }) => html`
  <article class="panel pool"><p class="error">${pool.description}: this pool cannot be shown.</p></article>`);

function Head({ pool, details, shut }) {
  const decided = isBinary(pool) ? "Yes or no" : actionName(details, pool.action_id);
  return html`
    <header>
      <div>
        <h2>${pool.is_hot && html`<span class="tag hot">Hot</span> `}${pool.description}</h2>
        <p class="muted row"><span>${decided}</span>
          ${shut && html`<span class="tag shut">${shut}</span>`}
          ${pool.stop_accepting_bets_at && !shut && html`<span>bets until ${when(pool.stop_accepting_bets_at)}</span>`}
          ${pool.finish_at && html`<span>ends ${when(pool.finish_at)}</span>`}</p>
      </div>
      <p class="pot"><b>${money(pool.amount_total)}</b>
        <span class="muted">${details.currency} · ${plural(pool.participants, "bettor")}</span></p>
    </header>`;
}

function Row({ row, group, mine, isChosen, isShut, onChoose }) {
  const id = `${group}-${row.number}`;
  return html`
    <tr class="${isChosen ? "chosen" : ""} ${row.isFavourite ? "favourite" : ""}" data-target=${row.path}>
      <td>
        <label class="plate ${tone(row.number)}">
          <input class="sr" type="radio" id=${id} name=${group} value=${row.path} checked=${isChosen} disabled=${isShut} onChange=${onChoose}
            aria-label=${`${row.name}, number ${row.number}`} />
          <span aria-hidden="true">${row.number}</span>
        </label>
      </td>
      <th scope="row">
        <label class="target" for=${id}>${row.name}</label>
        <span class="bar ${tone(row.number)}" aria-hidden="true"><span style=${{ width: `${row.share * 100}%` }}></span></span>
        <small class="notes">${Math.round(row.share * 100)}% ${row.isScratched ? "· scratched" : row.isFavourite && "· favourite"}</small>
      </th>
      <td class="num staked">${money(row.money)}
        <small>${mine ? html`<b>yours ${money(mine)}</b>` : plural(row.people, "bettor")}</small></td>
      <td class="num"><${Odds} row=${row} /></td>
    </tr>`;
}

/** New odds get a new key, so that a new element plays the flash once. */
function Odds({ row: { odds, move } }) {
  const direction = move && (move.isUp ? "up" : "down");
  return html`
    <span key=${oddsText(odds)} class="odds ${direction ?? ""}">
      <b>${oddsText(odds)}</b>
      <small>${move ? html`<span aria-hidden="true">${move.isUp ? "▲" : "▼"}</span>
        <span class="sr">${move.isUp ? "drifting" : "shortening"}</span> was ${oddsText(move.from)}` : "\u00a0"}</small>
    </span>`;
}
