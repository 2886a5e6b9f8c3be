// The frames of the connection: filter and copy them, and send a frame.

import { html, useEffect, useState } from "../html.js";
import { clock, plural } from "../words.js";

const SHOWN = 200;
const REFRESH_MS = 250;

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
    <${SendFrame} app=${app} />
    <section class="panel" aria-label="Frames">
      <div class="row">
        <label>Filter <input name="words" value=${filter.words} onInput=${change} placeholder="name, ID, text" autocomplete="off" /></label>
        <label>Direction <select name="direction" onChange=${change}>
          <option value="">both</option><option value="in">in</option><option value="out">out</option></select></label>
        <button aria-pressed=${isPaused} onClick=${() => setPaused(!isPaused)}>${isPaused ? "Resume" : "Pause"}</button>
        <${Copy} text=${() => JSON.stringify(list.map(asJson), null, 2)}>Copy as JSON<//>
        <button onClick=${() => (frames.clear(), refresh(-1))}>Clear</button>
        <span class="muted" role="status">${plural(list.length, "frame")} of the last ${Math.min(frames.total, 1000)}, ${frames.total} in all</span>
      </div>
      <ol class="plain frames">${list.slice(0, SHOWN).map((frame) => html`<${Frame} key=${frame.number} frame=${frame} onRelated=${(id) => setFilter({ words: `"request_id":${JSON.stringify(id)}`, direction: "" })} />`)}</ol>
    </section>`;
}

function Frame({ frame, onRelated }) {
  const { at, direction, name, text, requestId, answers, took } = frame;
  const [isOpen, open] = useState(false);
  return html`
    <li class=${direction}>
      <details onToggle=${(event) => open(event.currentTarget.open)}>
        <summary><time>${clock(at)}</time> <span class="arrow" aria-hidden="true">${direction === "in" ? "←" : "→"}</span><span class="sr">${direction}</span>
          <b>${name}</b> ${answers && html`<span class="muted">reply to ${answers} after ${took} ms</span>`} <span class="muted text">${text}</span></summary>
        ${isOpen && html`
          <div class="row">${requestId !== undefined && html`<button onClick=${() => onRelated(requestId)}>Request ${requestId} and its reply</button>`}
            <${Copy} text=${() => pretty(frame)}>Copy<//></div>
          <pre>${pretty(frame)}</pre>`}
      </details>
    </li>`;
}

const pretty = ({ message, text }) => (message ? JSON.stringify(message, null, 2) : text);
const asJson = ({ at, direction, message, text }) => ({ at, direction, message: message ?? text });

function SendFrame({ app }) {
  const { codes, connection } = app;
  const [text, setText] = useState('{"header": {"request_id": "mine"}, "op": 1}');
  const [error, setError] = useState(null);
  const send = (event) => {
    event.preventDefault();
    setError(connection.isOpen ? null : "Not connected. Try again later.");
    if (connection.isOpen) connection.sendByHand(text);
  };
  const choose = ({ target: { value } }) => setText(JSON.stringify({ header: { request_id: "mine" }, op: codes.op(value) }));
  return html`
    <section class="panel"><h2>Send a frame</h2>
      <form class="stack" onSubmit=${send}>
        <div class="field"><label for="by-hand-op">Op</label>
          <select id="by-hand-op" onChange=${choose}>${codes.opNames().map((name) => html`<option value=${name}>${codes.op(name)} ${name}</option>`)}</select></div>
        <div class="field"><label for="by-hand">Frame</label>
          <textarea id="by-hand" rows="3" spellcheck="false" value=${text} onInput=${(event) => setText(event.target.value)}></textarea></div>
        <div class="row"><button class="primary">Send</button>${error && html`<span class="error" role="alert">${error}</span>`}</div>
      </form>
    </section>`;
}

function Copy({ text, children }) {
  const [notice, setNotice] = useState("");
  const copy = () => copied(text()).then(() => setNotice("Copied."), () => setNotice("The browser blocked the copy. Select the text instead."));
  return html`<button onClick=${copy}>${children}</button><span class="reply" role="status">${notice}</span>`;
}

/** Copy to the clipboard. On plain HTTP a page has no clipboard, so select a text and copy that. */
async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  if (!isDone) throw new Error("not copied");
}
