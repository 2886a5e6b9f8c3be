// The leaderboard of a game.

import { html, memo } from "../html.js";
import { money } from "../money.js";

const SHOWN = 10;

export const Leaders = memo(({ leaders, me }) => {
  if (leaders.length === 0) return null;
  return html`
    <section class="panel" aria-label="Leaderboard">
      <h2>Leaders</h2>
      <table class="leaders">
        <thead class="sr"><tr><th>Rank</th><th>Name</th><th>Won</th></tr></thead>
        <tbody>${leaders.slice(0, SHOWN).map(({ rank, username, points }) => html`
          <tr key=${username} class=${username === me ? "mine" : ""}><td>${rank}</td><td>${username}${username === me ? " (you)" : ""}</td>
            <td class="num">${points > 0 ? "+" : ""}${money(points)}</td></tr>`)}</tbody>
      </table>
    </section>`;
});
