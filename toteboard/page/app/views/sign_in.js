// The sign-in form: by password, with a new account, or by the key that `toteboard user add` printed.

import { html, useState } from "../html.js";
import { byPassword } from "../session.js";
import { Field, inLabels } from "./field.js";

const NAME = { name: "username", label: "Username", autocomplete: "username", required: true };
const WAYS = {
  login: {
    title: "Sign in",
    submit: "Sign in",
    fields: [NAME, { name: "password", label: "Password", kind: "password", autocomplete: "current-password", required: true }],
    enter: ({ username, password }) => byPassword("login", username, password),
  },
  signup: {
    title: "Sign up",
    submit: "Sign up",
    fields: [
      { ...NAME, hint: "1 to 50 letters, digits, _ - ." },
      { name: "password", label: "Password", kind: "password", hint: "8 characters or more", autocomplete: "new-password", required: true },
    ],
    enter: ({ username, password }) => byPassword("signup", username, password),
  },
  key: {
    title: "Session key",
    submit: "Sign in",
    fields: [
      { name: "id", label: "User ID", inputmode: "numeric", pattern: "[1-9][0-9]*", required: true },
      { name: "key", label: "Session key", hint: "Printed by “toteboard user add”", autocomplete: "off", required: true },
    ],
    enter: async ({ id, key }) => ({ id: Number(id), username: `user ${id}`, key: key.trim() }),
  },
};

export function SignIn({ config, why, onEntered }) {
  const [way, setWay] = useState("login");
  const ways = Object.keys(WAYS).filter((name) => name !== "signup" || config.signup);
  return html`
    <main class="door" id="main">
      <h1 class="brand">Tote<b>board</b></h1>
      <p class="muted">Live betting pools. Version ${config.version}</p>
      ${why && html`<p class="notice" role="alert">${why}</p>`}
      <nav class="tabs" aria-label="Ways to sign in">
        ${ways.map((name) => html`
          <button type="button" aria-pressed=${name === way} onClick=${() => setWay(name)}>${WAYS[name].title}</button>`)}
      </nav>
      <${Form} key=${way} way=${WAYS[way]} onEntered=${onEntered} />
    </main>`;
}

function Form({ way, onEntered }) {
  const [{ error, isBusy }, setState] = useState({});
  const enter = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    setState({ isBusy: true });
    try {
      onEntered(await way.enter(values));
    } catch (problem) {
      setState({ error: problem.text ? problem : { text: "The server is not responding. Check your connection and try again." } });
    }
  };
  const place = way.fields.find(({ name }) => name === error?.parameter)?.name;
  return html`
    <form class="panel stack" onSubmit=${enter}>
      ${way.fields.map((field) => html`
        <${Field} field=${field} form="door" error=${place === field.name ? inLabels(error.text, way.fields) : null} />`)}
      ${error && !place && html`<p class="error" role="alert">${error.text}</p>`}
      <button class="primary" disabled=${isBusy}>${way.submit}</button>
    </form>`;
}
