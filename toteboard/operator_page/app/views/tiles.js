// The figures of the moment.

import { html } from "../html.js";
import { count, money } from "../words.js";

const HOME = "DON";

export function Tiles({ moment: { figures, betsAMinute } }) {
  if (!figures) return null;
  const currency = HOME in figures.issued ? HOME : Object.keys(figures.issued)[0];
  const [issued, held, house, carried] = ["issued", "held", "house", "carried"].map((name) => figures[name][currency] ?? 0);
  const balances = Math.abs(issued - held - house - carried) < 0.005;
  return html`
    <dl class="tiles">
      <${Tile} label="Players online" note="${count(figures.connections ?? 0)} connections">${count(figures.users ?? 0)}<//>
      <${Tile} label="Games" note="not closed">${count(figures.games ?? 0)}<//>
      <${Tile} label="Bets a minute" note="last seconds">${betsAMinute === null ? "–" : count(Math.round(betsAMinute))}<//>
      <${Tile} label="Players hold" note=${currency ?? ""}>${money(held)}<//>
      <${Tile} label="Issued" note=${balances ? "✓ books balance" : "✕ books do not balance"}>${money(issued)}<//>
    </dl>`;
}

const Tile = ({ label, note, children }) => html`
  <div class="card tile"><dt>${label}</dt><dd><b>${children}</b> <span class="note">${note}</span></dd></div>`;
