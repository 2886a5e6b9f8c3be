// Receipts of resolved pools, for what a correction or a taken-back event would change.

import { useLoaded } from "./loaded.js";

const keyOf = ({ pool_id: poolId, result_seq: seq }) => `${poolId} ${seq}`;

/** Return {receipts, error}: the receipt of each result with all bets, or undefined until it has come. */
export function useReceipts(app, results) {
  const { values, error } = useLoaded(results.map((result) => ({ key: keyOf(result), version: 1 })), (key) => whole(app, key.split(" ")[0]));
  return { receipts: results.map((result) => values[keyOf(result)]), error };
}

async function whole(app, poolId) {
  const bets = [];
  for (;;) {
    const receipt = await app.ask("get_receipt", { pool_id: poolId, offset: bets.length });
    bets.push(...receipt.bets);
    if (receipt.bets.length === 0 || bets.length >= receipt.bets_total) return { ...receipt, bets };
  }
}
