// The sign-in: by password, with a new account, or by the key that `toteboard user add` printed.

import { html, useEffect, useRef, useState } from "../html.js";
import { byPassword } from "../account.js";
import { Field, labelsOf } from "./field.js";
import { textOf } from "./parts.js";

const NAME = { name: "username", label: "Username", autocomplete: "username", required: true };
const SECRETS = ["password", "key"];
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
    enter: async ({ id, key }) => ({ id: Number(id), username: `user ${id}`, key: key.trim(), way: "key" }),
  },
};

/** A dialog over the room, or the whole page where the server accepts no guests. */
export function SignIn({ app, page }) {
  const { isNeeded } = page.signIn;
  const dialog = useRef(null);
  useEffect(() => {
    if (isNeeded) return undefined;
    const element = dialog.current;
    const opener = document.activeElement;
    element.showModal();
    element.querySelector("form input").focus();
    return () => {
      element.close();
      nextAfter(opener).focus({ preventScroll: true });
    };
  }, [isNeeded]);
  const content = html`<${Door} app=${app} ...${page.signIn} />`;
  if (isNeeded) return html`<div class="door card">${content}</div>`;
  return html`<dialog class="door card" ref=${dialog} aria-label="Sign in" onClose=${() => app.closeSignIn()}>${content}</dialog>`;
}

/** Return what gets the focus after the dialog. A button to sign in is gone once that is done. */
function nextAfter(opener) {
  const confirm = opener.closest(".slip") && document.querySelector(".slip .primary");
  if (confirm) return confirm;
  return opener.isConnected && opener !== document.body ? opener : document.getElementById("main");
}

/** `way` and `typed` are those of a sign-in that was refused. What was typed stays, except secrets. */
function Door({ app, why, isNeeded, way: usual = "login", typed: before = {} }) {
  const { config } = app;
  const [way, setWay] = useState(usual);
  const [typed, setTyped] = useState(before);
  const keep = ({ target: { name, value } }) => SECRETS.includes(name) || setTyped({ ...typed, [name]: value });
  const ways = Object.keys(WAYS).filter((name) => name !== "signup" || config.signup);
  return html`
    <div class="row spread"><h1>${isNeeded ? "Toteboard" : "Sign in"}</h1>
      ${!isNeeded && html`<button class="btn ghost icon" aria-label="Close" onClick=${() => app.closeSignIn()}>✕</button>`}</div>
    ${why && html`<p class="notice" role="alert">${why}</p>`}
    <div class="seg" role="group" aria-label="Ways to sign in">
      ${ways.map((name) => html`
        <button type="button" aria-pressed=${name === way} onClick=${() => setWay(name)}>${WAYS[name].title}</button>`)}
    </div>
    <${Form} key=${way} way=${WAYS[way]} typed=${typed} onType=${keep} onEntered=${(user) => app.enter(user)} />
    <p class="note">Version ${config.version}</p>`;
}

function Form({ way, typed, onType, onEntered }) {
  const [{ error, isBusy }, setState] = useState({});
  const enter = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    setState({ isBusy: true });
    try {
      onEntered(await way.enter(values));
    } catch (problem) {
      setState({ error: problem });
    }
  };
  const place = way.fields.find(({ name }) => name === error?.parameter)?.name;
  return html`
    <form class="stack" onSubmit=${enter} onInput=${onType}>
      ${way.fields.map((field) => html`
        <${Field} field=${{ ...field, defaultValue: typed[field.name] }} form="door" error=${place === field.name ? textOf(error, labelsOf(way.fields)) : null} />`)}
      ${error && !place && html`<p class="error" role="alert">${textOf(error)}</p>`}
      <button class="btn primary big" disabled=${isBusy}>${way.submit}</button>
    </form>`;
}
