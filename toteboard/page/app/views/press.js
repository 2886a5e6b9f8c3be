// A button that sends one op, with what came of it. It is never disabled: it would lose the focus. Without a connection it
// says that nothing was sent.

import { html } from "../html.js";
import { NOT_SENT } from "../live.js";
import { isCutOff, textOf, useRequest } from "./parts.js";

export function Press({ app, page, op, parameters, kind = "", label, isPressed, onDone, done, children }) {
  const [{ error, notice, isBusy }, run] = useRequest();
  const press = () => isBusy || run(async () => {
    const reply = await app.ask(op, parameters);
    onDone?.(reply);
    return reply.reason ?? done;
  });
  // That nothing was sent is said for as long as nothing can be.
  const isPast = error === NOT_SENT && !isCutOff(page);
  return html`
    <button type="button" class="btn ${kind}" aria-label=${label} aria-pressed=${isPressed} aria-disabled=${isBusy || isCutOff(page)} onClick=${press}>${children}</button>
    ${(error || notice) && !isPast && html`<span class=${error ? "error" : "note"} role="status">${error ? textOf(error) : notice}</span>`}`;
}
