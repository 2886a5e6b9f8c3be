// Small parts that the rooms share.

import { html } from "../html.js";

/** A field with its label, a hint and an error. `given` are the attributes of the input. */
export function Field({ label, name, id = `field-${name}`, hint, error, ...given }) {
  return html`
    <div class="field">
      <label for=${id}>${label} ${hint && html`<span class="note">${hint}</span>`}</label>
      <input id=${id} name=${name} autocomplete="off" aria-invalid=${error ? "true" : null}
        aria-describedby=${error ? `${id}-error` : null} ...${given} />
      ${error && html`<p class="error" id="${id}-error" role="alert">${error}</p>`}
    </div>`;
}

/** Buttons of which one is pressed. `choices` is [[value, label], ...]. `isBare`: the label is not shown. */
export function Choice({ label, choices, value, onChoose, isBare = false }) {
  const group = html`
    <div class="seg" role="group" aria-label=${label}>
      ${choices.map(([each, text]) => html`
        <button type="button" aria-pressed=${each === value} onClick=${() => onChoose(each)}>${text}</button>`)}
    </div>`;
  return isBare ? group : html`<div class="field"><span class="legend" aria-hidden="true">${label}</span>${group}</div>`;
}

/** A field that searches as the user types. */
export const Search = ({ label, placeholder, value, onSearch }) => html`
  <div class="field"><label for="search">${label}</label>
    <input id="search" type="search" placeholder=${placeholder} autocomplete="off" value=${value} onInput=${(event) => onSearch(event.target.value.trim())} /></div>`;

/** A button that shows the next page of a list, if there is one. */
export const More = ({ onMore }) => onMore && html`<p class="pad"><button onClick=${onMore}>Show more</button></p>`;

/** The state of a user or hold: a sign and a word. */
export function Tag({ kind, children }) {
  const sign = { good: "●", wait: "◔", bad: "✕" }[kind];
  return html`<span class="tag ${kind}"><span aria-hidden="true">${sign}</span> ${children}</span>`;
}

export const Trouble = ({ error }) => error && html`<p class="error" role="alert">${error.message}</p>`;

export const Empty = ({ children }) => html`<p class="empty note">${children}</p>`;
