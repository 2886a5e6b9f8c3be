// The bets of a game that were sent: each has a line until its reply comes, a refused one until it is dismissed.

import { html } from "../html.js";
import { moneyOf } from "../money.js";
import { closedText, targetName } from "../words.js";
import { Left, textOf } from "./parts.js";

export const SentBets = ({ app, bets, details, isAway }) => bets.map((bet) => {
  const what = `${moneyOf(bet.amount)} on ${targetName(details, bet.path)}`;
  return bet.error
    ? html`<${Refused} key=${bet.id} bet=${bet} what=${what} onDismiss=${() => app.dismiss(bet.id)} />`
    : html`<${Waiting} key=${bet.id} bet=${bet} what=${what} isAway=${isAway} />`;
});

/** It has no ✕: a bet that could be withdrawn would be a free look at the news. */
function Waiting({ bet: { sentAt, delay, description }, what, isAway }) {
  return html`
    <div class="part waiting sent" role="status"><span class="lampdot out" aria-hidden="true"></span>
      <p><b>${what}</b> · ${isAway ? "waiting for the connection" : delay > 0
        ? html`<${Left} at=${sentAt + delay} before="counts in" after="unless something happens first" over="being decided" />`
        : "waiting for the reply"}<br />${description}</p></div>`;
}

function Refused({ bet: { error, description, delay }, what, onDismiss }) {
  return html`
    <div class="part refused" role="alert">
      ${error.code
        ? html`<p><b>Your bet of ${what} was not accepted; nothing was taken.</b><br />${closedText(error, description) ?? `${description}: ${textOf(error)}`}</p>`
        : html`<p><b>Your bet of ${what} has no reply.</b><br />${description}: it may still be placed. Wait${delay > 0 ? ` ${Math.ceil(delay / 1000)} s` : ""} and look under My bets before you bet again.</p>`}
      <button type="button" class="btn ghost icon" aria-label="Dismiss" onClick=${onDismiss}>✕</button></div>`;
}
