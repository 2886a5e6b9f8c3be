// The open holds of a user: post the whole, or release.

import { html, useLoaded, useState } from "../html.js";
import { money, time } from "../words.js";
import { Trouble } from "./parts.js";

export function Holds({ api, about, userId, round, onChanged }) {
  const [error, setError] = useState();
  const { value } = useLoaded(() => api.get("v1/payments", { user_id: userId, status: "open" }), [userId, round]);
  const holds = value?.payments ?? [];
  const mayPay = ["cashier", "operator"].includes(about.role);
  const resolve = async (hold, verb) => {
    try {
      await api.post(`v1/holds/${hold.id}/${verb}`);
      setError();
    } catch (refused) {
      setError(refused);
    }
    onChanged();
  };
  if (holds.length === 0 && !error) return null;
  return html`
    <section class="card" aria-labelledby="holds-title">
      <header class="head"><h2 id="holds-title">Open holds</h2></header>
      <${Trouble} error=${error} />
      <ul class="list">${holds.map((hold) => html`
        <li key=${hold.id}><div><b>${money(hold.amount)} ${hold.currency}</b>
          <p class="note">${time(hold.at)}${hold.reference ? ` · ${hold.reference}` : ""}${hold.expires_at ? ` · until ${time(hold.expires_at)}` : ""}</p></div>
          ${mayPay && html`<div class="row">
            <button onClick=${() => resolve(hold, "post")} aria-label="Post the hold of ${money(hold.amount)}">Post</button>
            <button onClick=${() => resolve(hold, "release")} aria-label="Release the hold of ${money(hold.amount)}">Release</button></div>`}
        </li>`)}</ul>
    </section>`;
}
