// The desk of a game: its events, pools, details and admins.

import { html, useEffect, useState } from "../html.js";
import { isBinary } from "../state/pool.js";
import { POOL_TYPES, STATUS, actionName } from "../words.js";
import { AskForm } from "./ask_form.js";
import { Confirm } from "./confirm.js";
import { EventForm } from "./event_form.js";
import { PoolDesk } from "./pool_desk.js";
import { Press } from "./press.js";

const NAMES = [
  { name: "actions", label: "Add actions", hint: "Separated by commas" },
  { name: "targets", label: "Add targets", hint: "Teams, and players after a colon, separated by commas" },
];
const DETAILS = [
  ...NAMES,
  { name: "game_name", label: "New name" },
  { name: "live_start_at", label: "Match starts", kind: "time" },
  { name: "close_at", label: "Betting closes", kind: "time" },
];
const USER = [{ name: "username", label: "Username", required: true }];

export function GameDesk({ app, page, gameId }) {
  const [error, setError] = useState(null);
  useEffect(() => void app.visits.open(gameId).catch(setError), [gameId]);
  const game = page.games[gameId];
  if (error) return html`<h1>Desk not available</h1><p class="error" role="alert">${error.text}</p>`;
  if (!game?.details) return html`<h1>Desk</h1><p class="muted" role="status">Loading game…</p>`;
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
    { name: "pool_type", label: "Decided by", kind: "select", options: POOL_TYPES },
    { name: "action", label: "Action", kind: "select", options: [["", "–"], ...actions], hint: "For pools decided by an event" },
    { name: "targets", label: "Targets", hint: "Empty: all top-level targets" },
    { name: "stop_accepting_bets_at", label: "Bets until", kind: "time" },
    { name: "finish_at", label: "Ends at", kind: "time" },
    { name: "is_hot", label: "Hot", kind: "checkbox" },
    { name: "recreate_on_end", label: "Reopen automatically", kind: "checkbox" },
  ];
  return html`
    <section class="panel"><h2>Open a pool</h2>
      <${AskForm} app=${app} op="create_and_open_betting_pool" fixed=${{ game_id: gameId }} fields=${fields}
        submit="Open pool" kind="primary" done=${({ description }) => `Pool opened: ${description}`} /></section>`;
}

function Pools({ app, page, game, details }) {
  const pools = Object.values(game.pools);
  return html`
    <section class="panel"><h2>Pools</h2>
      ${pools.length === 0 && html`<p class="muted">No pool is open.</p>`}
      ${pools.map((pool) => html`<${PoolDesk} key=${pool.pool_id} app=${app} page=${page} game=${game} pool=${pool} details=${details} />`)}
    </section>`;
}

function Actions({ app, game, details, gameId }) {
  const pools = Object.values(game.pools).filter((pool) => !isBinary(pool));
  const used = [...new Set(pools.map(({ action_id }) => action_id))];
  if (used.length === 0) return null;
  return html`
    <section class="panel"><h2>Block by action</h2>
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
    <section class="panel stack"><h2>Game</h2>
      ${isUpcoming && html`<${AskForm} app=${app} op="open_game" fixed=${about} fields=${NAMES} submit="Open game" kind="primary" />`}
      <details><summary>Change details</summary>
        <${AskForm} app=${app} op="update_game_details" fixed=${about} fields=${DETAILS} submit="Update" /></details>
      ${waits && html`<p class="notice" role="status">${waits}</p>`}
      ${details.status !== "game_closed" && html`
        <${Confirm} app=${app} op="close_game" parameters=${about} text="Close game" question="Close this game and settle its pools?"
          onDone=${({ pools = [] }) => setWaits(pools.length > 0 && undecided(pools.length))} />`}
    </section>`;
}

const undecided = (count) => count === 1
  ? "1 pool is still undecided. Settle or cancel it, then close the game again."
  : `${count} pools are still undecided. Settle or cancel them, then close the game again.`;

function Admins({ app, gameId }) {
  const about = { game_id: gameId };
  return html`
    <section class="panel stack"><h2>Admins</h2>
      <p class="muted">Only an admin of the game can open pools and register events. An admin of its source can become one.</p>
      <${Press} app=${app} op="become_an_admin_for_game" parameters=${about} text="Become an admin" done="You are an admin of this game." />
      <${AskForm} app=${app} op="appoint_admin_for_game_by_username" fixed=${about} fields=${USER} submit="Appoint" />
      <${AskForm} app=${app} op="dismiss_admin_for_game_by_username" fixed=${about} fields=${USER} submit="Dismiss" kind="danger" />
    </section>`;
}
