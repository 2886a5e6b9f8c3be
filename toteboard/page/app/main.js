// The start of the page: the sign-in form, or a connection and the views.

import { Codes } from "./codes.js";
import { Connection } from "./connection.js";
import { Frames } from "./frames.js";
import { html, render } from "./html.js";
import * as session from "./session.js";
import { signedUrl } from "./signature.js";
import { newPage, reduce } from "./state/page.js";
import { Store } from "./store.js";
import { Shell } from "./views/shell.js";
import { SignIn } from "./views/sign_in.js";
import { Visits } from "./visit.js";

const root = document.getElementById("page");
const CONFIG = "config.json";

/** Connect a user and show the views until the user signs out. */
function enter(config, user) {
  const codes = new Codes();
  const frames = new Frames(codes);
  const store = new Store(newPage(user), reduce);
  const app = { codes, frames, store };
  app.visits = new Visits(app);
  app.connection = new Connection({
    codes,
    frames,
    sign: () => signedUrl(config.websocket_url, user.id, user.key),
    isServerUp: () => fetch(CONFIG, { cache: "no-store" }).then(({ ok }) => ok, () => false),
    onMessage: (name, message, request) => {
      const before = store.state.user;
      store.apply(name, message, request);
      if (store.state.user !== before) session.rename(store.state.user);
      app.visits.received(name, message);
    },
    onStatus: (status) => {
      if (status.phase === "refused") return leave("The server refused this sign-in. Sign in again.");
      store.set({ ...store.state, status });
      if (status.phase === "connected" || status.phase === "resumed") app.visits.connected();
    },
  });
  const leave = (why) => {
    stopDrawing.forEach((stop) => stop());
    app.connection.stop();
    session.forget();
    signIn(config, why);
  };
  app.signOut = () => leave();
  const draw = () => render(html`<${Shell} app=${app} page=${store.state} />`, root);
  const stopDrawing = [store.watch(draw), onHash(draw)];
  app.connection.start();
  draw();
}

function onHash(call) {
  addEventListener("hashchange", call);
  return () => removeEventListener("hashchange", call);
}

function signIn(config, why) {
  const entered = (user) => {
    session.keep(user);
    enter(config, user);
  };
  render(html`<${SignIn} config=${config} why=${why} onEntered=${entered} />`, root);
}

const config = await (await fetch(CONFIG)).json();
const user = session.kept();
if (user) enter(config, user);
else signIn(config);
