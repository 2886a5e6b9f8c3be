// The bets that were sent and have no reply yet, and those that were refused. Pure.

import { moneyOf } from "../money.js";

/** How much later than planned the server decides a delayed bet at most, with some reserve. */
const TOLERANCE_MS = 2000;
/** How far the page's estimate of the server's time may be ahead, at most. */
const AHEAD_MS = 5000;
/** The refusals after which no bet in the same pool and on the same target can be placed. */
const FINAL = new Set(["pool_resolved", "game_not_open", "game_closed", "unknown_target"]);
const NEVER_SENT = { code: "not_sent", text: "There was no connection to send it." };
const NOT_FOUND = { code: "not_found", text: "Its reply was lost, and it is not among your bets." };

/**
 * Return the page with a bet {id, gameId, poolId, path, name, amount, currency, description, delay}, which leaves the
 * slip free. The bet also has, in epoch ms or null, `sentAt`: null until there is a connection; and `repeatedAt`: when
 * it was sent again after a cut. `others`: the ids of bets of this tab that were placed, and are not this one.
 * `isLost`: its reply cannot come any more, and only the user's bets show what became of it.
 */
export const withBetSent = (page, bet, now, others = []) => ({
  ...page,
  slip: null,
  sentBets: [...page.sentBets, {
    ...bet, sentAt: page.status.phase === "connected" ? now : null, repeatedAt: null, others, isLost: false, error: null,
  }],
});

/** Return the page without a bet whose refusal was read. */
export const withoutBetSent = (page, id) => ({ ...page, sentBets: page.sentBets.filter((bet) => bet.id !== id) });

/** Return the page without a bet that was placed. `betId`: the server's. It is none of the bets that still wait. */
export const withBetPlaced = (page, id, betId) =>
  changed(withoutBetSent(page, id), isWaiting, (bet) => ({ ...bet, others: [...bet.others, betId] }));

/** Return the page after the refusal of a bet. Its pick is back on the slip, unless it could not be placed or another is there. */
export function withBetRefused(page, id, error) {
  const { gameId, poolId, path, amount } = page.sentBets.find((bet) => bet.id === id) ?? {};
  const isOver = !gameId || !error.code || FINAL.has(error.code);
  const slip = page.slip ?? (isOver ? null : { gameId, poolId, path, text: moneyOf(amount) });
  return { ...changed(page, (bet) => bet.id === id, (bet) => ({ ...bet, error })), slip };
}

/** Return the page after a bet was looked for in vain. */
export const withBetNotFound = (page, id) => withBetRefused(page, id, NOT_FOUND);

/** Return the page after its session has sent the bets that waited for the connection, and has repeated the others. */
export const withBetsSentNow = (page, now) => changed(page, (bet) => isWaiting(bet) && !bet.isLost, (bet) =>
  bet.sentAt === null ? { ...bet, sentAt: now } : { ...bet, repeatedAt: now });

/** Return bets whose session has ended. A bet that was never sent is refused by that. */
export const lost = (bets) => bets.map((bet) => {
  if (!isWaiting(bet)) return bet;
  return bet.sentAt === null ? { ...bet, error: NEVER_SENT } : { ...bet, isLost: true };
});

export const isWaiting = ({ error }) => error === null;

/** Return what the bets without a reply would take, in hundredths of a currency. The balance still has it, unless a lost one was placed. */
export const waitingMoney = ({ sentBets }, currency) => sentBets
  .filter((bet) => isWaiting(bet) && bet.currency === currency)
  .reduce((sum, { amount }) => sum + amount, 0);

/** Return when the last request for a bet counts, if nothing happens first (epoch ms). */
export const countsAt = ({ sentAt, repeatedAt, delay }) => (repeatedAt ?? sentAt) + delay;

/**
 * Return when a bet is decided at the latest (epoch ms). A repeated request may have waited for the refusal of the
 * first one, and only then for the delay.
 */
export const decidedBy = ({ sentAt, repeatedAt, delay }) =>
  (repeatedAt === null ? sentAt + delay : repeatedAt + 2 * delay) + TOLERANCE_MS;

/** Return the least time at which the server may have placed a bet (epoch ms). */
export const placedFrom = ({ sentAt }) => sentAt - AHEAD_MS;

/** Return the one of a pool's bets that a lost bet has become, or undefined. `bets`: as `betsOf` returns them. */
export const foundAmong = (bets, bet, userId) => bets
  .filter((each) => each.userId === userId && each.target === bet.path && each.amount === bet.amount)
  .filter(({ id, placedAt }) => placedAt >= placedFrom(bet) && !bet.others.includes(id))
  .toSorted((a, b) => a.placedAt - b.placedAt)[0];

/** Return the bets in a text that the tab keeps. Leave out what is no bet. Throws if it is no JSON. */
export function betsIn(text) {
  const bets = JSON.parse(text);
  return Array.isArray(bets) ? bets.filter(isBet) : [];
}

const SHAPE = {
  ...Object.fromEntries(["gameId", "poolId", "path", "name", "currency", "description"].map((name) => [name, "string"])),
  ...Object.fromEntries(["id", "amount", "delay"].map((name) => [name, "number"])),
};

function isBet(value) {
  const isTime = (t) => t === null || typeof t === "number";
  return Object.entries(SHAPE).every(([name, type]) => typeof value?.[name] === type)
    && isTime(value.sentAt) && isTime(value.repeatedAt) && Array.isArray(value.others) && isError(value.error);
}

const isError = (error) => error === null || (typeof error === "object" && [error.code, error.text].every(isTextOrAbsent));
const isTextOrAbsent = (value) => value === undefined || typeof value === "string";

const changed = (page, isMeant, change) => ({
  ...page,
  sentBets: page.sentBets.map((bet) => (isMeant(bet) ? change(bet) : bet)),
});
