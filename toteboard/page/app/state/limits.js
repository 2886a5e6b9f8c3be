// The user's own limits: what is set, what a form changes. Pure.

import { amountIn, hundredths, parameter, wrongWith } from "../money.js";

export const SPANS = { day: "a day", week: "a week", month: "a month" };
export const KINDS = { spend: "Stakes", loss: "Losses" };
const DAY_MS = 24 * 3600_000;
const BREAKS = [["1 day", DAY_MS], ["1 week", 7 * DAY_MS], ["1 month", 30 * DAY_MS], ["No end", null]];
/** The least by which a new break must outlast the running one. Less is no choice, only a delay. */
const LEAST_LONGER_MS = 3600_000;

/** Return the break that is running at `now`, or null. It may have ended since the server reported it. */
export const runningBreak = (pause, now) => (pause && (pause.until === null || pause.until > now) ? pause : null);

/** Return the breaks that outlast the running one, as [text, ms]; `ms` is null for one without an end. */
export function breaksOffered(pause, now) {
  const running = runningBreak(pause, now);
  if (!running) return BREAKS;
  if (running.until === null) return [];
  return BREAKS.filter(([, ms]) => ms === null || now + ms >= running.until + LEAST_LONGER_MS);
}

/** Return every limit there can be, in hundredths: [{period, kind, amount}], `amount` null without one. */
export const limitsIn = (limits) =>
  Object.keys(SPANS).flatMap((period) => Object.keys(KINDS).map((kind) => {
    const amount = limits?.[period]?.[kind];
    return { period, kind, amount: Number.isFinite(amount) ? hundredths(amount) : null };
  }));

/** Return the limits outside `currency`: [{currency, limits: [{period, kind, amount}]}]. `known` is by currency. */
export function limitsElsewhere(known, currency) {
  const others = Object.keys(known).filter((each) => each !== currency).toSorted();
  return others
    .map((each) => ({ currency: each, limits: limitsIn(known[each].limits).filter(({ amount }) => amount !== null) }))
    .filter(({ limits }) => limits.length > 0);
}

/**
 * Return what a form changes: {limits, wrong}. `limits` is a parameter of 8300, and null if nothing
 * changes; `wrong` says what is wrong with a field's text, by field. An empty field is no limit.
 */
export function changesOf(known, texts) {
  const [limits, wrong] = [{}, {}];
  for (const { period, kind, amount } of limitsIn(known)) {
    const text = (texts[`${period}-${kind}`] ?? "").trim();
    const wanted = text === "" ? null : amountIn(text);
    if (text !== "" && !wanted) wrong[`${period}-${kind}`] = wrongWith(text);
    else if (wanted !== amount) limits[period] = { ...limits[period], [kind]: wanted === null ? "none" : parameter(wanted) };
  }
  return { limits: Object.keys(limits).length > 0 ? limits : null, wrong };
}
