// Compiled by `npm run check`, never run: a wrong op, parameter or field is found by the compiler.

import { Dropped, Missed, Money, NotResumed, Op, Res, Resumed, Skipped, openSession } from "../src/index.js";
import type { Game, Session } from "../src/index.js";

export async function bet(gameId: string, poolId: string): Promise<void> {
  const session = await openSession("ws://127.0.0.1:9999/", { id: 1, key: "k" });
  const game = await session.join(gameId);
  const placed = await game.placeBet(poolId, "home", "2.50", { key: "mine" });
  const amount: Money = placed.amount;
  for await (const news of game) {
    if (news.res === Res.BET_POOL_RESOLVED) {
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

export async function list(session: Session): Promise<string | undefined> {
  const { games } = await session.findGames({ status: "live" });
  // @ts-expect-error A game may have no open pool.
  games[0].top_pool.description;
  // @ts-expect-error Games have another status.
  await session.findGames({ status: "living" });
  // @ts-expect-error There is no such option.
  await session.findGames({ state: "live" });
  return games.at(0)?.top_pool?.description;
}

export async function askByCode(session: Session, poolId: string): Promise<void> {
  await session.ask(Op.PING);
  const bet = await session.ask(392, { pool_id: poolId, target: "home", amount: 2.5 }, "mine");
  const amount: number = bet.amount;
  await session.ask(Op.PLACE_BET_IN_BETTING_POOL, { pool_id: poolId, target: "home", amount: Money.of("2.50") });
  const { games } = await session.ask(Op.LIST_GAMES);
  const staked: number | undefined = games[0].top_pool?.distribution.home.backing_money;
  // @ts-expect-error A reply has no such field.
  bet.stake;
  // @ts-expect-error On the wire, an amount is a number.
  bet.amount.hundredths;
  // @ts-expect-error There is no such op.
  await session.ask(3920, { pool_id: poolId, target: "home", amount });
  // @ts-expect-error A bet needs parameters.
  await session.ask(392);
  // @ts-expect-error A bet needs an amount.
  await session.ask(392, { pool_id: poolId, target: "home" });
  // @ts-expect-error On the wire, an amount is a number.
  await session.ask(392, { pool_id: poolId, target: "home", amount: "2.50" });
  // @ts-expect-error A bet has no such parameter.
  await session.ask(392, { pool_id: poolId, target: "home", amount, stake: staked });
  // @ts-expect-error Ping has no parameters.
  await session.ask(Op.PING, { text: "hello" });
  // @ts-expect-error Games have another status.
  await session.ask(Op.LIST_GAMES, { status: "living" });
  await session.ask(Op.SET_MY_LIMITS, { limits: { day: { spend: 20, loss: "none" } } });
  // @ts-expect-error There is no such period.
  await session.ask(Op.SET_MY_LIMITS, { limits: { year: { spend: 20 } } });
}

export async function readNotices(news: Game | Session): Promise<string> {
  for await (const each of news) {
    if (each instanceof Skipped) continue;
    if (each instanceof Missed) return each.gameId;
    if (each instanceof NotResumed) return each.error.message;
    if (each instanceof Dropped) return each.reason;
    if (each instanceof Resumed) return each.gameIds.join();
    return String(each.res);
  }
  return "closed";
}
