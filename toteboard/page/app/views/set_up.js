// The set-up of a game: its details, its actions and targets, its admins. Needed before the match.

import { html } from "../html.js";
import { AskForm } from "./ask_form.js";

const NAMES = [
  { name: "actions", label: "Add actions", hint: "What can happen, separated by commas" },
  { name: "targets", label: "Add targets", hint: "Teams, and players after a colon, separated by commas" },
];
const DETAILS = [
  ...NAMES,
  { name: "game_name", label: "New name" },
  { name: "live_start_at", label: "Match starts", kind: "time" },
  { name: "close_at", label: "Game closes", kind: "time" },
];
const USER = [{ name: "username", label: "Username", required: true }];

export const OpenGame = ({ app, page, gameId }) => html`
  <section class="card pad stack"><h2>Open the game</h2>
    <${AskForm} app=${app} page=${page} op="open_game" fixed=${{ game_id: gameId }} fields=${NAMES} submit="Open the game" kind="primary" /></section>`;

export function SetUp({ app, page, details, gameId }) {
  const about = { game_id: gameId };
  if (details.status === "game_closed") return null;
  return html`
    <details class="card pad"><summary>Set-up: details, actions, hosts</summary>
      <div class="stack">
        <${AskForm} app=${app} page=${page} op="update_game_details" fixed=${about} fields=${DETAILS} submit="Save" />
        <h3>Who may run this game</h3>
        <${AskForm} app=${app} page=${page} op="appoint_admin_for_game_by_username" fixed=${about} fields=${USER} submit="Appoint" />
        <${AskForm} app=${app} page=${page} op="dismiss_admin_for_game_by_username" fixed=${about} fields=${USER} submit="Dismiss" kind="danger" />
      </div></details>`;
}
