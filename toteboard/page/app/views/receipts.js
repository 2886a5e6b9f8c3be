// Receipts of resolved pools, for what a correction or a taken-back event would change.

import { useLoaded } from "./loaded.js";

const keyOf = ({ pool_id: poolId, result_seq: seq }) => `${poolId} ${seq}`;

/** Return {receipts, error}: the receipt of each result with all bets, or undefined until it has come. */
export function useReceipts(app, results) {
  const { values, error } = useLoaded(results.map((result) => ({ key: keyOf(result), version: 1 })), (key) => whole(app, key.split(" ")[0]));
  return { receipts: results.map((result) => values[keyOf(result)]), error };
}

/**
 * Return the reasons of results, by pool, until they have come without those. The list of results has none: only a
 * result that the page has seen happen, and a receipt.
 */
export function useReasons(app, results) {
  const isUnknown = ({ reason, corrected_at, winning_target: winner }) => reason === undefined && (corrected_at || !winner);
  const { values } = useLoaded(results.filter(isUnknown).map((result) => ({ key: keyOf(result), version: 1 })), (key) =>
    app.ask("get_receipt", { pool_id: key.split(" ")[0], limit: 1 }).then(({ reason }) => ({ reason })));
  return Object.fromEntries(results.map((result) => [result.pool_id, result.reason ?? values[keyOf(result)]?.reason]));
}

async function whole(app, poolId) {
  const bets = [];
  for (;;) {
    const receipt = await app.ask("get_receipt", { pool_id: poolId, offset: bets.length });
    bets.push(...receipt.bets);
    if (receipt.bets.length === 0 || bets.length >= receipt.bets_total) return { ...receipt, bets };
  }
}
