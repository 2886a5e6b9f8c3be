// The room of the payments: the newest of all users, or the open holds.

import { html, usePages, useState } from "../html.js";
import { money, time } from "../words.js";
import { Choice, Empty, More, Tag, Trouble } from "./parts.js";

const SHOWN = [["", "All"], ["open", "Open holds"]];
const STATES = { open: ["wait", "Held"], posted: ["good", "Posted"], released: ["bad", "Released"], expired: ["bad", "Expired"] };

export function Payments({ api }) {
  const [status, setStatus] = useState("");
  const { error, pages, next } = usePages((before) => api.get("v1/payments", { status, before, limit: 50 }), [status]);
  const payments = pages.flatMap((page) => page.payments);
  return html`
    <section class="card" aria-labelledby="payments-title">
      <header class="head"><h2 id="payments-title">Payments</h2>
        <${Choice} label="Which payments" isBare choices=${SHOWN} value=${status} onChoose=${setStatus} /></header>
      <${Trouble} error=${error} />
      ${pages.length > 0 && payments.length === 0 && html`<${Empty}>${status ? "No money is held." : "There are no payments yet."}<//>`}
      ${payments.length > 0 && html`
        <div class="scroll" tabindex="0" role="region" aria-label="List of payments"><table>
          <thead><tr><th scope="col">User</th><th scope="col">Kind</th><th scope="col" class="num">Amount</th><th scope="col">Reason</th><th scope="col">Reference</th><th scope="col">Key</th><th scope="col">Time</th></tr></thead>
          <tbody>${payments.map((each) => html`
            <tr key=${each.id}><th scope="row"><a href="#/users/${each.user_id}">${each.user_name}</a></th>
              <td>${each.kind} ${each.status && html`<${Tag} kind=${STATES[each.status][0]}>${STATES[each.status][1]}<//>`}</td>
              <td class="num"><b>${each.kind === "credit" ? "+" : "−"}${money(each.amount)}</b> <span class="note">${each.currency}</span></td>
              <td class="long">${each.reason}</td><td class="long">${each.reference}</td><td>${each.key ?? "command line"}</td><td>${time(each.at)}</td></tr>`)}
          </tbody></table></div>`}
      <${More} onMore=${next} />
    </section>`;
}
