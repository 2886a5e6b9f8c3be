// Settles the pools on standard input (JSON), for `tests/page/test_modules.py` to compare.

import { text } from "node:stream/consumers";

import { settle } from "../../../toteboard/page/app/payout.js";

const cases = JSON.parse(await text(process.stdin));
const outcomes = cases.map(({ bets, targets, voidAfter, policy }) => settle(bets, targets, voidAfter, policy));
console.log(JSON.stringify(outcomes));
