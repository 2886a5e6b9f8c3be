// A form that sends one op, or what `send` does. Its fields are parameters, and a refusal is shown beside its field.

import { html, useState } from "../html.js";
import { Field, labelsOf, parametersOf } from "./field.js";
import { isCutOff, textOf } from "./parts.js";

const FIELD_OF_CODE = {
  unknown_action: ["action", "action_id"],
  unknown_target: ["target", "targets", "target_id"],
  unknown_user: ["username"],
  already_exists: ["source_name"],
};
let forms = 0;

/** `fixed`: parameters without a field. `done`: the notice for a reply. `send`: instead of an op, without `page`. */
export function AskForm({ app, page, op, fixed, fields = [], submit, done, onDone, kind = "", send }) {
  const [form] = useState(() => `form-${++forms}`);
  const [{ error, notice, isBusy }, setState] = useState({});
  const ask = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    const element = event.target;
    setState({ isBusy: true });
    try {
      const values = { ...parametersOf(element, fields), ...fixed };
      const reply = await (send ? send(values) : app.ask(op, values));
      setState({ notice: done?.(reply) ?? reply?.reason ?? "Done." });
      element.reset();
      await onDone?.(reply);
    } catch (refused) {
      setState({ error: refused });
    }
  };
  const place = error && fields.find(({ name }) => isAbout(error, name))?.name;
  return html`
    <form class="stack" onSubmit=${ask}>
      ${fields.map((field) => html`
        <${Field} field=${field} form=${form} error=${place === field.name ? textOf(error, labelsOf(fields)) : null} />`)}
      ${error && !place && html`<p class="error" role="alert">${textOf(error, labelsOf(fields))}</p>`}
      <div class="row">
        <button class="btn ${kind}" aria-disabled=${isBusy || (page && isCutOff(page))}>${submit}</button>
        <span class="note" role="status">${notice}</span>
      </div>
    </form>`;
}

function isAbout({ parameter, code }, name) {
  return parameter ? parameter === name : FIELD_OF_CODE[code]?.includes(name);
}
