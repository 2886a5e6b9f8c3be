// The state of a game: a fold over its messages. Pure. The counterpart of game/state.py.

import { winnersWithout } from "./moment.js";
import { poolOf, withAllBets, withBets, withoutTarget } from "./pool.js";

const CHAT_KEPT = 200;
const RESULTS_KEPT = 100;

/**
 * `mine`: the pools in which the user has or had a bet. `hasBoard`: the user has looked at it. `problem`:
 * why it cannot be shown. `crowd`: how many watch, while they are too many to be named; else null.
 * `resultsTotal`: more than there are `results` if older ones are not kept; null until their list has come.
 */
export const newGame = (gameId) => ({
  gameId,
  hasBoard: false,
  problem: null,
  details: null,
  pools: {},
  results: [],
  resultsTotal: null,
  events: {},
  stakes: {},
  myResults: [],
  mine: {},
  people: {},
  crowd: null,
  chat: [],
  leaders: [],
});

/**
 * Return the game after a message about it. `name` is the name of the response, `request` the
 * request that it answers. An unknown name changes nothing.
 */
export function reduceGame(game, name, message, request) {
  const reduce = REDUCERS[name];
  return reduce ? reduce(game, message, message.response_header.t, request?.parameters.offset) : game;
}

const REDUCERS = {
  game_details: (game, message) => ({
    ...game,
    problem: null,
    details: message,
    events: { ...game.events, ...mapped(message.past_events, (event, id) => ({ ...game.events[id], ...event })) },
  }),
  game_joined: (game, { status }) => withStatus(game, status),
  game_closed: (game) => withStatus(game, "game_closed"),
  all_pools_for_game: (game, { pools_list }, t, offset) => ({
    ...game,
    hasBoard: true,
    pools: { ...(offset && game.pools), ...mapped(pools_list, (pool, id) => poolOf(pool, t, game.pools[id])) },
  }),
  my_running_pools_for_game: (game, { pools_list }, t, offset) => ({
    ...game,
    stakes: { ...(offset && game.stakes), ...mapped(pools_list, (pool) => pool.user_backed) },
    mine: { ...game.mine, ...pools_list },
  }),
  my_resolved_pools_for_game: (game, { pools_list }, t, offset) => ({
    ...game,
    myResults: [...(offset ? game.myResults : []), ...Object.values(pools_list)],
    mine: { ...game.mine, ...pools_list },
  }),
  resolved_pools_for_game: (game, { pools, total }) => withResults({ ...game, resultsTotal: total }, pools),
  leaderboard_for_game: (game, { leaderboard }) => ({ ...game, leaders: leaderboard }),
  new_betting_pool: (game, message, t) => withPool(game, message.pool_id, () => poolOf(message, t)),
  bets_distribution_changed: (game, message, t) =>
    changed(game, message, (pool) => withBets(pool, message, t)),
  pool_bets_distribution: (game, message) => changed(game, message, (pool) => withAllBets(pool, message)),
  bet_pool_resolved: (game, message, t) => resolved(game, message, t),
  bet_pool_expired: (game, message, t) => resolved(game, message, t),
  bet_pool_decided: (game, message) => changed(game, message, (pool) => ({ ...pool, decided: message })),
  bet_pool_corrected: (game, message) => withResults(game, [message]),
  game_event_taken_back: (game, message) => withoutEvent(game, message),
  target_scratched: (game, message, t) => changed(game, message, (pool) => withoutTarget(pool, message, t)),
  game_event_registered: (game, message) => withEvent(game, message),
  betting_in_pool_blocked: (game, message, t) =>
    isNow(message.blocked_at, t) ? changed(game, message, (pool) => ({ ...pool, is_blocked: true })) : game,
  betting_in_pool_allowed: (game, message, t) =>
    isNow(message.allowed_at, t) ? changed(game, message, (pool) => ({ ...pool, is_blocked: false })) : game,
  pool_suggested_as_hot: (game, message) => changed(game, message, (pool) => ({ ...pool, is_hot: true })),
  user_joined_game: (game, { user_id, user_name }) => ({
    ...game,
    crowd: null,
    people: { ...game.people, [user_id]: { name: user_name, isHere: true } },
  }),
  user_left_game: (game, { user_id, user_name }) => ({
    ...game,
    crowd: null,
    people: { ...game.people, [user_id]: { name: user_name, isHere: false } },
  }),
  game_presence: (game, { subscribers }) => ({ ...game, crowd: subscribers }),
  text_message: (game, { message_id, sender, text }) => ({
    ...game,
    chat: [...game.chat, { id: message_id, sender, text }].slice(-CHAT_KEPT),
  }),
};

/** Return whether a block or allowance applies now. A planned one has a later time. */
const isNow = (at, t) => !at || at <= t;

const mapped = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));

const withStatus = (game, status) =>
  game.details && status ? { ...game, details: { ...game.details, status } } : game;

const withPool = (game, poolId, change) => ({
  ...game,
  pools: { ...game.pools, [poolId]: change(game.pools[poolId]) },
});

const changed = (game, { pool_id }, change) =>
  game.pools[pool_id] ? withPool(game, pool_id, change) : game;

/** A result that the page has seen happen has the pool as it was, and the time when it was heard. */
function resolved(game, message, t) {
  const { [message.pool_id]: pool = null, ...pools } = game.pools;
  const figures = pool && { amount_total: pool.amount_total, participants: pool.participants };
  const result = { ...figures, ...message, pool, heardAt: t };
  return withResults({ ...game, pools }, [result]);
}

/** Keep results by the time of their decision, the newest first, each once. */
function withResults(game, more) {
  const all = new Map();
  for (const result of [...game.results, ...more]) {
    all.set(result.pool_id, { ...all.get(result.pool_id), ...result });
  }
  const results = [...all.values()].toSorted((a, b) => b.resolved_at - a.resolved_at);
  const resultsTotal = game.resultsTotal === null ? null : Math.max(game.resultsTotal, results.length);
  return { ...game, results: results.slice(0, RESULTS_KEPT), resultsTotal };
}

function withEvent(game, message) {
  const { event_id, action_id, target_id, happened_at, together_with, current_count } = message;
  const events = { ...game.events, [event_id]: { action_id, target_id, happened_at, together_with } };
  if (!game.details) return { ...game, events };
  const { game_state } = game.details;
  const counts = { ...game_state, [action_id]: { ...game_state[action_id], ...current_count } };
  return { ...game, events, details: { ...game.details, game_state: counts } };
}

/** An event that was taken back stays in sight, and no longer counts. Pools that only it has decided reopen. */
function withoutEvent(game, message) {
  const { event_id: id, taken_back_at, reason, action_id, current_count } = message;
  const isFree = (pool) => pool.decided && winnersWithout(game.events, id, pool.decided)?.length === 0;
  const reopened = (pool) => (isFree(pool) ? { ...pool, decided: undefined } : pool);
  const events = { ...game.events, [id]: { ...game.events[id], taken_back_at, reason } };
  const pools = mapped(game.pools, reopened);
  if (!game.details) return { ...game, events, pools };
  const { game_state } = game.details;
  const counts = { ...game_state, [action_id]: { ...game_state[action_id], ...current_count } };
  return { ...game, events, pools, details: { ...game.details, game_state: counts } };
}
