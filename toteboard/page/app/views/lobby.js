// The lobby: live games as cards, upcoming ones as departures, and a search. It moves by itself.

import { contained, html, useEffect, useState } from "../html.js";
import { count, money, oddsText } from "../money.js";
import { takesBets } from "../state/pool.js";
import { STATUS, day, plural, shortClock, when } from "../words.js";
import { useList } from "./listed.js";
import { Flap, Left, Plate, StatusTag, textOf, useNow } from "./parts.js";

const TYPING_MS = 250;
const REFRESH_MS = 3000;
const CHIPS = 6;

export function Lobby({ app, page }) {
  const [words, setWords] = useState("");
  const [query, setQuery] = useState("");
  const error = useList({ app, page, query, pauseAfter: () => REFRESH_MS });
  useEffect(() => {
    const timer = setTimeout(() => setQuery(words.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const found = page.lobby[query];
  const games = found?.games ?? [];
  const live = games.filter(({ status }) => status !== "betting_not_yet_active");
  const upcoming = games.filter(({ status }) => status === "betting_not_yet_active");
  return html`
    <section class="hero">
      <h1>Back what happens next.</h1>
      <form class="find" role="search" onSubmit=${(event) => event.preventDefault()}>
        <input type="search" name="query" aria-label="Find a game" placeholder="Name or #hashtag" autocomplete="off"
          value=${words} onInput=${(event) => setWords(event.target.value)} />
      </form>
      <${Chips} games=${page.lobby[""]?.games ?? []} query=${query} onChoose=${setWords} />
    </section>
    ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
    ${found ? html`<${Found} live=${live} upcoming=${upcoming} query=${query} total=${found.total} />`
      : !error && html`<p class="note" role="status">Loading the games…</p>`}
    ${!page.user && html`<p class="note">Look at everything without an account. You sign in when you place your first bet.</p>`}`;
}

function Chips({ games, query, onChoose }) {
  const most = games.filter(({ hashtag, subscribers }) => hashtag && subscribers > 0)
    .toSorted((a, b) => b.subscribers - a.subscribers).slice(0, CHIPS);
  if (most.length < 2 && !query) return null;
  return html`
    <div class="chips" role="group" aria-label="Most watched">
      ${query && html`<button class="chip" onClick=${() => onChoose("")}>All games</button>`}
      ${most.map(({ game_id, hashtag, subscribers }) => html`
        <button class="chip" key=${game_id} onClick=${() => onChoose(hashtag)}>${hashtag} <span class="note">${count(subscribers)}</span></button>`)}
    </div>`;
}

function Found({ live, upcoming, query, total }) {
  const staked = live.reduce((sum, { amount_total }) => sum + amount_total, 0);
  if (total === 0) return html`<p class="empty">${query ? `No game matches “${query}”.` : "No game is open at the moment."}</p>`;
  return html`
    ${live.length > 0 && html`
      <div class="headline"><h2>Live now</h2><span class="note">${plural(live.length, "game")} · ${money(staked)} staked</span></div>
      <ul class="games">${live.map((game) => html`<li key=${game.game_id}><${Game} game=${game} /></li>`)}</ul>`}
    ${upcoming.length > 0 && html`
      <div class="headline"><h2>Coming up</h2><span class="note">your time</span></div>
      <ul class="departures">${upcoming.map((game) => html`<li key=${game.game_id}><${Departure} game=${game} /></li>`)}</ul>`}`;
}

const Game = contained(({ game }) => html`
  <a class="card game" href="#/g/${game.game_id}">
    <div class="strip">
      <div class="row spread nowrap"><${StatusTag} status=${game.status}>${STATUS[game.status]}<//>
        <span class="note">${game.status === "pre_game_betting_active" ? html`starts in <${Left} at=${game.live_start_at} over="now" /> · ` : ""}${game.hashtag}</span></div>
      <h3>${game.name}</h3>
    </div>
    ${game.top_pool ? html`<${Top} game=${game} />` : html`<p class="q note">No pool is open at the moment.</p>`}
    <footer><span><b>${count(game.pools)}</b> ${game.pools === 1 ? "pool" : "pools"} · <b>${money(game.amount_total)}</b> staked</span>
      <span>${count(game.subscribers)} watching</span></footer>
  </a>`, ({ game }) => html`<a class="card game" href="#/g/${game.game_id}"><p class="q">${game.name}: this game cannot be shown.</p></a>`);

function Top({ game }) {
  const pool = game.top_pool;
  const shut = !takesBets(game) ? "Betting is not active" : pool.is_blocked ? "Betting is blocked" : null;
  return html`
    <div class="q row spread nowrap"><span>${pool.description}</span>
      <span class="note">${shut ?? (pool.closes_at
        ? html`<${Left} at=${pool.closes_at} after="left" over="Betting has ended" />` : "until it is decided")}</span></div>
    <ul class="mini">${inOrder(pool.distribution).map(([path, target], i) => html`
      <li key=${path}><${Plate} number=${i + 1} size="sm" /><span>${path === "none" ? "None of them" : target.display_name}</span>
        <${Odds} target=${target} /></li>`)}</ul>`;
}

const inOrder = (distribution) =>
  Object.entries(distribution).toSorted(([a], [b]) => (a === "none") - (b === "none"));

const Odds = ({ target: { backing_money, to_win_if_backed } }) =>
  backing_money > 0
    ? html`<${Flap} text=${oddsText(to_win_if_backed)} size="sm" />`
    : html`<${Flap} text="–.––" words="no bet yet" size="sm" isOff=${true} />`;

const Departure = contained(({ game }) => {
  const now = useNow();
  const isToday = Math.abs(game.live_start_at - now) < 12 * 3600_000;
  return html`
    <a href="#/g/${game.game_id}" title=${day(game.live_start_at)}>
      ${isToday ? html`<${Flap} text=${shortClock(game.live_start_at)} size="sm" />` : html`<b>${when(game.live_start_at)}</b>`}
      <span class="name">${game.name}</span>
      <span class="note">${game.hashtag}</span>
      <span class="note">${isToday ? html`<${Left} at=${game.live_start_at} before="starts in" over="about to start" />` : game.source_name}</span>
    </a>`;
}, ({ game }) => html`<a href="#/g/${game.game_id}">${game.name}</a>`);
