// The matches and sources that this browser has seen, the newest first: no op lists them all.

const KEPT = "toteboard-seen";
const LONGEST = 12;

/** [{gameId, sourceId, name}]. */
export function seen() {
  return JSON.parse(localStorage.getItem(KEPT)) ?? [];
}

/** Keep a game by its details (342). */
export function remember({ game_id: gameId, source_id: sourceId, game_name: name }) {
  const others = seen().filter((game) => game.gameId !== gameId);
  localStorage.setItem(KEPT, JSON.stringify([{ gameId, sourceId, name }, ...others].slice(0, LONGEST)));
}
