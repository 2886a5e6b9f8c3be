// The leaderboard of a game.

import { html, memo } from "../html.js";
import { change, hundredths } from "../money.js";

const SHOWN = 10;

export const Leaders = memo(({ leaders, me }) => {
  if (leaders.length === 0) return null;
  return html`
    <section class="card" data-in="bets" aria-label="Leaders">
      <header class="bar-head"><h2>Leaders</h2></header>
      <ol class="list leaders">${leaders.slice(0, SHOWN).map(({ rank, username, points }) => html`
        <li key=${username} class=${username === me ? "mine" : ""}><div>${rank}. <b>${username}</b>${username === me ? " (you)" : ""}</div>
          <span class="amount">${change(hundredths(points))}</span></li>`)}</ol>
    </section>`;
});
