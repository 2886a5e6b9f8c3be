// The name of a match as the rooms of its game show it: two teams and their score, from 0–0.

import { html } from "../html.js";
import { isPoolsOwn } from "../state/pool.js";
import { actionName, targetName } from "../words.js";
import { Flap } from "./parts.js";

/** Return the actions of a game. The first one is the score. */
export const actionsOf = (details) => Object.keys(details.actions).filter((action) => !isPoolsOwn(action));

/** Return the top-level targets of a game. */
export const teamsOf = (details) => Object.keys(details.targets).filter((path) => path !== "none");

/** The name of a game; of a match between two teams, the teams with their score. */
export function Title({ details }) {
  const [action] = actionsOf(details);
  const teams = teamsOf(details);
  if (!action || teams.length !== 2) return html`<h1>${details.game_name}</h1>`;
  const counts = details.game_state[action] ?? {};
  const figure = (path) => html`<${Flap} text=${String(counts[path] ?? 0)} size="lg" words="${counts[path] ?? 0} ${actionName(details, action)}" />`;
  return html`
    <h1 class="score" aria-label=${details.game_name}>
      <span class="team">${targetName(details, teams[0])}</span>${figure(teams[0])}
      <span class="dash" aria-hidden="true">–</span>
      ${figure(teams[1])}<span class="team">${targetName(details, teams[1])}</span>
    </h1>`;
}
