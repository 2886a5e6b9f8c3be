// Amounts, times and days as text in the reader's language.

const AMOUNT = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const COUNT = new Intl.NumberFormat();
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
export const DAY_MS = 86_400_000;

export const money = (amount) => AMOUNT.format(amount);
export const signed = (amount) => (amount > 0 ? "+" : amount < 0 ? "−" : "") + AMOUNT.format(Math.abs(amount));
export const count = (number) => COUNT.format(number);
export const time = (ms) => TIME.format(ms);

/** Return a day such as "2027-01-31" as text. */
export const day = (text) => DAY.format(Date.parse(`${text}T00:00:00Z`));

/** Return the days from `from` to before `to` (epoch ms, UTC midnight) as "2027-01-31". */
export function daysBetween(from, to) {
  const days = [];
  for (let at = from; at < to; at += DAY_MS) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
