// The games that this browser has shown, the newest first. No op lists all games.

const KEPT = "toteboard-seen";
const LONGEST = 12;

/** Return [{gameId, sourceId, name}]. */
export function seen() {
  return JSON.parse(localStorage.getItem(KEPT)) ?? [];
}

/** Remember a game by its details. */
export function remember({ game_id: gameId, source_id: sourceId, game_name: name }) {
  const others = seen().filter((game) => game.gameId !== gameId);
  localStorage.setItem(KEPT, JSON.stringify([{ gameId, sourceId, name }, ...others].slice(0, LONGEST)));
}
