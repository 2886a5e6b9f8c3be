// The desk of a live match: each pool as a row with its targets, then a new pool, the end, the set-up.

import { html, useEffect, useState } from "../html.js";
import { isBinary, takesBets } from "../state/pool.js";
import { STATUS, clock, plural } from "../words.js";
import { Due, Flap, StatusTag, isCutOff, textOf, useNow, useRequest, useWhileShown } from "./parts.js";
import { Corrections } from "./corrections.js";
import { Held } from "./held.js";
import { Hold } from "./hold.js";
import { NewPool } from "./new_pool.js";
import { NoGame } from "./no_game.js";
import { PoolLine } from "./pool_line.js";
import { Registered } from "./registered.js";
import { Title } from "./score.js";
import { OpenGame, SetUp } from "./set_up.js";

const AGO = [0, 5, 10, 30];

export function GameDesk({ app, page, gameId }) {
  const [ago, setAgo] = useState(0);
  useEffect(() => void app.visits.open(gameId), [gameId]);
  const game = page.games[gameId];
  if (game?.problem) return html`<${NoGame} title="Desk not available" problem=${game.problem} />`;
  if (!game?.details) return html`<h1>Desk</h1><p class="note" role="status">Loading the game…</p>`;
  if (!page.user) return html`<${Closed} app=${app} details=${game.details} />`;
  if (!page.knowsMyGames) return html`<${Loading} app=${app} details=${game.details} />`;
  if (!page.myGames.some(({ id }) => id === gameId)) return html`<${NoRight} app=${app} page=${page} game=${game} details=${game.details} gameId=${gameId} />`;
  const { details } = game;
  const pools = Object.values(game.pools).toSorted((a, b) => b.is_hot - a.is_hot || a.start_at - b.start_at);
  return html`
    <div class="desk">
      <${Head} app=${app} page=${page} details=${details} pools=${pools} gameId=${gameId} />
      ${(takesBets(details) || pools.length > 0) && html`<${When} ago=${ago} onChange=${setAgo} />`}
      <${Held} app=${app} page=${page} game=${game} details=${details} />
      <div class="lines">
        ${details.status === "game_closed" && html`<section class="card pad stack"><h2>This game is closed</h2><p><a class="btn" href="#/desk">Your other games</a></p></section>`}
        ${details.status === "betting_not_yet_active" && html`<${OpenGame} app=${app} page=${page} gameId=${gameId} />`}
        ${pools.map((pool) => html`<${PoolLine} key=${pool.pool_id} app=${app} page=${page} game=${game} pool=${pool} details=${details} ago=${ago} />`)}
        ${pools.length === 0 && takesBets(details) && html`<p class="card pad note">No pool is open. Open one below.</p>`}
        ${takesBets(details) && html`<${NewPool} app=${app} page=${page} game=${game} details=${details} gameId=${gameId} />`}
      </div>
      <div class="aside">
        <${Registered} app=${app} page=${page} game=${game} details=${details} />
        <${Corrections} app=${app} page=${page} game=${game} details=${details} />
        <${End} app=${app} page=${page} game=${game} details=${details} pools=${pools} />
        <${SetUp} app=${app} page=${page} details=${details} gameId=${gameId} />
      </div>
    </div>`;
}

/** What a guest sees instead of the desk. After the sign-in the desk is there. */
const Closed = ({ app, details }) => html`
  <h1>${details.game_name}</h1>
  <section class="card pad stack">
    <p>The admins of this game run it here. Sign in as one of them to see its desk.</p>
    <button class="btn primary" onClick=${() => app.askToSignIn()}>Sign in</button>
    <p><a href="#/g/${details.game_id}">See the board</a></p>
  </section>`;

/** What is shown until it is known whether the user runs this game. The request on connecting may have been refused. */
function Loading({ app, details }) {
  const [{ error }, run] = useRequest();
  const ask = () => run(() => app.visits.rights());
  useEffect(() => void ask(), []);
  return html`
    <h1>${details.game_name}</h1>
    ${error
      ? html`<section class="card pad stack"><p class="error" role="alert">${textOf(error)}</p>
        <button class="btn primary" onClick=${ask}>Try again</button></section>`
      : html`<p class="note" role="status">Loading the desk…</p>`}`;
}

/** What an admin of the source, and everyone else, sees instead of the desk. */
function NoRight({ app, page, game, details, gameId }) {
  // The right may have been given since the page connected, and no message says so.
  useWhileShown(() => app.visits.whatIRun(), [details]);
  const [{ error, notice, isBusy }, run] = useRequest();
  const isSourceAdmin = page.mySources.some(({ id }) => id === details.source_id);
  const ask = () => run(async () => {
    const reply = await app.ask("become_an_admin_for_game", { game_id: gameId });
    app.visits.whatIRun();
    return reply.reason;
  });
  return html`
    <h1>${details.game_name}</h1>
    <section class="card pad stack">
      ${isSourceAdmin
        ? html`<p>You are an admin of this game's source. Become an admin of the game to run it.</p>
          <button class="btn primary" aria-disabled=${isBusy || isCutOff(page)} onClick=${() => isBusy || ask()}>Run this game</button>`
        : html`<p>Only the admins of this game see its desk. The host of the game can make you one.</p>
          <p>To host games of your own, ask the operator of this server for the right.</p>`}
      ${(error || notice) && html`<p class="error" role="alert">${error ? textOf(error) : notice}</p>`}
      <p><a href="#/g/${gameId}">See the board</a></p>
    </section>
    <${Corrections} app=${app} page=${page} game=${game} details=${details} />`;
}

function Head({ app, page, details, pools, gameId }) {
  const [{ error, isBusy }, run] = useRequest();
  const open = pools.filter(({ is_blocked: isBlocked }) => !isBlocked);
  const [op, some] = open.length > 0 ? ["block_betting_in_betting_pool", open] : ["allow_betting_in_betting_pool", pools];
  const act = () => isBusy || run(() => Promise.all(some.map(({ pool_id }) => app.ask(op, { pool_id }))));
  return html`
    <section class="strip match" aria-label="The match">
      <div class="stack tight"><div class="row"><${StatusTag} status=${details.status}>${STATUS[details.status]}<//>
        <span class="note">${details.hashtag} · you run this game</span></div><${Title} details=${details} /></div>
      <div class="row">
        ${takesBets(details) && pools.length > 0 && html`
          <button class="btn ${open.length > 0 ? "danger" : ""}" aria-disabled=${isBusy || isCutOff(page)} onClick=${act}>${open.length > 0 ? "■ Block all bets" : "▶ Allow all bets"}</button>`}
        <a class="btn" href="#/g/${gameId}">See the board</a></div>
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
    </section>`;
}

/** How long ago it happened: later bets go back. Every tap on a target uses it. */
function When({ ago, onChange }) {
  const now = useNow();
  return html`
    <section class="card when" aria-label="When did it happen?">
      <b>When did it happen?</b>
      <div class="seg" role="group" aria-label="When did it happen?">
        ${AGO.map((seconds) => html`<button aria-pressed=${ago === seconds} onClick=${() => onChange(seconds)}>${seconds ? `−${seconds} s` : "Now"}</button>`)}
      </div>
      ${ago > 0 && html`<span class="row"><${Flap} text=${clock(now - ago * 1000)} size="sm" /><span class="note">later bets go back</span></span>`}
      <span class="note clock">Clock ${clock(now)}</span>
    </section>`;
}

/** One button closes the game. If pools wait for the host, it closes when the last one is decided. */
function End({ app, page, game: { gameId, hasBoard }, details, pools }) {
  const [{ error, isBusy }, run] = useRequest();
  const isClosing = details.status === "game_in_progress_betting_closed";
  const isOver = isClosing && hasBoard && pools.length === 0 && !isCutOff(page);
  const close = () => run(() => app.ask("close_game", { game_id: gameId }));
  useEffect(() => {
    if (isOver) close();
  }, [isOver]);
  if (details.status === "game_closed") return null;
  const waiting = pools.filter(isBinary).length;
  const undecided = pools.filter(({ decided }) => !decided).length;
  return html`
    <section class="card pad stack">
      <h2>End of the match</h2>
      ${isClosing
        ? html`<p role="status">Closing: ${undecided > 0 ? `${plural(undecided, "pool")} to decide` : `${plural(pools.length, "result")} on hold`}, then the game closes by itself while this desk is open.</p>`
        : html`<p class="note">${pools.length > 0 ? `${plural(pools.length, "pool")} open` : "No pool is open"}${waiting > 0 ? `, ${waiting} for you to decide` : ""}.${waiting < undecided ? " Pools that an event decides are won by “None of them”." : ""}</p>
          <${Hold} kind="danger" text="Hold to close the game" isBusy=${isBusy} page=${page} onHeld=${close} />`}
      ${details.close_at && !isClosing && html`<${Due} at=${details.close_at} word="closes by itself" over="closing" size="sm" />`}
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
    </section>`;
}
