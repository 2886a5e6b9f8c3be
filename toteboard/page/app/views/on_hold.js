// The results that wait to be paid: who won as it stands, and when it is paid.

import { html } from "../html.js";
import { winnersText } from "../words.js";
import { Left, Tag } from "./parts.js";

export function OnHold({ pools, details }) {
  const held = pools.filter(({ decided }) => decided);
  if (held.length === 0) return null;
  return html`
    <section class="card onhold" aria-label="Results on hold">
      <header class="bar-head"><h2>Results on hold</h2><${Tag} kind="held" sign="◔">${held.length} waiting<//></header>
      ${held.map(({ pool_id: id, description, decided }) => html`
        <div class="heldrow" key=${id}><div class="row spread nowrap"><div><b>${winnersText(details, decided)}</b><p class="note">${description}</p></div>
          <span class="note"><${Left} at=${decided.confirm_at} before="pays in" over="paying" /></span></div></div>`)}
    </section>`;
}
