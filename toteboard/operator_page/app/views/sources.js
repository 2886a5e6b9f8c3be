// A room about one source, with the field that chooses the source.

import { html, useLoaded, useState } from "../html.js";
import { Empty, Trouble } from "./parts.js";

/** Show `room` for a source. Its children are the field. A key of one source has no choice. */
export function OfASource({ api, about, room: Room }) {
  const [chosen, setChosen] = useState("");
  const sources = useLoaded(async () => (about.source_id
    ? [{ id: about.source_id, name: about.source_id }]
    : (await api.get("v1/sources")).sources), []);
  const source = chosen || sources.value?.[0]?.id;
  return html`
    <div class="stack">
      <${Trouble} error=${sources.error} />
      ${sources.value?.length === 0 && html`<section class="card"><${Empty}>No source is open yet.<//></section>`}
      ${source && html`
        <${Room} key=${source} api=${api} about=${about} id=${source}>
          <div class="field"><label for="source">Source</label>
            <select id="source" value=${source} onChange=${(event) => setChosen(event.target.value)}>
              ${sources.value.map((each) => html`<option value=${each.id}>${each.name}</option>`)}</select></div>
        <//>`}
    </div>`;
}
