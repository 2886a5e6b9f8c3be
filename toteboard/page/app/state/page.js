// The state of the page: user, connection, bet slip, balances, lobby, games. Pure.

import { newGame, reduceGame } from "./game.js";
import { withPage } from "./statement.js";

/**
 * `user` is null for a guest. `pause`: {until} of the break that is running. `limits`: the last 8300, by currency.
 * `slip`: {gameId, poolId, path, text}. `sentBets`: see sent.js. `notice`: {gameId, text} of a bet that was placed a
 * moment ago. `signIn` while it is asked: {why, way, typed, isNeeded}. `mayHost`: may open sources.
 */
export const newPage = (user) => ({
  user,
  status: { phase: "connecting" },
  signIn: null,
  slip: null,
  sentBets: [],
  notice: null,
  balances: {},
  statement: null,
  pause: null,
  limits: {},
  lobby: {},
  mySources: [],
  myGames: [],
  knowsMyGames: false,
  mayHost: false,
  games: {},
});

/** Return the page after a message. `request` is the request that it answers, if any. */
export function reduce(page, name, message, request) {
  if (REDUCERS[name]) return REDUCERS[name](page, message, request);
  return gamesAbout(message).reduce(
    (current, gameId) => withGame(current, gameId, name, message, request),
    name === "user_joined_game" ? withOwnName(page, message) : page,
  );
}

/** Return the page for a user who has signed in. Every board has to be loaded again. */
export function enteredBy(page, user) {
  const games = Object.entries(page.games).map(([gameId, game]) => [gameId, { ...game, hasBoard: false }]);
  return { ...page, user, signIn: null, games: Object.fromEntries(games) };
}

/** Return the page with the reason why a game cannot be shown. */
export function withProblem(page, gameId, problem) {
  const game = page.games[gameId] ?? newGame(gameId);
  return { ...page, games: { ...page.games, [gameId]: { ...game, problem } } };
}

const REDUCERS = {
  user_balance_update: (page, message) => withBalance(page, message),
  user_balance_current: (page, message) => withBalance(page, message),
  user_balance_available: (page, message) => withBalance(page, message),
  user_statement: (page, message, request) => ({ ...page, statement: withPage(page.statement, message, request) }),
  break_taken: (page, { until }) => ({ ...page, pause: { until } }),
  my_limits: (page, message) => ({
    ...page,
    pause: message.running_break,
    limits: { ...page.limits, [message.currency]: message },
  }),
  game_sources_list_i_am_admin_of: (page, message) => ({
    ...page,
    mySources: message.sources,
    mayHost: message.may_open_sources ?? false,
  }),
  games_list_i_am_admin_of: (page, { games }) => ({ ...page, myGames: games, knowsMyGames: true }),
  games_list: (page, { games, total }, request) => ({
    ...page,
    lobby: { ...page.lobby, [request.parameters.query ?? ""]: { games, total } },
  }),
};

function withBalance(page, { currency, current_balance, available_balance }) {
  const known = page.balances[currency] ?? {};
  const balance = {
    current: current_balance ?? known.current,
    available: available_balance ?? known.available,
  };
  return { ...page, balances: { ...page.balances, [currency]: balance } };
}

/** Learn the name of a user who signed in by key: the server publishes it when the user joins. */
function withOwnName(page, { user_id: id, user_name: username }) {
  return id === page.user?.id ? { ...page, user: { ...page.user, username } } : page;
}

function withGame(page, gameId, name, message, request) {
  const before = page.games[gameId] ?? newGame(gameId);
  const after = reduceGame(before, name, message, request);
  return after === before ? page : { ...page, games: { ...page.games, [gameId]: after } };
}

/** Return the games that a message is about. Chat names them as channels. */
function gamesAbout({ game_id, channel, channels }) {
  if (channels ?? channel) return channels ?? [channel];
  return game_id ? [game_id] : [];
}
