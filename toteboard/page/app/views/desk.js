// The host's desk: open and close sources, create games, choose a game to run.

import { html, useEffect, useState } from "../html.js";
import { AskForm } from "./ask_form.js";
import { Confirm } from "./confirm.js";

const LISTS = ["list_game_sources_i_am_admin_of", "list_games_i_am_admin_of"];
const SOURCE = [
  { name: "source_name", label: "Name", required: true },
  { name: "description", label: "Description" },
];
const GAME = [
  { name: "game_name", label: "Name", required: true, placeholder: "Argentina - Brazil" },
  { name: "actions", label: "Actions", hint: "Events of the match, separated by commas", placeholder: "Goal, Yellow Card" },
  { name: "targets", label: "Targets", hint: "Teams, and players after a colon, separated by commas", placeholder: "Argentina:10, Brazil:7" },
  { name: "type", label: "Type", placeholder: "football" },
  { name: "currency", label: "Currency", placeholder: "DON" },
  { name: "open_at", label: "Betting opens", kind: "time" },
  { name: "live_start_at", label: "Match starts", kind: "time" },
  { name: "close_at", label: "Betting closes", kind: "time", hint: "Empty: you close the game" },
];

export function Desk({ app, page }) {
  const list = () => LISTS.forEach((op) => app.connection.ask(op).catch(() => {}));
  useEffect(list, []);
  return html`
    <h1>Desk</h1>
    <div class="columns">
      <${MyGames} games=${page.myGames} />
      ${page.mySources.length > 0 && html`<${Sources} app=${app} sources=${page.mySources} onDone=${list} />`}
      <section class="panel"><h2>Open a source</h2>
        <p class="muted">A source has games, such as a league. Only hosts can open one.</p>
        <${AskForm} app=${app} op="open_game_source" fields=${SOURCE} submit="Open source" onDone=${list} /></section>
      ${page.mySources.length > 0 && html`<${NewGame} app=${app} sources=${page.mySources} />`}
    </div>`;
}

function MyGames({ games }) {
  return html`
    <section class="panel"><h2>Games you run</h2>
      ${games.length === 0 && html`<p class="muted">You run no games. Create one, or become an admin of a game of your source.</p>`}
      <ul class="plain">${games.map(({ id, name }) => html`
        <li key=${id}><a href="#/desk/${id}">${name}</a> <a class="muted" href="#/board/${id}">board</a></li>`)}</ul>
    </section>`;
}

/** Create a game, and make its creator an admin of it. */
function NewGame({ app, sources }) {
  const [source, setSource] = useState(null);
  const [opensNow, setOpensNow] = useState(true);
  const created = async ({ game_id: gameId }) => {
    await app.connection.ask("become_an_admin_for_game", { game_id: gameId });
    location.hash = `#/desk/${gameId}`;
  };
  return html`
    <section class="panel"><h2>Create a game</h2>
      <div class="field"><label for="new-game-source">Source</label>
        <select id="new-game-source" onChange=${(event) => setSource(event.target.value)}>
          ${sources.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select></div>
      <label class="check"><input type="checkbox" checked=${opensNow} onChange=${(event) => setOpensNow(event.target.checked)} /> Open immediately</label>
      <${AskForm} app=${app} op=${opensNow ? "create_and_open_game" : "create_game"} fixed=${{ source_id: source ?? sources[0].id }}
        fields=${GAME} submit="Create game" kind="primary" onDone=${created} />
    </section>`;
}

function Sources({ app, sources, onDone }) {
  return html`
    <section class="panel"><h2>Your sources</h2>
      <ul class="plain">${sources.map(({ id, name, description }) => html`
        <li key=${id} class="stack"><div><a href="#/games/${id}">${name}</a> <span class="muted">${description}</span></div>
          <code>${id}</code>
          <${Confirm} app=${app} op="close_game_source" parameters=${{ source_id: id }} text="Close source"
            question="Close this source and all its games?" onDone=${onDone} /></li>`)}</ul>
    </section>`;
}
