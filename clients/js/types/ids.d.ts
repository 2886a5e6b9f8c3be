/** @typedef {string | { game_id: string } | { gameId: string }} GameId */
/** @typedef {string | { pool_id: string }} PoolId */
/** @param {GameId} game */
export function gameIdOf(game: GameId): string;
/** @param {PoolId} pool */
export function poolIdOf(pool: PoolId): string;
export type GameId = string | {
    game_id: string;
} | {
    gameId: string;
};
export type PoolId = string | {
    pool_id: string;
};
