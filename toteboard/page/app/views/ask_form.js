// A form that sends one op. Its fields are parameters, and a refusal is shown beside its field.

import { html, useState } from "../html.js";
import { Field, inLabels, parametersOf } from "./field.js";

const FIELD_OF_CODE = {
  insufficient_funds: ["amount"],
  unknown_action: ["action", "action_id"],
  unknown_target: ["target", "targets", "target_id"],
  unknown_user: ["username"],
  already_exists: ["source_name"],
};
let forms = 0;

/** `fixed`: parameters without a field. `done`: the notice for a reply. `children`: further content. */
export function AskForm({ app, op, fixed, fields = [], submit, done, onDone, onInput, kind = "", children }) {
  const [form] = useState(() => `form-${++forms}`);
  const [{ error, notice, isBusy }, setState] = useState({});
  const ask = async (event) => {
    event.preventDefault();
    const element = event.target;
    setState({ isBusy: true });
    try {
      const reply = await app.connection.ask(op, { ...parametersOf(element, fields), ...fixed });
      setState({ notice: done?.(reply) ?? reply.reason ?? "Done." });
      element.reset();
      onDone?.(reply);
    } catch (refused) {
      setState({ error: refused });
    }
  };
  const input = onInput && ((event) => onInput(parametersOf(event.currentTarget, fields)));
  const place = error && fields.find(({ name }) => isAbout(error, name))?.name;
  return html`
    <form class="stack" onSubmit=${ask} onInput=${input} onChange=${input}>
      ${fields.map((field) => html`
        <${Field} field=${field} form=${form} error=${place === field.name ? inLabels(error.text, fields) : null} />`)}
      ${children}
      ${error && !place && html`<p class="error" role="alert">${error.text}</p>`}
      <div class="row">
        <button class=${kind} disabled=${isBusy}>${submit}</button>
        <span class="reply" role="status">${notice}</span>
      </div>
    </form>`;
}

function isAbout({ parameter, code }, name) {
  return parameter ? parameter === name : FIELD_OF_CODE[code]?.includes(name);
}
