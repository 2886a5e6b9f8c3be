// One user: balances, a payment, the own limits, open holds, the last entries, the switch that disables.

import { html, useLoaded, useState } from "../html.js";
import { money, signed, time } from "../words.js";
import { Holds } from "./holds.js";
import { OwnLimits } from "./own_limits.js";
import { Empty, Trouble } from "./parts.js";
import { Pay } from "./pay.js";
import { State, balanceOf, currenciesOf } from "./users.js";

const ENTRIES = 8;
const MAY_PAY = ["cashier", "operator"];

export function User({ id, api, about, onChanged }) {
  const [currency, setCurrency] = useState("DON");
  const path = `v1/users/${encodeURIComponent(id)}`;
  const { value: user, error, reload } = useLoaded(() => api.get(path), [id]);
  const entries = useLoaded(() => api.get(`${path}/statement`, { currency, limit: ENTRIES }), [id, currency, user]);
  const changed = () => { reload(); onChanged(); };
  if (!user) return html`<div class="side stack"><${Trouble} error=${error} /></div>`;
  const currencies = currenciesOf(user);
  const balance = balanceOf(user, currency);
  return html`
    <div class="side stack" role="group" aria-label="User ${user.name}">
      <section class="card pad stack">
        <div class="spread"><h2>${user.name} <span class="note">#${user.id}</span></h2><${State} user=${user} /></div>
        ${currencies.length > 1 && html`
          <div class="field"><label for="currency">Currency</label>
            <select id="currency" value=${currency} onChange=${(event) => setCurrency(event.target.value)}>
              ${currencies.map((each) => html`<option>${each}</option>`)}</select></div>`}
        <p class="spread"><span class="note">To bet with</span><b class="big">${money(balance.available_balance)} ${currency}</b></p>
        <p class="note">${money(balance.current_balance)} in all · ${money(balance.exposure)} in play · ${money(balance.held)} held</p>
        ${user.external_id && html`<p class="note">External id ${user.external_id}</p>`}
        ${MAY_PAY.includes(about.role) && html`<${Pay} api=${api} path=${path} currency=${currency} balance=${balance} onPaid=${changed} />`}
        ${about.role === "operator" && html`<${Access} api=${api} path=${path} user=${user} onChanged=${changed} />`}
      </section>
      <${OwnLimits} user=${user} currency=${currency} about=${about} api=${api} path=${path} onChanged=${changed} />
      <${Holds} api=${api} about=${about} userId=${user.id} round=${user} onChanged=${changed} />
      <section class="card" aria-labelledby="entries-title">
        <header class="head"><h2 id="entries-title">Last entries</h2></header>
        <${Trouble} error=${entries.error} />
        ${entries.value?.entries.length === 0 && html`<${Empty}>No entries in ${currency}.<//>`}
        <ul class="list">${(entries.value?.entries ?? []).map((entry) => html`<${Entry} key=${entry.id} entry=${entry} />`)}</ul>
      </section>
    </div>`;
}

const Entry = ({ entry }) => html`
  <li><div><b>${entry.cause}</b><p class="note">${time(entry.at)}${entry.reference ? ` · ${entry.reference}` : ""}</p></div>
    <div class="num"><b>${signed(entry.change)}</b><p class="note">${money(entry.current_balance)}</p></div></li>`;

function Access({ api, path, user, onChanged }) {
  const [{ isAsking, error }, setState] = useState({});
  if (user.name === `erased-${user.id}`) return null;
  const change = async () => {
    try {
      await api.post(`${path}/${user.disabled ? "enable" : "disable"}`);
      setState({});
      onChanged();
    } catch (refused) {
      setState({ error: refused });
    }
  };
  if (user.disabled) return html`<button onClick=${change}>Enable this user</button><${Trouble} error=${error} />`;
  if (!isAsking) return html`<button class="quiet" onClick=${() => setState({ isAsking: true })}>Disable this user…</button>`;
  return html`
    <div class="notice stack" role="group" aria-label="Disable ${user.name}">
      <p>${user.name} is signed out at once and cannot sign in. Stakes stay in their pools and are paid.</p>
      <${Trouble} error=${error} />
      <div class="row"><button class="danger" onClick=${change}>Disable ${user.name}</button>
        <button onClick=${() => setState({})}>Cancel</button></div>
    </div>`;
}
