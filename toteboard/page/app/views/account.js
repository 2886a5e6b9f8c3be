// The user's account: balances, and who is signed in.

import { html, useEffect } from "../html.js";
import { hundredths, moneyOf } from "../money.js";

export function Account({ app, page }) {
  useEffect(() => void app.visits.connected(), []);
  if (!page.user) {
    return html`<h1>Account</h1><p class="card pad">You are looking without an account. <button class="link" onClick=${() => app.askToSignIn()}>Sign in</button> to bet.</p>`;
  }
  return html`
    <h1 class="sr">Account</h1>
    <div class="account">
      <section class="strip money" aria-label="Balances">${Object.entries(page.balances).map((balance) => html`<${Balance} balance=${balance} />`)}
        <p class="note">Signed in as <b>${page.user.username}</b></p></section>
      <section class="card pad stack"><h2>Hosting</h2>
        ${page.mySources.length > 0
          ? html`<p>You run games. <a href="#/desk">Open the desk</a></p>`
          : html`<p class="note">Hosts open pools and decide them. To become one, ask the operator of this server; then <a href="#/desk">the desk</a> lets you open a source.</p>`}</section>
      <section class="card pad stack"><h2>Devices</h2>
        <p class="note">Signing out forgets the key in this tab. A new password or key ends every other sign-in.</p>
        <p><button class="btn danger" onClick=${() => app.leave()}>Sign out</button></p></section>
    </div>`;
}

function Balance({ balance: [currency, { available = 0, current = 0 }] }) {
  const [free, all] = [hundredths(available), hundredths(current)];
  return html`
    <dl class="figures">
      <div><dt>To bet with</dt><dd>${moneyOf(free)}</dd></div>
      <div><dt>In play</dt><dd class="less">${moneyOf(all - free)}</dd></div>
      <div><dt>Yours in all</dt><dd class="less">${moneyOf(all)} ${currency}</dd></div>
    </dl>`;
}
