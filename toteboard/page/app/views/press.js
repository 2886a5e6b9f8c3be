// A button that asks one op at once and says by itself what the server answers.

import { html, useState } from "../html.js";

export function Press({ app, op, parameters, text, done }) {
  const [{ error, said, isBusy }, setState] = useState({});
  const ask = async () => {
    setState({ isBusy: true });
    try {
      const reply = await app.connection.ask(op, parameters);
      setState({ said: reply.reason ?? done });
    } catch (refused) {
      setState({ error: refused });
    }
  };
  return html`<span class="row"><button type="button" disabled=${isBusy} onClick=${ask}>${text}</button>
    ${(error || said) && html`<span class=${error ? "error" : "said"} role="status">${error?.text ?? said}</span>`}</span>`;
}
