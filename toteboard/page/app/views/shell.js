// The frame around every view: navigation, user, balances and connection status.

import { contained, html, useEffect, useRef } from "../html.js";
import { money } from "../money.js";
import { route } from "../routes.js";
import { seen } from "../seen.js";
import { Board } from "./board.js";
import { Desk } from "./desk.js";
import { GameDesk } from "./game_desk.js";
import { Games } from "./games.js";
import { Inspector } from "./inspector.js";
import { Status } from "./status.js";

const TITLES = { games: "Games", board: "Board", desk: "Desk", inspector: "Inspector" };

export function Shell({ app, page }) {
  const at = route();
  const main = useRef(null);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) main.current.focus();
    isFirst.current = false;
  }, [at.view, at.id]);
  const name = page.games[at.id]?.details?.game_name;
  useEffect(() => void (document.title = `${name ?? TITLES[at.view]} · Toteboard`), [name, at.view]);
  const skip = (event) => {
    event.preventDefault();
    main.current.focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <header class="top">
      <a class="brand" href="#/games">Tote<b>board</b></a>
      <${Places} at=${at} />
      <div class="me">
        <${Balances} balances=${page.balances} />
        <span class="name">${page.user.username}</span>
        <button class="quiet" onClick=${app.signOut}>Sign out</button>
      </div>
    </header>
    <${Status} app=${app} status=${page.status} />
    <main id="main" ref=${main} tabindex="-1"><${View} key="${at.view} ${at.id}" at=${at} app=${app} page=${page} /></main>`;
}

const View = contained(({ at, app, page }) => view(at, app, page), () => html`
  <h1>This view cannot be shown</h1>
  <p class="error" role="alert">This view failed. The other views still work. The browser's console has the error.</p>`);

function view({ view: name, id }, app, page) {
  if (name === "inspector") return html`<${Inspector} app=${app} />`;
  if (name === "board" && id) return html`<${Board} key=${id} app=${app} page=${page} gameId=${id} />`;
  if (name === "desk" && id) return html`<${GameDesk} key=${id} app=${app} page=${page} gameId=${id} />`;
  if (name === "desk") return html`<${Desk} app=${app} page=${page} />`;
  return html`<${Games} key=${id} app=${app} page=${page} sourceId=${id} />`;
}

function Places({ at }) {
  const last = at.view === "board" && at.id ? at.id : seen()[0]?.gameId;
  const places = [
    ["games", "#/games", "Games"],
    last && ["board", `#/board/${last}`, "Board"],
    ["desk", "#/desk", "Desk"],
    ["inspector", "#/inspector", "Inspector"],
  ].filter(Boolean);
  return html`
    <nav aria-label="Views">
      ${places.map(([name, href, text]) => html`
        <a href=${href} aria-current=${at.view === name ? "page" : undefined}>${text}</a>`)}
    </nav>`;
}

function Balances({ balances }) {
  return Object.entries(balances).map(([currency, { available, current }]) => html`
    <span class="balance" data-currency=${currency} title="${money(current ?? 0)} including stakes">
      <span class="sr">Available balance: </span><b>${money(available ?? 0)}</b> ${currency}
    </span>`);
}
