// What a player has set for themselves: limits in a currency, and a break, which an operator can end.

import { html, useState } from "../html.js";
import { money, time } from "../words.js";
import { Field, Trouble } from "./parts.js";

const KINDS = { spend: "Stakes", loss: "Losses" };

export function OwnLimits({ user, currency, about, api, path, onChanged }) {
  const { limits = {}, pending = [] } = user.limits[currency] ?? {};
  const rows = Object.entries(limits).flatMap(([period, kinds]) => Object.entries(kinds)
    .filter(([, amount]) => amount !== null)
    .map(([kind, amount]) => ({ period, kind, amount, next: pending.find((each) => each.period === period && each.kind === kind) })));
  if (rows.length === 0 && !user.break) return null;
  return html`
    <section class="card" aria-labelledby="own-title">
      <header class="head"><h2 id="own-title">Limits of the player</h2></header>
      <ul class="list">
        ${user.break && html`<li><${Break} until=${user.break.until} mayEnd=${about.role === "operator"} api=${api} path=${path} onChanged=${onChanged} /></li>`}
        ${rows.map(({ period, kind, amount, next }) => html`
          <li key="${period} ${kind}"><div><b>${KINDS[kind]} a ${period}</b>
            ${next && html`<p class="note">${next.amount === null ? "no limit" : money(next.amount)} from ${time(next.at)}</p>`}</div>
            <b class="num">${money(amount)}</b></li>`)}
      </ul>
    </section>`;
}

/** A break is the player's wish, so ending it takes two steps, and a reason is asked for. */
function Break({ until, mayEnd, api, path, onChanged }) {
  const [{ isAsking, error }, setState] = useState({});
  const end = async (event) => {
    event.preventDefault();
    try {
      await api.post(`${path}/lift_break`, Object.fromEntries(new FormData(event.target)));
      onChanged();
    } catch (refused) {
      setState({ isAsking: true, error: refused });
    }
  };
  return html`
    <div class="stack">
      <p><b>On a break</b> ${until === null ? "without an end" : `until ${time(until)}`}: no bets, no chat.</p>
      ${mayEnd && !isAsking && html`<button class="quiet" onClick=${() => setState({ isAsking: true })}>End this break…</button>`}
      ${isAsking && html`
        <form class="stack" aria-label="End the break" onSubmit=${end}>
          <${Field} label="Reason" name="reason" id="break-reason" maxlength="500" />
          <${Trouble} error=${error} />
          <div class="row"><button class="danger">End the break</button><button type="button" onClick=${() => setState({})}>Cancel</button></div>
        </form>`}
    </div>`;
}
