// What a board shows of the list of games: how many watch its game, and which game comes next. Pure.

const WATCHING_MS = 30_000;
const NEXT_MS = 15_000;

/** Return the query that lists the game itself, or all games once it has closed; null until the page follows it. */
export function listedBy(game) {
  if (!game?.details) return null;
  if (isClosed(game)) return "";
  return game.hasBoard ? game.details.hashtag || game.details.game_name : null;
}

/** Return whether the board needs the list now: a crowd's count is published. */
export const needsList = (game) => Boolean(game?.details) && (isClosed(game) || game.crowd === null);

/**
 * Return how many ms a board waits before it requests the list again; null if it needs no other. `games`: null
 * if it has not been sent the list. The game of an unlisted source is never among them.
 */
export function pauseAfter(game, games) {
  const isListed = ({ game_id: id }) => id === game.gameId;
  if (isClosed(game)) return games?.some((each) => !isListed(each)) ? null : NEXT_MS;
  return games && !games.some(isListed) ? null : WATCHING_MS;
}

const isClosed = ({ details }) => details.status === "game_closed";

/** Return how many connections follow a game, as the lobby counts them; null if that is not known. */
export function watchingOf({ gameId, crowd }, listed) {
  return crowd ?? listed?.games.find(({ game_id: id }) => id === gameId)?.subscribers ?? null;
}

/** Return the game to watch after another, or null: of the same source if there is one, the next that begins. */
export function nextAfter({ game_id: gameId, source_id: source }, games, now) {
  const rank = (game) => 2 * (game.source_id !== source) + (game.live_start_at <= now);
  const others = games.filter(({ game_id: id }) => id !== gameId);
  return others.toSorted((a, b) => rank(a) - rank(b) || a.live_start_at - b.live_start_at)[0] ?? null;
}
