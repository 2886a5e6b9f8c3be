// Amounts and odds: hundredths for computing, text in the reader's locale for people.

const TWO = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
const AMOUNT = new Intl.NumberFormat(undefined, TWO);
const SIGNED = new Intl.NumberFormat(undefined, { ...TWO, signDisplay: "exceptZero" });
const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const GROUP = AMOUNT.formatToParts(12_345.6).find(({ type }) => type === "group")?.value ?? ",";
const MOST = 10 ** 14;

/** Return the hundredths of an amount from the wire. */
export const hundredths = (amount) => Math.round(amount * 100);

/** Return an amount from the wire as text. */
export const money = (amount) => AMOUNT.format(amount);

/** Return hundredths as text. */
export const moneyOf = (whole) => AMOUNT.format(whole / 100);

/** Return hundredths as text, with a sign unless they are 0. */
export const change = (whole) => SIGNED.format(whole / 100).replace("-", "−");

/** Return a number without decimals as text. */
export const count = (number) => WHOLE.format(number);

/** Return odds as text, or a dash without a bet. */
export function oddsText(odds) {
  if (odds === null || odds === undefined) return "–";
  return odds >= 1000 ? WHOLE.format(odds) : AMOUNT.format(odds);
}

/**
 * Return the hundredths that a person means by a text such as `12.50`, `12,50` or `1 000`, or null.
 * A single separator before three digits groups them if the locale groups by it.
 */
export function amountIn(text, group = GROUP) {
  const compact = text.replace(/[\s\u00a0\u202f'’]/g, "");
  const parts = /^(?<whole>\d{1,3}(?:(?<by>[.,])\d{3})(?:\k<by>\d{3})*|\d+)(?:[.,](?<cents>\d{1,2}))?$/.exec(compact);
  if (!parts) return null;
  const { whole, by, cents = "" } = parts.groups;
  const separators = compact.match(/[.,]/g) ?? [];
  if (by && separators.length === 1 && by !== group) return null;
  if (by && cents && compact.at(-cents.length - 1) === by) return null;
  const found = Number(whole.replace(/[.,]/g, "")) * 100 + Number(cents.padEnd(2, "0"));
  return found <= MOST ? found : null;
}

/** Return hundredths as a parameter. */
export const parameter = (whole) => `${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
