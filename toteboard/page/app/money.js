// Amounts and odds: hundredths for computing, text for people.

const AMOUNT = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Return the hundredths of an amount from the wire. */
export const hundredths = (amount) => Math.round(amount * 100);

/** Return an amount from the wire as text. */
export const money = (amount) => AMOUNT.format(amount);

/** Return hundredths as text. */
export const moneyOf = (whole) => AMOUNT.format(whole / 100);

/** Return odds as text, or a dash without a bet. */
export function oddsText(odds) {
  if (odds === null || odds === undefined) return "–";
  return odds >= 1000 ? AMOUNT.format(Math.round(odds)).replace(/\.00$/, "") : AMOUNT.format(odds);
}
