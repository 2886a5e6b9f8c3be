// What becomes of a board when the server refuses a part of what it shows.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";

import { Visits } from "../../../toteboard/page/app/visits.js";

const OVERLOADED = { code: "overloaded", retryable: true };
const UNKNOWN = { code: "unknown_game" };
const PARTS = [
  ...["get_leaderboard_for_game", "list_my_running_pools_for_game", "list_my_resolved_pools_for_game"],
  ...["get_my_current_balance", "list_all_betting_pools_for_game", "list_resolved_pools_for_game"],
];

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** Return a page whose server refuses the ops in `refused`, by name. `join` is not an op of `ask`. */
function page(refused) {
  const answer = async (name) => {
    app.sent.push(name);
    if (refused[name]) throw refused[name];
    return { currency: "DON", total: 0, pools_list: {} };
  };
  const app = {
    sent: [],
    problems: [],
    ask: answer,
    live: { follow: () => answer("join") },
    store: { state: { user: { id: 1 }, games: {} } },
    failed: (_, problem) => app.problems.push(problem),
  };
  return app;
}

const count = (app, name) => app.sent.filter((each) => each === name).length;

test("a refusal of a part of the board leaves the board as it is", async () => {
  for (const part of PARTS) {
    for (const refusal of [OVERLOADED, UNKNOWN]) {
      const app = page({ [part]: refusal });
      await new Visits(app).open("g");
      await settled();
      assert.ok(count(app, part) > 0, part);
      assert.deepEqual(app.problems, [], part);
    }
  }
});

test("a final refusal of the details, or to follow the game, is shown instead of the board", async () => {
  for (const name of ["get_game_details", "join"]) {
    const app = page({ [name]: UNKNOWN });
    await new Visits(app).open("g");
    assert.deepEqual(app.problems, [UNKNOWN], name);
  }
});

test("a game is opened again after a retryable refusal of what the board cannot do without", async () => {
  for (const name of ["get_game_details", "join", "list_all_betting_pools_for_game"]) {
    const refused = { [name]: { ...OVERLOADED, retryAfterMs: 500 } };
    const app = page(refused);
    await new Visits(app).open("g");
    assert.deepEqual([app.problems, count(app, name)], [[], 1], name);
    delete refused[name];
    mock.timers.tick(500);
    await settled();
    assert.deepEqual([app.problems, count(app, name)], [[], 2], name);
    mock.timers.tick(60_000);
    assert.equal(count(app, "get_game_details"), 2, name);
  }
});

test("a game is not opened again for a user who has signed out meanwhile", async () => {
  const app = page({ get_game_details: OVERLOADED });
  await new Visits(app).open("g");
  app.live = {};
  mock.timers.tick(60_000);
  assert.equal(count(app, "get_game_details"), 1);
});
