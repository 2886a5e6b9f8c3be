// A player for runs with cut connections, as player.py: `player.mjs URL ID KEY GAME POOL`.
import { openSession } from "@toteboard/client";

const [url, id, key, gameId, poolId] = process.argv.slice(2);
const say = (line) => console.log(JSON.stringify(line));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function bet(game) {
  for (let number = 1; ; number++) {
    try {
      const reply = await game.placeBet(poolId, ["argentina", "brazil"][number % 2], "0.01");
      say({ bet: reply.bet_id });
    } catch (refused) {
      return say({ refused: refused.code });
    }
    await sleep(10);
  }
}

async function listen(game) {
  for await (const news of game) say("res" in news ? { told: news } : { notice: news.constructor.name });
}

const session = await openSession(url, { id: Number(id), key });
const game = await session.join(gameId);
say({ joined: game.joined.seq });
await Promise.all([bet(game), listen(game)]);
await session.close();
