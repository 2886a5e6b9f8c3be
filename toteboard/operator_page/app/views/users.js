// The room of the users: a search, and one user with money, holds and entries.

import { html, useLoaded, useState } from "../html.js";
import { money } from "../words.js";
import { Empty, Search, Tag, Trouble } from "./parts.js";
import { User } from "./user.js";

const SHOWN = 20;
const NOTHING = { current_balance: 0, available_balance: 0, exposure: 0, held: 0 };

export function Users({ api, about, place: [opened] }) {
  const [query, setQuery] = useState("");
  const { value, error, reload } = useLoaded(() => api.get("v1/users", { query, limit: SHOWN }), [query]);
  const users = value?.users ?? [];
  return html`
    <div class="ops">
      <section class="card" aria-labelledby="users-title">
        <header class="head">
          <h2 id="users-title">Users</h2>
          <${Search} label="Find a user" placeholder="Name or number" value=${query} onSearch=${setQuery} />
        </header>
        <${Trouble} error=${error} />
        ${users.length > 0 && html`<${Table} users=${users} opened=${opened} />`}
        ${value && users.length === 0 && html`<${Empty}>${query ? `No name begins with “${query}”.` : "There are no users yet."}<//>`}
      </section>
      ${opened && html`<${User} key=${opened} id=${opened} api=${api} about=${about} onChanged=${reload} />`}
    </div>`;
}

function Table({ users, opened }) {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="List of users"><table>
      <thead><tr><th scope="col">User</th><th scope="col" class="num">To bet with</th><th scope="col" class="num roomy">In play</th><th scope="col" class="num roomy">Held</th><th scope="col">State</th><th scope="col"><span class="sr">Open</span></th></tr></thead>
      <tbody>${users.map((user) => html`<${Row} key=${user.id} user=${user} isOpen=${String(user.id) === opened} />`)}</tbody>
    </table></div>`;
}

function Row({ user, isOpen }) {
  const held = balanceOf(user, currenciesOf(user)[0]);
  return html`
    <tr class=${isOpen ? "on" : ""}>
      <th scope="row"><a href="#/users/${user.id}"><b>${user.name}</b></a> <span class="note">#${user.id}</span></th>
      <td class="num"><b>${money(held.available_balance)}</b></td>
      <td class="num roomy">${money(held.exposure)}</td>
      <td class="num roomy">${money(held.held)}</td>
      <td><${State} user=${user} /></td>
      <td class="num"><a class="button" href="#/users/${user.id}" aria-current=${isOpen ? "true" : null} aria-label="Open ${user.name}">Open</a></td>
    </tr>`;
}

export const State = ({ user }) => (user.disabled
  ? html`<${Tag} kind="bad">Disabled<//>`
  : html`<${Tag} kind="good">Active<//>`);

/** Return the currencies of a user, DON first. */
export function currenciesOf(user) {
  return [...new Set(["DON", ...Object.keys({ ...user.balances, ...user.limits }).sort()])];
}

export const balanceOf = (user, currency) => user.balances[currency] ?? NOTHING;
