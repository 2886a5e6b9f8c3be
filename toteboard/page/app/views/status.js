// The status of the connection, always visible and announced to screen readers.

import { html } from "../html.js";
import { plural } from "../words.js";

const WORDS = {
  connecting: () => "Connecting",
  connected: () => "Connected",
  reconnecting: ({ reason }) => `Reconnecting${reason ? ` (${reason})` : ""}`,
  resumed: ({ caughtUp }) => `Reconnected · ${plural(caughtUp, "missed message")} loaded`,
};

export function Status({ app, status }) {
  const isAway = status.phase === "connecting" || status.phase === "reconnecting";
  return html`
    <div class="status ${status.phase}">
      <span class="lamp" aria-hidden="true"></span>
      <span role="status">${WORDS[status.phase]?.(status)}</span>
      ${isAway && html`<button class="quiet" onClick=${() => app.connection.start()}>Try now</button>`}
    </div>`;
}
