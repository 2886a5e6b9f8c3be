// What a method accepts where the wire has an id: the id itself, or an object that has it.

/** @typedef {string | { game_id: string } | { gameId: string }} GameId */
/** @typedef {string | { pool_id: string }} PoolId */

/** @param {GameId} game */
export function gameIdOf(game) {
  if (typeof game === "string") return game;
  return "gameId" in game ? game.gameId : game.game_id;
}

/** @param {PoolId} pool */
export function poolIdOf(pool) {
  return typeof pool === "string" ? pool : pool.pool_id;
}
