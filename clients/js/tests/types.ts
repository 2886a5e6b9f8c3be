// Compiled by `npm run check`, never run: a wrong op, parameter or field is found by the compiler.

import { Money, Res, openSession } from "../src/index.js";

export async function bet(gameId: string, poolId: string): Promise<void> {
  const session = await openSession("ws://127.0.0.1:9999/", { id: 1, key: "k" });
  const game = await session.join(gameId);
  const placed = await game.placeBet(poolId, "home", "2.50", { key: "mine" });
  const amount: Money = placed.amount;
  for await (const news of game) {
    if ("res" in news && news.res === Res.BET_POOL_RESOLVED) {
      const won: Money | undefined = news.winners["1"];
      console.log(news.winning_target, won, amount);
      // @ts-expect-error A publication has no such field.
      news.winner;
    }
  }
  // @ts-expect-error There is no such op.
  await session.placeBets(poolId, "home", "2.50");
  // @ts-expect-error A bet needs an amount.
  await session.placeBet(poolId, "home");
  // @ts-expect-error A reply has no such field.
  placed.stake;
  // @ts-expect-error There is no such option.
  await game.openPool("Who scores?", { colour: "red" });
  // @ts-expect-error Credentials need a key.
  await openSession("ws://127.0.0.1:9999/", { id: 1 });
}
