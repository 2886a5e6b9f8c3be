// The start of the page: reads the configuration, then creates everything and connects it.

import { App } from "./app.js";
import { html, render } from "./html.js";
import { Shell } from "./views/shell.js";

const root = document.getElementById("page");
const config = await (await fetch("config.json")).json();
const app = new App(config);
const draw = () => render(html`<${Shell} app=${app} page=${app.store.state} />`, root);

app.store.watch(draw);
addEventListener("hashchange", draw);
app.start();
draw();
