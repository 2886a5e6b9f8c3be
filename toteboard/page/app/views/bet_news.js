// What there is to say about bets whose board is not on the screen: those that wait, were placed, or were refused.

import { html } from "../html.js";
import { isCutOff } from "./parts.js";
import { SentBets } from "./sent_bets.js";

export function BetNews({ app, page, at }) {
  const isElsewhere = ({ gameId }) => at.room !== "board" || at.id !== gameId || !hasSlip(page.games[gameId]);
  const bets = page.sentBets.filter(isElsewhere);
  const notice = page.notice && isElsewhere(page.notice) ? page.notice : null;
  return html`
    <section class="betnews" aria-label=${notice || bets.length > 0 ? "Your bets" : undefined}>
      <div role="status">${notice && html`<div class="part placed"><p><b>✓ ${notice.text}</b> · <a href="#/g/${notice.gameId}">See the board</a></p></div>`}</div>
      <${SentBets} app=${app} bets=${bets} isCutOff=${isCutOff(page)} isElsewhere=${true} />
    </section>`;
}

const hasSlip = (game) => Boolean(game?.details) && !game.problem;
