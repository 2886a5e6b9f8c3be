// The frames of the connection, joined by request: filter and copy them, and send an op.

import { html, useEffect, useState } from "../html.js";
import { clock, plural } from "../words.js";
import { Copy } from "./copy.js";
import { OpForm } from "./op_form.js";

const SHOWN = 100;
const REFRESH_MS = 500;

export function Inspector({ app }) {
  const { frames } = app;
  const [filter, setFilter] = useState({ words: "", direction: "" });
  const [isPaused, setPaused] = useState(false);
  const [, refresh] = useState(0);
  useEffect(() => {
    const timer = isPaused ? null : setInterval(() => refresh(frames.total), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isPaused]);
  const list = frames.list(filter.words, filter.direction);
  const change = (event) => setFilter({ ...filter, [event.target.name]: event.target.value });
  return html`
    <h1>Inspector</h1>
    <div class="inspector">
      <${OpForm} app=${app} />
      <section class="card frames" aria-label="Frames">
        <div class="pad row">
          <label>Filter <input name="words" value=${filter.words} onInput=${change} placeholder="name, ID, text" autocomplete="off" /></label>
          <label>Direction <select name="direction" onChange=${change}>
            <option value="">both</option><option value="in">received</option><option value="out">sent</option></select></label>
          <button class="btn" aria-pressed=${isPaused} onClick=${() => setPaused(!isPaused)}>${isPaused ? "Resume" : "Pause"}</button>
          <${Copy} text=${() => JSON.stringify(list.map(asJson), null, 2)}>Copy as JSON<//>
          <button class="btn" onClick=${() => (frames.clear(), refresh(-1))}>Clear</button>
          <span class="note" role="status">${plural(list.length, "frame")} of ${frames.total}</span>
        </div>
        <ol>${list.slice(0, SHOWN).map((frame) => html`<${Frame} key=${frame.number} frame=${frame} onRelated=${(id) => setFilter({ words: `"request_id":${JSON.stringify(id)}`, direction: "" })} />`)}</ol>
      </section>
    </div>`;
}

function Frame({ frame, onRelated }) {
  const { at, direction, name, text, requestId, answers, took } = frame;
  const [isOpen, open] = useState(false);
  return html`
    <li class=${direction}>
      <details onToggle=${(event) => open(event.currentTarget.open)}>
        <summary><time>${clock(at)}</time> <span class="arrow" aria-hidden="true">${direction === "in" ? "←" : "→"}</span><span class="sr">${direction === "in" ? "received" : "sent"}</span>
          <b>${name}</b> ${answers && html`<span class="note">reply to ${answers} after ${took} ms</span>`} <span class="note text">${text}</span></summary>
        ${isOpen && html`
          <div class="pad row">${requestId !== undefined && html`<button class="btn" onClick=${() => onRelated(requestId)}>Request ${requestId} and its reply</button>`}
            <${Copy} text=${() => pretty(frame)}>Copy<//></div>
          <pre tabindex="0">${pretty(frame)}</pre>`}
      </details>
    </li>`;
}

const pretty = ({ message, text }) => (message ? JSON.stringify(message, null, 2) : text);
const asJson = ({ at, direction, message, text }) => ({ at, direction, message: message ?? text });
