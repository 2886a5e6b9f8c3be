// The sign-in form: a key of the API.

import { html, useState } from "../html.js";
import { Field } from "./parts.js";

export function SignIn({ why, onEntered }) {
  const [{ error, isBusy }, setState] = useState({});
  const enter = async (event) => {
    event.preventDefault();
    setState({ isBusy: true });
    const key = new FormData(event.target).get("key").trim();
    await onEntered(key).catch((refused) => setState({ error: refused.message }));
  };
  return html`
    <main class="door" id="main">
      <h1>Operator</h1>
      ${why && !error && html`<p class="notice" role="alert">${why}</p>`}
      <form class="card pad stack" onSubmit=${enter}>
        <${Field} label="API key" name="key" type="password" required error=${error} />
        <p class="note">Make one with <code>toteboard key add NAME --role operator</code>. It is kept in this tab until you sign out or close it.</p>
        <button class="primary" disabled=${isBusy}>Sign in</button>
      </form>
    </main>`;
}
