// The start of the page: the form for the key, or the rooms.

import { Api } from "./api.js";
import { html, render } from "./html.js";
import { Shell } from "./views/shell.js";
import { SignIn } from "./views/sign_in.js";

const root = document.getElementById("page");
const KEPT = "toteboard-operator-key";

/** Show the rooms for a key that works; `about` is what the server says of the key. */
function enter(key, about) {
  const leave = (why) => {
    removeEventListener("hashchange", draw);
    sessionStorage.removeItem(KEPT);
    signIn(why);
  };
  const api = new Api(key, () => leave("This key no longer works. Sign in with another."));
  const draw = () => render(html`<${Shell} api=${api} about=${about} onLeave=${() => leave()} />`, root);
  addEventListener("hashchange", draw);
  sessionStorage.setItem(KEPT, key);
  draw();
}

function signIn(why) {
  const onEntered = async (key) => enter(key, await new Api(key).get("v1/key"));
  render(html`<${SignIn} why=${why} onEntered=${onEntered} />`, root);
}

const kept = sessionStorage.getItem(KEPT);
if (kept === null) signIn();
else new Api(kept).get("v1/key").then((about) => enter(kept, about), (refused) => signIn(refused.message));
