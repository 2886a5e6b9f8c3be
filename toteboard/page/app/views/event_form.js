// Registers an event of the match, with a preview of what each pool would pay.

import { html, useState } from "../html.js";
import { targetName, targetPaths } from "../words.js";
import { AskForm } from "./ask_form.js";
import { Preview } from "./preview.js";

export function EventForm({ app, page, game, details, gameId }) {
  const actions = Object.entries(details.actions).map(([id, { name }]) => [id, name]);
  const targets = leaves(details.targets).map((path) => [path, targetName(details, path)]);
  const [event, setEvent] = useState({});
  const fields = [
    { name: "action_id", label: "Action", kind: "select", options: actions },
    { name: "target_id", label: "Target", kind: "select", options: targets },
    { name: "happened_at", label: "Time", kind: "time", hint: "Empty: now. Bets placed after this time are void" },
  ];
  if (actions.length === 0 || targets.length === 0) {
    return html`<section class="panel"><h2>Register an event</h2><p class="muted">Add actions and targets to the game first.</p></section>`;
  }
  const action = event.action_id ?? actions[0][0];
  const target = event.target_id ?? targets[0][0];
  return html`
    <section class="panel"><h2>Register an event</h2>
      <${AskForm} app=${app} op="register_game_event" fixed=${{ game_id: gameId }} fields=${fields} submit="Register event" kind="primary"
        onInput=${setEvent} onDone=${() => setEvent({})} done=${() => "Event registered."}>
        <${Preview} app=${app} page=${page} game=${game} details=${details} action=${action} target=${target} happenedAt=${event.happened_at || null} />
      <//>
    </section>`;
}

/** An event has a target without targets below it, and never `none`. */
function leaves(targets) {
  const paths = targetPaths(targets);
  return paths.filter((path) => path !== "none" && !paths.some((other) => other.startsWith(`${path}:`)));
}
