// The desk of one game: its state, its admins, its pools, and what happens in the match.

import { html, useEffect, useState } from "../html.js";
import { isBinary } from "../state/pool.js";
import { POOL_TYPES, STATUS, actionName } from "../words.js";
import { AskForm } from "./ask_form.js";
import { Confirm } from "./confirm.js";
import { EventForm } from "./event_form.js";
import { PoolDesk } from "./pool_desk.js";
import { Press } from "./press.js";

const NAMES = [
  { name: "actions", label: "More actions", hint: "Comma-separated" },
  { name: "targets", label: "More targets", hint: "Comma-separated, parts after a colon" },
];
const DETAILS = [
  ...NAMES,
  { name: "game_name", label: "New name" },
  { name: "live_start_at", label: "Match begins", kind: "time" },
  { name: "close_at", label: "Betting closes", kind: "time" },
];
const USER = [{ name: "username", label: "User name", required: true }];

export function GameDesk({ app, page, gameId }) {
  const [error, setError] = useState(null);
  useEffect(() => void app.visits.open(gameId).catch(setError), [gameId]);
  const game = page.games[gameId];
  if (error) return html`<h1>No desk</h1><p class="error" role="alert">${error.text}</p>`;
  if (!game?.details) return html`<h1>Desk</h1><p class="muted" role="status">Looking at the game…</p>`;
  const properties = { app, page, game, details: game.details, gameId };
  return html`
    <header class="match"><div><h1>${game.details.game_name}</h1>
      <p class="row muted"><span class="tag ${game.details.status}">${STATUS[game.details.status]}</span>
        <a href="#/board/${gameId}">Board</a> <a href="#/games/${game.details.source_id}">Source</a> <code>${gameId}</code></p></div></header>
    <div class="columns wide">
      <${EventForm} ...${properties} />
      <${NewPool} ...${properties} />
      <${Pools} ...${properties} />
      <${Actions} ...${properties} />
      <${Details} ...${properties} />
      <${Admins} ...${properties} />
    </div>`;
}

function NewPool({ app, details, gameId }) {
  const actions = Object.entries(details.actions).map(([id, { name }]) => [id, name]);
  const fields = [
    { name: "description", label: "Question", required: true, placeholder: "Who scores the next goal?" },
    { name: "pool_type", label: "How it is decided", kind: "select", options: POOL_TYPES },
    { name: "action", label: "Action", kind: "select", options: [["", "–"], ...actions], hint: "For pools that an event decides" },
    { name: "targets", label: "Targets", hint: "Empty: every target of the top level" },
    { name: "stop_accepting_bets_at", label: "Last bets", kind: "time" },
    { name: "finish_at", label: "Runs out", kind: "time" },
    { name: "is_hot", label: "Hot", kind: "checkbox" },
    { name: "recreate_on_end", label: "Open anew when it ends", kind: "checkbox" },
  ];
  return html`
    <section class="panel"><h2>Open a pool</h2>
      <${AskForm} app=${app} op="create_and_open_betting_pool" fixed=${{ game_id: gameId }} fields=${fields}
        submit="Open the pool" kind="primary" done=${({ description }) => `Open: ${description}`} /></section>`;
}

function Pools({ app, page, game, details }) {
  const pools = Object.values(game.pools);
  return html`
    <section class="panel"><h2>Pools</h2>
      ${pools.length === 0 && html`<p class="muted">None is open.</p>`}
      ${pools.map((pool) => html`<${PoolDesk} key=${pool.pool_id} app=${app} page=${page} game=${game} pool=${pool} details=${details} />`)}
    </section>`;
}

function Actions({ app, game, details, gameId }) {
  const pools = Object.values(game.pools).filter((pool) => !isBinary(pool));
  const used = [...new Set(pools.map(({ action_id }) => action_id))];
  if (used.length === 0) return null;
  return html`
    <section class="panel"><h2>By action</h2>
      ${used.map((action) => html`
        <div key=${action} class="row spread"><span>${actionName(details, action)}</span><span class="row">
          <${Press} app=${app} op="block_betting_for_game_and_action" parameters=${{ game_id: gameId, action }} text="Block all" />
          <${Press} app=${app} op="allow_betting_for_game_and_action" parameters=${{ game_id: gameId, action }} text="Allow all" /></span></div>`)}
    </section>`;
}

function Details({ app, details, gameId }) {
  const about = { game_id: gameId };
  const [waits, setWaits] = useState(false);
  const isUpcoming = details.status === "betting_not_yet_active";
  return html`
    <section class="panel stack"><h2>The game</h2>
      ${isUpcoming && html`<${AskForm} app=${app} op="open_game" fixed=${about} fields=${NAMES} submit="Open the game" kind="primary" />`}
      <details><summary>Change its details</summary>
        <${AskForm} app=${app} op="update_game_details" fixed=${about} fields=${DETAILS} submit="Update" /></details>
      ${waits && html`<p class="notice" role="status">${waits} to be decided by hand: decide them, then close again.</p>`}
      ${details.status !== "game_closed" && html`
        <${Confirm} app=${app} op="close_game" parameters=${about} text="Close the game" question="Close it and settle its pools?"
          onDone=${({ pools = [] }) => setWaits(pools.length > 0 && `Pools: ${pools.length}`)} />`}
    </section>`;
}

function Admins({ app, gameId }) {
  const about = { game_id: gameId };
  return html`
    <section class="panel stack"><h2>Admins</h2>
      <p class="muted">Pools and events need an admin of the game; an admin of its source can become one.</p>
      <${Press} app=${app} op="become_an_admin_for_game" parameters=${about} text="Become an admin" done="You are an admin." />
      <${AskForm} app=${app} op="appoint_admin_for_game_by_username" fixed=${about} fields=${USER} submit="Appoint" />
      <${AskForm} app=${app} op="dismiss_admin_for_game_by_username" fixed=${about} fields=${USER} submit="Dismiss" kind="danger" />
    </section>`;
}
