// The user's statement: its pages, and what its entries are about. Pure.

import { hundredths } from "../money.js";

export const PERIODS = { day: 0, week: 6, month: 29 };
const DAY_MS = 24 * 3600_000;

/** Return the statement after a page of it (8200): the next page of the same span, or another span. */
export function withPage(statement, message, { parameters: { from, to, before } }) {
  const { currency, opening_balance: opening, closing_balance: closing, entries, before: next } = message;
  const isSame = statement?.currency === currency && statement.from === from && statement.to === to;
  const isNext = isSame && before !== undefined && before === statement.before;
  const known = isNext ? statement.entries : [];
  return { currency, from, to, opening, closing, entries: [...known, ...entries], before: next };
}

/** Return {from, to} of a period, in epoch ms; `to` is undefined until now. Days are the reader's. */
export function spanOf({ period, first, last }, now) {
  if (period in PERIODS) return { from: midnight(now, -PERIODS[period]), to: undefined };
  return {
    from: first ? midnight(new Date(`${first}T00:00`)) : 0,
    to: last ? midnight(new Date(`${last}T00:00`), 1) : undefined,
  };
}

/** Return the entries by day, the newest first: [{day, entries}]. `older` is the entry before each. */
export function daysOf(entries) {
  const days = [];
  entries.forEach((entry, i) => {
    const day = midnight(entry.at);
    if (days.at(-1)?.day !== day) days.push({ day, entries: [] });
    days.at(-1).entries.push({ ...entry, stake: stakeOf(entry, entries[i + 1]) });
  });
  return days;
}

/** Return how many days ago the day of a time was. */
export const daysAgo = (t, now) => Math.round((midnight(now) - midnight(t)) / DAY_MS);

/** Return what a bet has set aside, in hundredths; null for other entries, or if it is not known. */
function stakeOf(entry, older) {
  if (entry.cause !== "bet") return null;
  if (!older) return null;
  return hundredths(older.available_balance) - hundredths(entry.available_balance);
}

function midnight(t, days = 0) {
  const date = new Date(t);
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() + days);
  return Math.max(0, date.getTime());
}
