// A button for an action that cannot be undone. It asks for confirmation before it sends the op.

import { html, useState } from "../html.js";

export function Confirm({ app, op, parameters, text, question = "Are you sure?", onDone }) {
  const [{ isAsking, error, isBusy }, setState] = useState({});
  const ask = async () => {
    setState({ isAsking: true, isBusy: true });
    try {
      const reply = await app.connection.ask(op, parameters);
      setState({});
      onDone?.(reply);
    } catch (refused) {
      setState({ error: refused });
    }
  };
  if (!isAsking) {
    return html`<span class="row"><button class="danger" onClick=${() => setState({ isAsking: true })}>${text}</button>
      ${error && html`<span class="error" role="alert">${error.text}</span>`}</span>`;
  }
  return html`<span class="row" role="group" aria-label=${question}><span>${question}</span>
    <button class="danger" disabled=${isBusy} onClick=${ask}>Yes</button>
    <button onClick=${() => setState({})}>No</button></span>`;
}
