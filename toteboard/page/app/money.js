// Amounts and odds: whole hundredths inside, words for people outside.

const AMOUNT = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** The whole hundredths of an amount of the wire. */
export const hundredths = (amount) => Math.round(amount * 100);

/** An amount of the wire, for people. */
export const money = (amount) => AMOUNT.format(amount);

/** Whole hundredths, for people. */
export const moneyOf = (whole) => AMOUNT.format(whole / 100);

/** What one unit would be paid, for people; nobody backs it: a dash. */
export function oddsText(odds) {
  if (odds === null || odds === undefined) return "–";
  return odds >= 1000 ? AMOUNT.format(Math.round(odds)).replace(/\.00$/, "") : AMOUNT.format(odds);
}
