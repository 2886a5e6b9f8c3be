// The state of the page is a fold over the messages.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newGame, reduceGame } from "../../../toteboard/page/app/state/game.js";
import { extended, moved, rebuilt } from "../../../toteboard/page/app/state/odds.js";
import { enteredBy, newPage, reduce } from "../../../toteboard/page/app/state/page.js";
import { isPoolsOwn, rowsOf, shutBecause } from "../../../toteboard/page/app/state/pool.js";
import { Store } from "../../../toteboard/page/app/store.js";
import { userName } from "../../../toteboard/page/app/words.js";

const target = (money, odds) => ({ display_name: "X", backing_money: money, backing_people: 1, to_win_if_backed: odds });
const distribution = (a, b) => ({ none: target(0, 1), a: target(a, (a + b) / (a || 1)), b: target(b, (a + b) / (b || 1)) });
const about = (t, body) => ({ response_header: { t }, game_id: "g", pool_id: "p", ...body });
const POOL = about(1000, { description: "Who?", start_at: 1000, amount_total: 0, participants: 0, distribution: distribution(0, 0), is_blocked: false });
const told = (game, name, body, t = 2000) => reduceGame(game, name, about(t, body));
const withPool = () => reduceGame(newGame("g"), "new_betting_pool", POOL);
const bet = (a, b) => ({ participants: 1, amount_total: a + b, distribution: distribution(a, b) });

test("a pool has the odds and stakes of its last distribution", () => {
  const game = told(withPool(), "bets_distribution_changed", bet(10, 30));
  assert.equal(game.pools.p.amount_total, 40);
  assert.deepEqual(game.pools.p.odds, { none: null, a: 4, b: 40 / 30 });
});

test("a scratched target has no stakes, and the others pay what is left", () => {
  const played = told(withPool(), "bets_distribution_changed", bet(10, 30));
  const body = { target_id: "b", participants: 1, amount_total: 10 };
  const { pools: { p } } = told(played, "target_scratched", body, 2000);
  assert.deepEqual(p.odds, { none: null, a: 1, b: null });
  assert.deepEqual([p.amount_total, p.participants], [10, 1]);
  assert.deepEqual(rowsOf(p).map(({ isScratched }) => isScratched), [false, true, false]);
});

test("a page of a list adds to the pages before it, and the first page replaces all", () => {
  const page = (game, id, offset) =>
    reduceGame(game, "all_pools_for_game", about(5, { pools_list: { [id]: POOL } }), { parameters: { offset } });
  const mine = (game, id, offset) =>
    reduceGame(game, "my_running_pools_for_game", about(5, { pools_list: { [id]: { user_backed: { a: 1 } } } }), { parameters: { offset } });
  const ended = (game, id, offset) =>
    reduceGame(game, "my_resolved_pools_for_game", about(5, { pools_list: { [id]: { id } } }), { parameters: { offset } });
  const whole = [page, mine, ended].reduce((game, add) => add(add(game, "p", 0), "q", 1), newGame("g"));
  assert.deepEqual([Object.keys(whole.pools), Object.keys(whole.stakes)], [["p", "q"], ["p", "q"]]);
  assert.deepEqual(whole.myResults, [{ id: "p" }, { id: "q" }]);
  const anew = [page, mine, ended].reduce((game, add) => add(game, "r", 0), whole);
  assert.deepEqual([Object.keys(anew.pools), Object.keys(anew.stakes)], [["r"], ["r"]]);
  assert.deepEqual(anew.myResults, [{ id: "r" }]);
  assert.deepEqual(Object.keys(reduceGame(whole, "all_pools_for_game", about(5, { pools_list: {} })).pools), []);
});

test("a target's move has the previous odds and the direction", () => {
  const first = told(withPool(), "bets_distribution_changed", bet(10, 30));
  const { moves } = told(first, "bets_distribution_changed", bet(20, 30), 3000).pools.p;
  assert.deepEqual(moves.a, { from: 4, isUp: false });
  assert.deepEqual(moves.b, { from: 40 / 30, isUp: true });
});

test("a repeated message changes nothing", () => {
  const once = told(withPool(), "bets_distribution_changed", bet(10, 30));
  const twice = told(once, "bets_distribution_changed", bet(10, 30));
  assert.deepEqual(twice.pools.p.moves, once.pools.p.moves);
  assert.deepEqual(rowsOf(twice.pools.p), rowsOf(once.pools.p));
});

test("a resolved pool leaves the board and becomes one result", () => {
  const body = { description: "Who?", winning_target: "a", winners: { 1: 5 }, losers: {}, resolved_at: 5 };
  const once = told(withPool(), "bet_pool_resolved", body);
  const twice = told(once, "bet_pool_resolved", body);
  assert.deepEqual(once.pools, {});
  assert.equal(twice.results.length, 1);
});

test("rows keep the server's order, with none at the end, numbered", () => {
  const rows = rowsOf(told(withPool(), "bets_distribution_changed", bet(10, 30)).pools.p);
  assert.deepEqual(rows.map(({ number, path }) => [number, path]), [[1, "a"], [2, "b"], [3, "none"]]);
  assert.deepEqual(rows.map(({ isFavourite }) => isFavourite), [false, true, false]);
});

test("a planned block does not close the pool yet", () => {
  const later = told(withPool(), "betting_in_pool_blocked", { blocked_at: 9000 }, 2000);
  const now = told(later, "betting_in_pool_blocked", { blocked_at: 9000 }, 9000);
  assert.equal(later.pools.p.is_blocked, false);
  assert.equal(now.pools.p.is_blocked, true);
});

test("the reason for refusing bets is a text", () => {
  const game = { details: { status: "game_in_progress_betting_active" } };
  const pool = { is_blocked: false, stop_accepting_bets_at: 50 };
  assert.equal(shutBecause(pool, game, 49), null);
  assert.equal(shutBecause(pool, game, 50), "Betting has ended");
  assert.equal(shutBecause({ is_blocked: true }, game, 0), "Betting is blocked");
  assert.equal(shutBecause(pool, { details: { status: "game_closed" } }, 0), "Betting is not active");
});

test("an event is on the timeline and in the score", () => {
  const details = { past_events: {}, game_state: { goal: { a: 1 } }, status: "x" };
  const game = told(told(newGame("g"), "game_details", details), "game_event_registered", {
    event_id: "e", action_id: "goal", target_id: "a:7", happened_at: 7, current_count: { a: 2, "a:7": 1 },
  });
  assert.equal(game.events.e.happened_at, 7);
  assert.deepEqual(game.details.game_state.goal, { a: 2, "a:7": 1 });
});

test("why an event was taken back is still known after details that do not contain it", () => {
  const event = { action_id: "goal", target_id: "a", happened_at: 5 };
  const details = { past_events: { e: { ...event, taken_back_at: 9 } } };
  const before = { ...newGame("g"), events: { e: { ...event, taken_back_at: 9, reason: "Offside" } } };
  assert.equal(told(before, "game_details", details).events.e.reason, "Offside");
});

test("a pool on hold reopens when all events of its dead heat are taken back, and not before", () => {
  const registered = (game, event_id, more) => told(game, "game_event_registered", { event_id, action_id: "goal", target_id: "a:7", happened_at: 7, ...more });
  const both = registered(registered(withPool(), "e"), "f", { together_with: "e" });
  const held = told(both, "bet_pool_decided", { event_id: "e", winning_targets: ["a"], confirm_at: 99 });
  const first = told(held, "game_event_taken_back", { event_id: "e", action_id: "goal", taken_back_at: 9 });
  assert.ok(first.pools.p.decided);
  const second = told(first, "game_event_taken_back", { event_id: "f", action_id: "goal", taken_back_at: 10 });
  assert.equal(second.pools.p.decided, undefined);
});

test("how many results there are is known from their list on, also of those that are not kept", () => {
  const listed = (count) => Array.from({ length: count }, (_, place) => ({ pool_id: `r${place}`, resolved_at: place }));
  assert.equal(told(newGame("g"), "bet_pool_resolved", { resolved_at: 9 }).resultsTotal, null);
  assert.equal(told(newGame("g"), "resolved_pools_for_game", { pools: listed(100), total: 103 }).resultsTotal, 103);
  const full = told(newGame("g"), "resolved_pools_for_game", { pools: listed(100), total: 100 });
  const { results, resultsTotal } = told(full, "bet_pool_resolved", { resolved_at: 999 });
  assert.deepEqual([results.length, resultsTotal], [100, 101]);
});

test("a block applies to the pool of its own game, not to one with the same ID in another", () => {
  const opened = (page, game_id) => reduce(page, "new_betting_pool", { ...POOL, game_id });
  const page = ["g", "h"].reduce(opened, newPage({ id: 1 }));
  const after = reduce(page, "betting_in_pool_blocked", about(2000, { game_id: "h", blocked_at: 2000 }));
  assert.equal(after.games.h.pools.p.is_blocked, true);
  assert.equal(after.games.g.pools.p.is_blocked, false);
});

test("a user who signed in by key learns the own name by joining a game", () => {
  const came = (user_id, user_name) => ({ response_header: { t: 1 }, game_id: "g", user_id, user_name });
  const other = reduce(newPage({ id: 1, username: "user 1" }), "user_joined_game", came(2, "bob"));
  assert.equal(other.user.username, "user 1");
  assert.equal(reduce(other, "user_joined_game", came(1, "ann")).user.username, "ann");
});

test("after a sign-in every board has to be loaded again", () => {
  const guest = { ...newPage(null), signIn: {}, games: { g: { ...newGame("g"), hasBoard: true } } };
  const { user, signIn, games } = enteredBy(guest, { id: 1 });
  assert.deepEqual([user, signIn, games], [{ id: 1 }, null, { g: newGame("g") }]);
});

test("a user has the name that any game has shown", () => {
  const came = { response_header: { t: 1 }, game_id: "g", user_id: 2, user_name: "bob" };
  const page = reduce(newPage({ id: 1, username: "ann" }), "user_joined_game", came);
  const elsewhere = reduce(page, "user_joined_game", { ...came, game_id: "h", user_id: 1, user_name: "ann" });
  assert.deepEqual([1, 2, 3].map((id) => userName(elsewhere, id)), ["ann (you)", "bob", "user 3"]);
});

test("the action of a yes-or-no pool differs from the game's actions", () => {
  assert.deepEqual(["pool-0a1b", "goal"].map(isPoolsOwn), [true, false]);
});

test("a balance keeps what a message does not contain", () => {
  const first = reduce(newPage({ id: 1 }), "user_balance_current", { currency: "DON", current_balance: 10 });
  const both = reduce(first, "user_balance_available", { currency: "DON", available_balance: 7 });
  assert.deepEqual(both.balances.DON, { current: 10, available: 7 });
});

test("a history stays short and keeps its first and its last point", () => {
  let history = [];
  for (let t = 0; t < 5000; t++) history = extended(history, t * 1000, { a: t });
  assert.ok(history.length <= 240);
  assert.equal(history[0].t, 0);
  assert.equal(history.at(-1).odds.a, 4999);
});

test("of close points only the last is kept", () => {
  const history = [0, 1000, 1010, 1020].reduce((so_far, t) => extended(so_far, t, { a: t }), []);
  assert.deepEqual(history.map(({ t }) => t), [0, 1000, 1020]);
});

test("a history is rebuilt from the bets, in the order of their placing", () => {
  const bets = (...list) => ({ bets: Object.fromEntries(list.map(([placed_at, amount], i) => [`b${i}${placed_at}`, { placed_at, amount }])) });
  const history = rebuilt({ a: bets([1000, 10], [9000, 10]), b: bets([5000, 30]) }, 0);
  assert.deepEqual(history.map(({ odds }) => odds), [
    { a: null, b: null }, { a: 1, b: null }, { a: 4, b: 1.3333 }, { a: 2.5, b: 1.6667 },
  ]);
});

test("the first odds of a target are not a move", () => {
  assert.deepEqual(moved({}, { a: null }, { a: 2 }), {});
});

test("many messages in one frame cause one rendering", () => {
  const drawn = [];
  const frames = [];
  const store = new Store(0, (state) => state + 1, (call) => frames.push(call));
  store.watch((state) => drawn.push(state));
  for (let i = 0; i < 1000; i++) store.apply("any", {});
  assert.equal(store.state, 1000);
  frames.splice(0).forEach((call) => call());
  assert.deepEqual(drawn, [1000]);
});

test("a crowd is counted by connections, until its users are named again", () => {
  const crowded = told(newGame("g"), "game_presence", { subscribers: 300, users: 250 });
  assert.equal(crowded.crowd, 300);
  assert.equal(told(crowded, "user_left_game", { user_id: 1, user_name: "ann" }).crowd, null);
});
