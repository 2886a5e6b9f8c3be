// A break from betting: how long, and the one that is running.

import { serverClock } from "../clock.js";
import { html, useState } from "../html.js";
import { breaksOffered, runningBreak } from "../state/limits.js";
import { when } from "../words.js";
import { Hold } from "./hold.js";
import { textOf, useNow, useRequest } from "./parts.js";

/** Nothing ends a break early, so the button has to be held. */
export function Break({ app, page }) {
  const now = useNow();
  const running = runningBreak(page.pause, now);
  const offered = breaksOffered(page.pause, now);
  const [chosen, choose] = useState(null);
  const choice = offered.find(([text]) => text === chosen) ?? offered[0];
  return html`
    <section class="card pad stack" aria-label="Take a break"><h2>Take a break</h2>
      <p class="note">No bets and no chat until it is over. Open bets are still paid. You cannot end it early.</p>
      <p class=${running ? "notice" : "sr"} role="status">${running && textOfBreak(running)}</p>
      ${choice && html`<${Choice} app=${app} page=${page} offered=${offered} choice=${choice} onChoose=${choose} isRunning=${Boolean(running)} now=${now} />`}
    </section>`;
}

const textOfBreak = ({ until }) =>
  until === null ? "You are on a break. Only the operator can end it." : `You are on a break until ${when(until)}.`;

function Choice({ app, page, offered, choice: [name, ms], onChoose, isRunning, now }) {
  const [{ error, isBusy }, run] = useRequest();
  const take = () => run(async () => {
    await app.ask("take_a_break", ms === null ? {} : { until: serverClock.now() + ms });
    onChoose(null);
  });
  const end = ms === null ? "without an end" : `until ${when(now + ms)}`;
  return html`
    <div class="pair thin break" role="radiogroup" aria-label="How long">${offered.map(([text]) => html`
      <label class="check box" key=${text}><input type="radio" name="break" checked=${text === name} onChange=${() => onChoose(text)} /> ${text}</label>`)}</div>
    ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
    <${Hold} kind="danger block" isBusy=${isBusy} page=${page} onHeld=${take} text=${`Hold to ${isRunning ? "extend the" : "start a"} break ${end}`} />`;
}
