// A labelled field of a form, with its hint and the error of the server.

import { html } from "../html.js";

const NATIVE = { time: "datetime-local", amount: "text", list: "text" };

/** `field`: {name, label, kind, hint, options, ...attributes of the input}. */
export function Field({ field, form, error }) {
  const { name, label, kind = "text", hint, ...attributes } = field;
  const id = `${form}-${name}`;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const common = { id, name, "aria-describedby": described, "aria-invalid": error ? "true" : undefined };
  const input = control(kind, { ...attributes, ...common });
  if (kind === "checkbox") return html`<label class="check" for=${id}>${input} ${label}</label>`;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${input}
      ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
      ${error && html`<p class="error" id="${id}-error" role="alert">${error}</p>`}
    </div>`;
}

function control(kind, { options, ...attributes }) {
  if (kind === "select") {
    return html`<select ...${attributes}>
      ${options.map(([value, text]) => html`<option value=${value}>${text}</option>`)}
    </select>`;
  }
  if (kind === "area") return html`<textarea rows="5" spellcheck="false" ...${attributes}></textarea>`;
  const inputmode = kind === "amount" ? "decimal" : attributes.inputmode;
  const step = kind === "time" ? "1" : undefined;
  return html`<input type=${NATIVE[kind] ?? kind} step=${step} ...${attributes} inputmode=${inputmode} />`;
}

/** Return the values of a form as parameters of an op: times in epoch ms, checkboxes as booleans. */
export function parametersOf(element, fields) {
  const data = new FormData(element);
  return Object.fromEntries(fields.map(({ name, kind }) => [name, valueOf(kind, data.get(name))]));
}

/** Return the labels of fields by the names of their parameters. */
export const labelsOf = (fields) => Object.fromEntries(fields.map(({ name, label }) => [name, label]));

function valueOf(kind, value) {
  if (kind === "checkbox") return value !== null;
  if (kind === "time" && value) return new Date(value).getTime();
  return value;
}
