// The games that the user runs, and how to begin: a source, then a game in it.

import { html, useEffect, useState } from "../html.js";
import { AskForm } from "./ask_form.js";
import { Hold } from "./hold.js";
import { textOf, useRequest } from "./parts.js";

const SOURCE = [
  { name: "source_name", label: "Name", required: true, placeholder: "Sunday league" },
  { name: "description", label: "Description" },
];
const GAME = [
  { name: "game_name", label: "Name", required: true, placeholder: "Argentina - Brazil" },
  { name: "actions", label: "Actions", hint: "What can happen, separated by commas. The first one is the score", placeholder: "Goal, Yellow Card" },
  { name: "targets", label: "Targets", hint: "Teams, and players after a colon, separated by commas", placeholder: "Argentina:10, Brazil:7" },
  { name: "open_at", label: "Betting opens", kind: "time", hint: "Empty: now" },
  { name: "live_start_at", label: "Match starts", kind: "time", hint: "Empty: now" },
  { name: "close_at", label: "Game closes", kind: "time", hint: "Empty: you close it" },
];

export function Desk({ app, page }) {
  useEffect(() => page.user && app.visits.whatIRun(), []);
  if (!page.user) {
    return html`<h1>Desk</h1><section class="card pad stack"><p>Hosts run their games here. Sign in to see yours.</p>
      <button class="btn primary" onClick=${() => app.askToSignIn()}>Sign in</button></section>`;
  }
  const { mySources: sources, myGames: games } = page;
  return html`
    <h1>Desk</h1>
    <div class="columns">
      ${games.length > 0 && html`<section class="card"><header class="bar-head"><h2>Games you run</h2></header>
        <ul class="list">${games.map(({ id, name }) => html`<li key=${id}><a href="#/desk/${id}"><b>${name}</b></a><a href="#/g/${id}">board</a></li>`)}</ul></section>`}
      ${sources.length > 0 && html`<${NewGame} app=${app} page=${page} sources=${sources} />`}
      ${sources.length > 0 && html`<${Sources} app=${app} page=${page} sources=${sources} />`}
      ${page.mayHost ? html`<section class="card pad stack"><h2>Open a source</h2>
        <p class="note">A source is where games come from, such as a league. You create your games in it.</p>
        <${AskForm} app=${app} page=${page} op="open_game_source" fields=${SOURCE} submit="Open source" onDone=${() => app.visits.whatIRun()} /></section>`
      : html`<section class="card pad stack"><h2>Become a host</h2>
        <p class="note">Hosts open sources, such as a league, and create games in them. To become one, ask the operator of this server.</p></section>`}
    </div>`;
}

/** Create a game, and make its creator an admin of it. */
function NewGame({ app, page, sources }) {
  const [source, setSource] = useState(null);
  const created = async ({ game_id: gameId }) => {
    await app.ask("become_an_admin_for_game", { game_id: gameId }, { mayWait: true });
    app.visits.whatIRun();
    location.hash = `#/desk/${gameId}`;
  };
  return html`
    <section class="card pad stack"><h2>Create a game</h2>
      <div class="field"><label for="new-game-source">Source</label>
        <select id="new-game-source" onChange=${(event) => setSource(event.target.value)}>
          ${sources.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select></div>
      <${AskForm} app=${app} page=${page} op="create_and_open_game" fixed=${{ source_id: source ?? sources[0].id }}
        fields=${GAME} submit="Create game" kind="primary" onDone=${created} />
    </section>`;
}

function Sources({ app, page, sources }) {
  return html`
    <section class="card"><header class="bar-head"><h2>Your sources</h2></header>
      <ul class="list">${sources.map((source) => html`<li key=${source.id}><${Source} app=${app} page=${page} source=${source} /></li>`)}</ul>
    </section>`;
}

function Source({ app, page, source: { id, name, description } }) {
  const [{ error, isBusy }, run] = useRequest();
  const close = () => run(() => app.ask("close_game_source", { source_id: id }).then(() => app.visits.whatIRun()));
  return html`
    <details><summary>${name}</summary><div class="stack">
      ${description && html`<p>${description}</p>`}
      <p class="note">ID <code>${id}</code></p>
      <${Hold} kind="danger" text="Hold to close the source and its games" isBusy=${isBusy} page=${page} onHeld=${close} />
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}</div></details>`;
}
