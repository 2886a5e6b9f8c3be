// What a board shows of the list of games: how many watch its game, and which game comes next. Pure.

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
