// The user's account: balances, the statement, limits, a break, and how the user signs in.

import { html, useEffect, useState } from "../html.js";
import { hundredths, moneyOf } from "../money.js";
import { Break } from "./break.js";
import { Limits } from "./limits.js";
import { useWhileShown } from "./parts.js";
import { SignInCard } from "./sign_in_card.js";
import { Statement } from "./statement.js";

export function Account({ app, page }) {
  const [chosen, choose] = useState(null);
  const currency = chosen ?? Object.keys(page.balances)[0];
  const isConnected = page.status.phase === "connected";
  useEffect(() => app.visits.account(), [page.user?.id]);
  const [problem, setProblem] = useState(null);
  useWhileShown(() => isConnected && currency && app.visits.limits(currency).then(() => setProblem(null), setProblem), [currency, isConnected]);
  if (!page.user) {
    return html`<h1>Account</h1><p class="card pad">You are looking without an account. <button class="link" onClick=${() => app.askToSignIn()}>Sign in</button> to bet.</p>`;
  }
  return html`
    <h1 class="sr">Account</h1>
    <div class="account">
      <section class="strip money" aria-label="Balances">${shownOf(page.balances).map((balance) => html`<${Balance} key=${balance[0]} balance=${balance} />`)}
        <p class="note">Signed in as <b>${page.user.username}</b></p></section>
      <${Statement} app=${app} page=${page} currencies=${currenciesOf(page, currency)} currency=${currency} onCurrency=${choose} />
      <div class="aside">
        <${Limits} key=${currency} app=${app} page=${page} known=${page.limits} problem=${problem} currency=${currency} onCurrency=${choose} />
        <${Break} app=${app} page=${page} />
        <${SignInCard} app=${app} user=${page.user} />
        <section class="card pad stack"><h2>Hosting</h2>
          ${page.mySources.length > 0 || page.mayHost
            ? html`<p>${page.mySources.length > 0 ? "You run games." : "You can run games."} <a href="#/desk">Open the desk</a></p>`
            : html`<p class="note">Hosts open pools and decide them. To become one, ask the operator of this server.</p>`}</section>
      </div>
    </div>`;
}

/** The currencies to choose from: those of the balances and of the limits. */
const currenciesOf = (page, chosen) =>
  [...new Set([...Object.keys(page.balances), ...Object.keys(page.limits), ...(chosen ? [chosen] : [])])];

/** The balance of the first currency, and of all others in which the user has money. */
const shownOf = (balances) =>
  Object.entries(balances).filter(([, { current = 0 }], i) => i === 0 || current !== 0);

function Balance({ balance: [currency, { available = 0, current = 0 }] }) {
  const [free, all] = [hundredths(available), hundredths(current)];
  return html`
    <dl class="figures">
      <div><dt>To bet with</dt><dd><span class="figure">${moneyOf(free)}</span></dd></div>
      <div><dt>In play</dt><dd class="less"><span class="figure">${moneyOf(all - free)}</span></dd></div>
      <div><dt>Yours in all</dt><dd class="less"><span class="figure">${moneyOf(all)}</span> ${currency}</dd></div>
    </dl>`;
}
