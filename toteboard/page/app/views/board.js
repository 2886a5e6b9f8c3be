// The board of a game: its score, pools, the bet slip, the user's bets, results, time line, chat.

import { serverClock } from "../clock.js";
import { html, useEffect, useState } from "../html.js";
import { count, money } from "../money.js";
import { linkTo } from "../routes.js";
import { listedBy, needsList, nextAfter, pauseAfter, watchingOf } from "../state/listed.js";
import { STATUS, actionName, left, when } from "../words.js";
import { Announcer } from "./announcer.js";
import { Chat } from "./chat.js";
import { Copy } from "./copy.js";
import { Leaders } from "./leaders.js";
import { useList } from "./listed.js";
import { MyBets } from "./my_bets.js";
import { NoGame } from "./no_game.js";
import { OnHold } from "./on_hold.js";
import { Left, StatusTag, isCutOff, useNow } from "./parts.js";
import { PoolCard } from "./pool_card.js";
import { ResultCard, staysUntil } from "./result_card.js";
import { Results } from "./results.js";
import { Title, actionsOf, teamsOf } from "./score.js";
import { Slip } from "./slip.js";
import { TimeLine } from "./time_line.js";

export function Board({ app, page, gameId }) {
  const [part, setPart] = useState("pools");
  useEffect(() => void app.visits.open(gameId), [gameId]);
  const game = page.games[gameId];
  const query = listedBy(game);
  const isWanted = () => needsList(app.store.state.games[gameId]);
  useList({ app, page, query, isWanted, pauseAfter: (games) => pauseAfter(game, games) });
  if (game?.problem) return html`<${NoGame} title="Board not available" problem=${game.problem} />`;
  if (!game?.details) return html`<h1>Board</h1><p class="note" role="status">Loading the game…</p>`;
  const { details } = game;
  const pools = inOrder(game.pools);
  const watching = watchingOf(game, page.lobby[query]);
  return html`
    <div class="board" data-part=${part}>
      <${Strip} game=${game} details=${details} pools=${pools} watching=${watching} />
      <${OnHold} pools=${pools} details=${details} />
      <${Announcer} pools=${pools} details=${details} />
      <${Parts} game=${game} pools=${pools} part=${part} onChoose=${setPart} />
      <div class="main">
        <section class="pools ${pools.length > 2 ? "many" : ""}" data-in="pools" aria-label="Pools">
          <${Decided} game=${game} details=${details} user=${page.user} />
          ${pools.map((pool) => html`
            <${PoolCard} key=${pool.pool_id} app=${app} pool=${pool} details=${details} gameId=${gameId}
              stakes=${game.stakes[pool.pool_id]} chosen=${page.slip?.poolId === pool.pool_id ? page.slip.path : null} />`)}
          ${pools.length === 0 && html`<${NoPool} details=${details} games=${page.lobby[""]?.games ?? []} />`}
        </section>
        <div class="two">
          <${Results} app=${app} results=${game.results} mine=${game.myResults} details=${details} />
          <${TimeLine} events=${game.events} results=${game.results} details=${details} />
        </div>
      </div>
      <aside class="side">
        <${Slip} app=${app} page=${page} game=${game} gameId=${gameId} />
        <${MyBets} app=${app} stakes=${game.stakes} pools=${game.pools} results=${game.myResults} details=${details} isSignedIn=${Boolean(page.user)} />
        <${Chat} app=${app} gameId=${gameId} chat=${game.chat} watching=${watching} me=${page.user?.username} isCutOff=${isCutOff(page)} />
        <${Leaders} leaders=${game.leaders} me=${page.user?.username} />
      </aside>
    </div>`;
}

const inOrder = (pools) => Object.values(pools).toSorted((a, b) => b.is_hot - a.is_hot || a.start_at - b.start_at);

function Parts({ game, pools, part, onChoose }) {
  const running = Object.keys(game.stakes).filter((id) => game.pools[id]).length;
  const parts = [
    ["pools", "Pools", pools.length],
    ["bets", "My bets", running],
    ["results", "Results", game.results.length],
    ["line", "Time line", 0],
    ["chat", "Chat", 0],
  ];
  return html`
    <nav class="tabs" aria-label="Parts of the board">
      ${parts.map(([name, text, number]) => html`
        <button aria-current=${part === name ? "true" : undefined} onClick=${() => onChoose(name)}>${text}${number > 0 && html`<sup>${number}</sup>`}</button>`)}
    </nav>`;
}

/** Pools that were decided a moment ago stay where they were, then they are among the results. */
function Decided({ game, details, user }) {
  const now = useNow();
  return game.results.filter((result) => now < staysUntil(result)).map((result) => html`
    <${ResultCard} key=${result.pool_id} result=${result} details=${details}
      mine=${user && game.myResults.find(({ pool_id: id }) => id === result.pool_id)} />`);
}

function NoPool({ details, games }) {
  const isClosed = details.status === "game_closed";
  const next = isClosed && nextAfter(details, games, serverClock.now());
  return html`
    <div class="card empty"><p>${isClosed ? "This game is closed." : "No pool is open at the moment."}</p>
      ${next && html`<p><a class="btn primary" href="#/g/${next.game_id}"><span>Next: ${next.name}, <${Left} at=${next.live_start_at} before="starts in" over="in play" /></span></a></p>`}
      <p><a class="btn" href="#/">Other games</a></p></div>`;
}

function Strip({ game, details, pools, watching }) {
  const { status, hashtag, game_state } = details;
  const staked = pools.reduce((sum, { amount_total }) => sum + amount_total, 0);
  const others = actionsOf(details).slice(1);
  const teams = teamsOf(details);
  return html`
    <section class="strip match" aria-label="The match">
      <div class="stack tight">
        <div class="row"><${StatusTag} status=${status}>${STATUS[status]}<//><span class="note">${hashtag}</span><${Share} details=${details} /></div>
        <${Title} details=${details} />
      </div>
      <dl class="facts">
        ${others.filter((action) => game_state[action]).map((action) => html`
          <div class="detail"><dt>${actionName(details, action)}</dt><dd>${teams.map((path) => game_state[action][path] ?? 0).join("–")}</dd></div>`)}
        ${status !== "game_closed" && html`<div><dt>Staked</dt><dd>${money(staked)}</dd></div>`}
        ${watching > 0 && html`<div><dt>Watching</dt><dd>${count(watching)}</dd></div>`}
        <${Ends} details=${details} />
      </dl>
    </section>`;
}

function Ends({ details: { status, live_start_at: starts, close_at: closes } }) {
  const now = useNow();
  const [word, at] = status === "pre_game_betting_active" || status === "betting_not_yet_active"
    ? ["Starts in", starts] : ["Ends in", closes];
  if (!at || status === "game_closed") return null;
  return html`<div><dt>${word}</dt><dd>${left(at - now) ?? "now"} <small>${when(at)}</small></dd></div>`;
}

function Share({ details }) {
  const link = linkTo(details.game_id);
  if (navigator.share) {
    return html`<button class="btn ghost" onClick=${() => navigator.share({ title: details.game_name, url: link }).catch(() => {})}>Share</button>`;
  }
  return html`<${Copy} text=${() => link} kind="ghost">Copy link<//>`;
}
