// Results of pools: what they paid, and what they meant for the user. Pure.

import { hundredths } from "../money.js";

/** Return what 1 on the winner was paid, or null if nobody backed it. */
export function paidFor({ prices = {}, winning_target: winner, is_money_return: isReturn }) {
  return isReturn ? null : prices[winner] ?? null;
}

/** Return the number of the winner: its place in the pool, or else among the game's targets. */
export function plateOf({ winning_target: winner, pool }, details) {
  if (winner === "no") return 2;
  const paths = Object.keys(pool?.distribution ?? details?.targets ?? {}).filter((path) => path !== "none");
  const place = paths.indexOf(pool ? winner : winner.split(":")[0]);
  if (winner === "none") return paths.length + 1;
  return place < 0 ? 1 : place + 1;
}

/** Return {word, net} of a user's result (355): "won", "lost" or "back", and hundredths. */
export function outcomeOf({ user_backed: backed, total_winnings: received, winning_target: winner }) {
  const staked = Object.values(backed).reduce((sum, amount) => sum + hundredths(amount), 0);
  const net = hundredths(received) - staked;
  const isWon = net > 0 || (net === 0 && winner in backed);
  return { word: isWon ? "won" : net < 0 ? "lost" : "back", net };
}
