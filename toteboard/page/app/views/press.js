// A button that sends one op and shows the result.

import { html, useState } from "../html.js";

export function Press({ app, op, parameters, text, done }) {
  const [{ error, notice, isBusy }, setState] = useState({});
  const ask = async () => {
    setState({ isBusy: true });
    try {
      const reply = await app.connection.ask(op, parameters);
      setState({ notice: reply.reason ?? done });
    } catch (refused) {
      setState({ error: refused });
    }
  };
  return html`<span class="row"><button type="button" disabled=${isBusy} onClick=${ask}>${text}</button>
    ${(error || notice) && html`<span class=${error ? "error" : "reply"} role="status">${error?.text ?? notice}</span>`}</span>`;
}
