// How the user signs in: the password, this device, and all devices.

import { html, useState } from "../html.js";
import { changePassword, signOutOthers } from "../account.js";
import { AskForm } from "./ask_form.js";
import { useFocusOf } from "./parts.js";

const USERNAME = { name: "username", label: "Username", autocomplete: "username", required: true };
const PASSWORD = { name: "password", label: "Current password", kind: "password", autocomplete: "current-password", required: true };
const NEW_PASSWORD = { name: "new_password", label: "New password", kind: "password", hint: "8 characters or more", autocomplete: "new-password", required: true };

export function SignInCard({ app, user }) {
  const sends = (post) => async (values) => {
    const renewed = await post({ username: user.username, ...values }).catch((refused) => {
      throw values.username ? refused : withoutUsername(refused);
    });
    if (renewed.key !== user.key) app.enter(renewed);
  };
  return html`
    <section class="card" aria-label="Sign-in">
      <ul class="list">
        <${Entry} title="Password" note="Other devices stay signed in when you change it." done="Password changed."
          button="Change" submit="Change password" kind="primary" fields=${[...namesOf(user), PASSWORD, NEW_PASSWORD]} send=${sends(changePassword)} />
        <li><div><b>This device</b><p class="note">Signed in as ${user.username}, until this tab is closed.</p></div>
          <button class="btn danger" onClick=${() => app.leave()}>Sign out</button></li>
        <${Entry} title="All devices" note="Ends every session of this account, also those of lost devices. This one stays signed in." done="All other devices are signed out."
          button="Sign out others" submit="Sign out others" kind="danger" fields=${[...namesOf(user), PASSWORD]} send=${sends(signOutOthers)} />
      </ul>
    </section>`;
}

/** An entry whose button opens a form. `done` replaces the note after the form was sent. */
function Entry({ title, note, done, button, submit, kind, fields, send }) {
  const [isOpen, open] = useState(false);
  const { button: opener } = useFocusOf(isOpen);
  const [notice, setNotice] = useState(null);
  const sent = () => (open(false), setNotice(done));
  return html`
    <li><div><b>${title}</b><p class="note" role="status">${notice ?? note}</p></div>
      <button class="btn" ref=${opener} aria-expanded=${isOpen} onClick=${() => (setNotice(null), open(!isOpen))}>${isOpen ? "Cancel" : button}</button></li>
    ${isOpen && html`<li class="whole"><${AskForm} fields=${fields} send=${send} submit=${submit} kind=${kind} onDone=${sent} /></li>`}`;
}

/** A wrong password is the only refusal with this code. A form without a username names the password alone. */
const withoutUsername = (refused) =>
  refused.code === "not_authorized" ? { ...refused, text: "The current password is wrong.", parameter: "password" } : refused;

/** The name of a user who signed in by key may not be known yet: "user 17" is no username. */
const namesOf = ({ username }) => (username.includes(" ") ? [USERNAME] : []);
