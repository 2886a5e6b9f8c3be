// How the user signs in: the password, and this device.

import { html, useState } from "../html.js";
import { changePassword } from "../account.js";
import { AskForm } from "./ask_form.js";

const USERNAME = { name: "username", label: "Username", autocomplete: "username", required: true };
const PASSWORDS = [
  { name: "password", label: "Current password", kind: "password", autocomplete: "current-password", required: true },
  { name: "new_password", label: "New password", kind: "password", hint: "8 characters or more", autocomplete: "new-password", required: true },
];

export function SignInCard({ app, user }) {
  const [isOpen, open] = useState(false);
  const [notice, setNotice] = useState(null);
  const change = async (values) => {
    const renewed = await changePassword({ username: user.username, ...values });
    open(false);
    setNotice("Password changed.");
    if (renewed.key !== user.key) app.enter(renewed);
  };
  return html`
    <section class="card" aria-label="Sign-in">
      <ul class="list">
        <li><div><b>Password</b><p class="note" role="status">${notice ?? "Other devices stay signed in when you change it."}</p></div>
          <button class="btn" aria-expanded=${isOpen} onClick=${() => (setNotice(null), open(!isOpen))}>${isOpen ? "Cancel" : "Change"}</button></li>
        ${isOpen && html`<li class="whole"><${AskForm} fields=${fieldsFor(user)} send=${change} submit="Change password" kind="primary" /></li>`}
        <li><div><b>This device</b><p class="note">Signed in as ${user.username}, until this tab is closed.</p></div>
          <button class="btn danger" onClick=${() => app.leave()}>Sign out</button></li>
      </ul>
    </section>`;
}

/** The name of a user who signed in by key may not be known yet: "user 17" is no username. */
const fieldsFor = ({ username }) => (username.includes(" ") ? [USERNAME, ...PASSWORDS] : PASSWORDS);
