// Sends any op: a form with the label, name, type and example of each parameter, made from /asyncapi.json.

import { html, useEffect, useState } from "../html.js";
import { labelOf } from "../labels.js";
import { textOf } from "./parts.js";

const DOCUMENT = "asyncapi.json";

export function OpForm({ app }) {
  const [ops, setOps] = useState(null);
  const [error, setError] = useState(null);
  const [code, setCode] = useState(1);
  const [isSent, setSent] = useState(false);
  useEffect(() => void requestsIn(DOCUMENT).then(setOps, setError), []);
  if (error) return html`<section class="card pad"><p class="error" role="alert">${textOf(error)}</p></section>`;
  if (!ops) return html`<section class="card pad"><p class="note" role="status">Loading the ops…</p></section>`;
  const op = ops.find((each) => each.code === code);
  const send = (event) => {
    event.preventDefault();
    const frame = { header: { request_id: "mine" }, op: code, ...valuesOf(event.target, op.parameters) };
    setSent(app.live.sendByHand(JSON.stringify(frame)));
  };
  return html`
    <section class="card pad stack" aria-label="Send an op">
      <h2>Send an op</h2>
      <form class="stack" key=${code} onSubmit=${send} onInput=${() => setSent(false)}>
        <div class="field"><label for="op">Op</label>
          <select id="op" value=${code} onChange=${(event) => setCode(Number(event.target.value))}>
            ${ops.map((each) => html`<option key=${each.code} value=${each.code}>${each.code} ${each.name}</option>`)}</select>
          <p class="note">${op.summary}</p></div>
        ${op.parameters.map((parameter) => html`<${Parameter} key=${parameter.name} parameter=${parameter} />`)}
        <div class="row"><button class="btn primary">Send</button><span class="note" role="status">${isSent && "Sent. The reply is the newest frame."}</span></div>
      </form>
    </section>`;
}

function Parameter({ parameter: { name, schema, isRequired, example } }) {
  const id = `parameter-${name}`;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  const input = type === "boolean"
    ? html`<select id=${id} name=${name}><option value="">–</option><option>true</option><option>false</option></select>`
    : schema.enum
      ? html`<select id=${id} name=${name}><option value="">–</option>${schema.enum.map((each) => html`<option>${each}</option>`)}</select>`
      : html`<input id=${id} name=${name} required=${isRequired} autocomplete="off" spellcheck="false" placeholder=${written(example ?? schema.default ?? "")} aria-describedby="${id}-about" />`;
  return html`
    <div class="field"><label for=${id}>${labelOf(name)} <code>${name}</code> <span class="note">${type}${isRequired ? "" : ", optional"}</span></label>
      ${input}<p class="note" id="${id}-about">${schema.description}</p></div>`;
}

/** Return the requests of the document: {code, name, summary, parameters}. */
async function requestsIn(path) {
  const { components: { messages } } = await (await fetch(path)).json();
  return Object.entries(messages).filter(([key]) => key.startsWith("op_")).map(([, message]) => requestIn(message))
    .toSorted((a, b) => a.code - b.code);
}

function requestIn({ name, summary, payload: { properties, required = [] }, examples = [] }) {
  const { header, op, ...parameters } = properties;
  const example = examples[0]?.payload ?? {};
  const listed = Object.entries(parameters).map(([each, schema]) => ({
    name: each, schema, isRequired: required.includes(each), example: example[each],
  }));
  return { code: op.const, name, summary, parameters: listed };
}

const written = (value) => (Array.isArray(value) ? value.join(", ") : String(value));

/** Return the parameters that were filled in. Numbers and booleans are sent as such. */
function valuesOf(form, parameters) {
  const data = new FormData(form);
  const given = parameters.filter(({ name }) => data.get(name) !== "" && data.get(name) !== null);
  return Object.fromEntries(given.map(({ name, schema }) => [name, valueOf(schema, data.get(name))]));
}

function valueOf({ type }, text) {
  const isNumber = type === "integer" || type === "number";
  if (isNumber && Number.isFinite(Number(text))) return Number(text);
  return type === "boolean" ? text === "true" : text;
}
