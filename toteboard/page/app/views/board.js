// The board of a game: pools with odds and stakes, the time line, the user's bets, chat and leaders.

import { html, useEffect, useState } from "../html.js";
import { isPoolsOwn } from "../state/pool.js";
import { STATUS, actionName, targetName, when } from "../words.js";
import { Announcer } from "./announcer.js";
import { Chat } from "./chat.js";
import { Leaders } from "./leaders.js";
import { MyBets } from "./my_bets.js";
import { PoolPanel } from "./pool_panel.js";
import { TimeLine } from "./time_line.js";

const CHARTS_AT_FIRST = 4;

export function Board({ app, page, gameId }) {
  const [error, setError] = useState(null);
  useEffect(() => void app.visits.open(gameId).catch(setError), [gameId]);
  const game = page.games[gameId];
  if (error) return html`<h1>Board not available</h1><p class="error" role="alert">${error.text}</p>`;
  if (!game?.details) return html`<h1>Board</h1><p class="muted" role="status">Loading game…</p>`;
  const pools = Object.values(game.pools).toSorted((a, b) => b.is_hot - a.is_hot || a.start_at - b.start_at);
  const available = page.balances[game.details.currency]?.available;
  return html`
    <${Head} details=${game.details} />
    <${Announcer} pools=${pools} details=${game.details} />
    <div class="board">
      <section class="pools" aria-label="Pools">
        ${pools.length === 0 && html`<${NoPool} details=${game.details} />`}
        ${pools.map((pool, i) => html`
          <${PoolPanel} key=${pool.pool_id} app=${app} pool=${pool} details=${game.details}
            stakes=${game.stakes[pool.pool_id]} available=${available} isOpen=${i < CHARTS_AT_FIRST} />`)}
      </section>
      <aside class="side">
        <${MyBets} stakes=${game.stakes} pools=${game.pools} results=${game.myResults} details=${game.details} />
        <${TimeLine} events=${game.events} results=${game.results} details=${game.details} />
        <${Chat} app=${app} gameId=${gameId} chat=${game.chat} people=${game.people} crowd=${game.crowd} />
        <${Leaders} leaders=${game.leaders} me=${page.user.username} />
      </aside>
    </div>`;
}

function NoPool({ details: { status, source_id: sourceId } }) {
  return html`
    <div class="panel empty"><p class="muted">${status === "game_closed" ? "The game is closed." : "No pool is open."}</p>
      <p><a href="#/games/${sourceId}">Other games of this source</a></p></div>`;
}

function Head({ details }) {
  const { game_name, status, hashtag, game_state, close_at } = details;
  const scores = Object.entries(game_state).filter(([action]) => !isPoolsOwn(action));
  return html`
    <header class="match">
      <div>
        <h1>${game_name}</h1>
        <p class="row muted"><span class="tag ${status}">${STATUS[status]}</span> <span>${hashtag}</span>
          ${close_at && status !== "game_closed" && html`<span>closes ${when(close_at)}</span>`}</p>
      </div>
      <dl class="score" aria-label="Score">
        ${scores.map(([action, counts]) => html`
          <div><dt>${actionName(details, action)}</dt><dd>${topCounts(details, counts)}</dd></div>`)}
      </dl>
    </header>`;
}

function topCounts(details, counts) {
  const tops = Object.keys(details.targets).filter((path) => path !== "none");
  return tops.map((path) => html`
    <span class="count"><span class="who">${targetName(details, path)}</span> <b>${counts[path] ?? 0}</b></span>`);
}
