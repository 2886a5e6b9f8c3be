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

/** Return a text of the server, its amounts in the reader's locale. */
export const withAmounts = (text) =>
  text.replace(/\b\d+(?:,\d{3})*\.\d{2}\b/g, (amount) => money(Number(amount.replaceAll(",", ""))));

/** Return a number without decimals as text. */
export const count = (number) => WHOLE.format(number);

/** Return odds as text, or a dash without a bet. */
export function oddsText(odds) {
  if (odds === null || odds === undefined) return "–";
  return odds >= 1000 ? WHOLE.format(odds) : AMOUNT.format(odds);
}

const GROUPED = String.raw`\d{1,3}(?<by>[.,])(?:\d{2,3}\k<by>)*\d{3}|\d+`;
const AN_AMOUNT = new RegExp(String.raw`^(?<whole>${GROUPED})(?:[.,](?<cents>\d{1,2}))?$`);
const TOO_FINE = new RegExp(String.raw`^(?:${GROUPED})[.,]\d{3,}$`);

const compactOf = (text) => text.replace(/[\s\u00a0\u202f'’]/g, "");

/**
 * Return the hundredths that a person means by a text such as `12.50`, `12,50` or `1 000`, or null.
 * A single separator before three digits groups them if the locale groups by it.
 */
export function amountIn(text, group = GROUP) {
  const found = read(compactOf(text), group);
  return found !== null && found <= MOST ? found : null;
}

/** Return what is wrong with a text that should be an amount above 0, as a sentence, or null. */
export function wrongWith(text, group = GROUP) {
  const compact = compactOf(text);
  const found = read(compact, group);
  if (found > MOST) return `The largest amount is ${moneyOf(MOST)}.`;
  if (found > 0) return null;
  if (found === null && TOO_FINE.test(compact)) return `An amount has at most 2 decimals, such as ${moneyOf(1250)}.`;
  return `Write an amount above 0, such as ${moneyOf(1250)}.`;
}

function read(compact, group) {
  const parts = AN_AMOUNT.exec(compact);
  if (!parts) return null;
  const { whole, by, cents = "" } = parts.groups;
  const separators = compact.match(/[.,]/g) ?? [];
  if (by && separators.length === 1 && by !== group) return null;
  if (by && cents && compact.at(-cents.length - 1) === by) return null;
  return Number(whole.replace(/[.,]/g, "")) * 100 + Number(cents.padEnd(2, "0"));
}

/** Return hundredths as a parameter. */
export const parameter = (whole) => `${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
