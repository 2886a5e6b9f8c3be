// The games of a source, and the games that this browser has shown before.

import { contained, html, useEffect, useState } from "../html.js";
import { seen } from "../seen.js";
import { STATUS, when } from "../words.js";

export function Games({ app, page, sourceId }) {
  const [error, setError] = useState(null);
  const list = () => ask(app, sourceId).then(() => setError(null), setError);
  useEffect(() => void list(), [sourceId]);
  const { games = {}, upcoming = [] } = page.sources[sourceId] ?? {};
  return html`
    <h1>${sourceId ? "Games of this source" : "Games"}</h1>
    ${error && html`<p class="error" role="alert">${error.text}</p>`}
    ${sourceId && !error && html`<${Listing} games=${games} upcoming=${upcoming} onRefresh=${list} />`}
    <div class="columns">
      <${MySources} sources=${page.mySources} />
      <${Seen} />
      <${Find} app=${app} />
    </div>`;
}

async function ask({ connection }, sourceId) {
  connection.ask("list_game_sources_i_am_admin_of").catch(() => {});
  if (!sourceId) return;
  const about = { source_id: sourceId };
  await Promise.all([
    connection.ask("list_games_for_source", about),
    connection.ask("list_upcoming_games_for_source", about),
  ]);
}

function Listing({ games, upcoming, onRefresh }) {
  const rows = Object.entries(games);
  return html`
    <section class="panel">
      <div class="row spread"><h2>${rows.length === 0 ? "No games" : "Choose a game"}</h2>
        <button onClick=${onRefresh}>Refresh</button></div>
      ${rows.length > 0 && html`
        <div class="scroll"><table>
          <thead><tr><th>Game</th><th>Status</th><th>Opens</th><th>Closes</th></tr></thead>
          <tbody>${rows.map(([id, game]) => html`<${Row} key=${id} id=${id} game=${game} isUpcoming=${upcoming.includes(id)} />`)}</tbody>
        </table></div>`}
    </section>`;
}

const Row = contained(({ id, game, isUpcoming }) => html`
    <tr>
      <td><a href="#/board/${id}">${game.name}</a></td>
      <td><span class="tag ${game.status}">${isUpcoming ? "Upcoming" : STATUS[game.status]}</span></td>
      <td>${game.open_at ? when(game.open_at) : "–"}</td>
      <td>${game.close_at ? when(game.close_at) : "manually"}</td>
    </tr>`, ({ id }) => html`
    <tr><td><a href="#/board/${id}">${id}</a></td><td colspan="3">This game cannot be shown.</td></tr>`);

function MySources({ sources }) {
  if (sources.length === 0) return null;
  return html`
    <section class="panel"><h2>Your sources</h2>
      <ul class="plain">${sources.map(({ id, name }) => html`<li><a href="#/games/${id}">${name}</a></li>`)}</ul>
    </section>`;
}

function Seen() {
  const games = seen();
  if (games.length === 0) return null;
  return html`
    <section class="panel"><h2>Recent games</h2>
      <ul class="plain">${games.map(({ gameId, sourceId, name }) => html`
        <li><a href="#/board/${gameId}">${name}</a> <a class="muted" href="#/games/${sourceId}">source</a></li>`)}
      </ul>
    </section>`;
}

function Find({ app }) {
  const [error, setError] = useState(null);
  const go = (event) => {
    event.preventDefault();
    const id = event.target.id.value.trim();
    placeOf(app, id).then((view) => void (location.hash = `#/${view}/${encodeURIComponent(id)}`), setError);
  };
  return html`
    <section class="panel"><h2>Find by ID</h2>
      <form class="stack" onSubmit=${go}>
        <div class="field"><label for="find-id">ID of a game or a source</label>
          <input id="find-id" name="id" required autocomplete="off" spellcheck="false" />
          <p class="hint">Ask the host for it, or for a link to this page.</p>
          ${error && html`<p class="error" role="alert">${error.text}</p>`}</div>
        <div class="row"><button>Go</button></div>
      </form>
    </section>`;
}

/** Return the view for an ID: the board of a game, or else the games of a source. */
async function placeOf({ connection }, id) {
  try {
    await connection.ask("get_game_details", { game_id: id });
    return "board";
  } catch (refused) {
    if (refused.code !== "unknown_game") throw refused;
  }
  try {
    await connection.ask("list_games_for_source", { source_id: id });
    return "games";
  } catch (refused) {
    throw refused.code === "unknown_source" ? { text: "No game or source has this ID." } : refused;
  }
}
