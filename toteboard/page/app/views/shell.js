// The frame around every room: navigation, connection, balance, and the sign-in when it is asked for.

import { contained, html, useEffect, useRef } from "../html.js";
import { moneyOf, hundredths } from "../money.js";
import { route } from "../routes.js";
import { Account } from "./account.js";
import { BetNews } from "./bet_news.js";
import { Board } from "./board.js";
import { Desk } from "./desk.js";
import { GameDesk } from "./game_desk.js";
import { Inspector } from "./inspector.js";
import { Lobby } from "./lobby.js";
import { Flap } from "./parts.js";
import { SignIn } from "./sign_in.js";

const TITLES = { lobby: "Games", board: "Board", desk: "Desk", account: "Account", inspector: "Inspector" };

export function Shell({ app, page }) {
  const at = route();
  const main = useRef(null);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    if (!isFirst.current) scrollTo(0, 0);
    isFirst.current = false;
  }, [at.room, at.id]);
  const name = page.games[at.id]?.details?.game_name;
  useEffect(() => void (document.title = `${name ?? TITLES[at.room]} · Toteboard`), [name, at.room]);
  const skip = (event) => {
    event.preventDefault();
    main.current.focus();
  };
  if (page.signIn?.isNeeded) return html`<main id="main"><${SignIn} app=${app} page=${page} /></main>`;
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <${Header} app=${app} page=${page} at=${at} />
    <${BetNews} app=${app} page=${page} at=${at} />
    <main id="main" ref=${main} tabindex="-1"><${Room} key="${at.room} ${at.id}" at=${at} app=${app} page=${page} /></main>
    ${page.signIn && html`<${SignIn} app=${app} page=${page} />`}`;
}

const Room = contained(({ at, app, page }) => room(at, app, page), () => html`
  <h1>This room cannot be shown</h1>
  <p class="error" role="alert">It failed. The other rooms still work. The browser's console has the error.</p>`);

function room({ room: name, id }, app, page) {
  if (name === "inspector") return html`<${Inspector} app=${app} />`;
  if (name === "account") return html`<${Account} app=${app} page=${page} />`;
  if (name === "board") return html`<${Board} app=${app} page=${page} gameId=${id} />`;
  if (name === "desk" && id) return html`<${GameDesk} app=${app} page=${page} gameId=${id} />`;
  if (name === "desk") return html`<${Desk} app=${app} page=${page} />`;
  return html`<${Lobby} app=${app} page=${page} />`;
}

function Header({ app, page, at }) {
  const places = placesOf(page, at);
  const closeAtEscape = ({ key, currentTarget: menu }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  };
  return html`
    <header class="top">
      <a class="brand" href="#/"><${Flap} text="T" size="xs" words="Toteboard" /><span class="word" aria-hidden="true">Toteboard</span></a>
      <nav aria-label="Rooms"><${Links} places=${places} at=${at} /></nav>
      <div class="end">
        <${Lamp} app=${app} status=${page.status} />
        ${page.user ? html`<${Purse} balances=${page.balances} />` : html`<button class="btn" onClick=${() => app.askToSignIn()}>Sign in</button>`}
        <details class="menu" key="${at.room} ${at.id}" onKeyDown=${closeAtEscape}>
          <summary class="btn ghost icon" aria-label="Menu">☰</summary>
          <nav class="card" aria-label="More rooms">
            <${Links} places=${places} at=${at} />
            <a href="#/inspector">Inspector</a>
            ${page.user && html`<button class="btn" onClick=${() => app.leave()}>Sign out ${page.user.username}</button>`}
          </nav>
        </details>
      </div>
    </header>`;
}

/** The board is that of the game on the screen, or of the last one; the desk is for admins and hosts. */
function placesOf(page, at) {
  const last = at.id ?? Object.values(page.games).findLast(({ hasBoard }) => hasBoard)?.gameId;
  const hasDesk = page.mayHost || page.mySources.length + page.myGames.length > 0;
  const isMine = page.myGames.some(({ id }) => id === last);
  return [
    ["lobby", "#/", "Games"],
    last && ["board", `#/g/${last}`, "Board"],
    hasDesk && ["desk", isMine ? `#/desk/${last}` : "#/desk", "Desk"],
    page.user && ["account", "#/account", "Account"],
  ].filter(Boolean);
}

const Links = ({ places, at }) => places.map(([name, href, text]) => html`
  <a key=${name} href=${href} aria-current=${at.room === name ? "page" : undefined}>${text}</a>`);

const WORDS = { connecting: "Connecting", connected: "Connected", away: "Reconnecting" };

function Lamp({ app, status: { phase } }) {
  const isAway = phase === "away";
  return html`
    <span class="conn" role="status"><span class="lampdot ${phase === "connected" ? "" : "out"}" aria-hidden="true"></span>
      <span class=${isAway ? "" : "word"}>${WORDS[phase]}</span></span>
    ${isAway && html`<button class="btn ghost" onClick=${() => app.live.reconnect()}>Try now</button>`}`;
}

/** What the user can bet with, and what is in play. It opens the account. */
function Purse({ balances }) {
  return Object.entries(balances).slice(0, 1).map(([currency, { available, current }]) => {
    const [free, all] = [hundredths(available ?? 0), hundredths(current ?? 0)];
    return html`
      <a class="purse" href="#/account" data-currency=${currency}>
        <b>${moneyOf(free)}</b><span class="sr"> ${currency} to bet with</span> <span>· ${moneyOf(all - free)} in play</span><span class="sr">. Opens your account</span></a>`;
  });
}
