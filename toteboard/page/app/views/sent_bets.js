// The bets that were sent: each has a line until its reply comes, a refused one until it is dismissed.

import { html } from "../html.js";
import { moneyOf } from "../money.js";
import { countsAt, isWaiting } from "../state/sent.js";
import { closedText } from "../words.js";
import { Left, textOf } from "./parts.js";

/** `isElsewhere`: the board of the bets is not on the screen, so each question leads there. */
export const SentBets = ({ app, bets, isCutOff, isElsewhere = false }) => bets.map((bet) => {
  const what = `${moneyOf(bet.amount)} on ${bet.name}`;
  const question = isElsewhere ? html`<a href="#/g/${bet.gameId}">${bet.description}</a>` : bet.description;
  return isWaiting(bet)
    ? html`<${Waiting} key=${bet.id} bet=${bet} what=${what} question=${question} isCutOff=${isCutOff} />`
    : html`<${Refused} key=${bet.id} bet=${bet} what=${what} question=${question} onDismiss=${() => dismiss(app, bet)} />`;
});

/** What has the focus goes away. */
function dismiss(app, { id }) {
  app.bets.dismiss(id);
  document.getElementById("main").focus({ preventScroll: true });
}

/** It has no ✕: a bet that could be withdrawn would be a free look at the news. Its countdown is not announced. */
const Waiting = ({ bet, what, question, isCutOff }) => html`
  <div class="part waiting sent"><span class="lampdot soon" aria-hidden="true"></span>
    <p><span role="status"><span class="sr">Sent: </span><b>${what}</b></span> · ${isCutOff ? awayText(bet) : html`<${Progress} bet=${bet} />`}<br />${question}</p></div>`;

function awayText({ sentAt }) {
  return sentAt === null ? "waiting for the connection" : "sent; what became of it is not known without a connection";
}

/** What is known without a reply. A bet that was sent again may have been placed by the first request. */
function Progress({ bet }) {
  const { delay, repeatedAt, isLost } = bet;
  const over = isLost ? "its reply was lost, looking for it among your bets" : "waiting for the reply";
  if (delay === 0) return over;
  const before = repeatedAt === null ? "counts in" : "sent again: it is placed already, or counts within";
  return html`<${Left} at=${countsAt(bet)} before=${before} after="unless something happens first" over=${over} />`;
}

/** A bet that was looked for in vain has not been refused by the server's word. */
const refusedText = ({ code }, what) => code === "not_found"
  ? `Your bet of ${what} was not found.`
  : `Your bet of ${what} was not accepted; nothing was taken.`;

function Refused({ bet: { error, description, delay }, what, question, onDismiss }) {
  return html`
    <div class="part refused" role="alert">
      ${error.code
        ? html`<p><b>${refusedText(error, what)}</b><br />${closedText(error, description) ?? html`${question}: ${textOf(error)}`}</p>`
        : html`<p><b>Your bet of ${what} has no reply.</b><br />${question}: it may still be placed. Wait${delay > 0 ? ` ${Math.ceil(delay / 1000)} s` : ""} and look under My bets before you bet again.</p>`}
      <button type="button" class="btn ghost icon" aria-label="Dismiss" onClick=${onDismiss}>✕</button></div>`;
}
