// `Money`: an exact amount, in whole hundredths inside and in units everywhere else.

const AMOUNT = /^([+-]?)([0-9]{1,13})(?:\.([0-9]{1,2}))?$/;

/** An amount in units: `Money.of("2.50")` and `Money.of(2)` are 2.50 and 2.00. */
export class Money {
  /** @param {number} hundredths A whole number. */
  constructor(hundredths) {
    if (!Number.isSafeInteger(hundredths)) throw new RangeError(`${hundredths} is not exact`);
    /** @readonly */
    this.hundredths = hundredths === 0 ? 0 : hundredths; // Never -0.
    Object.freeze(this);
  }

  /**
   * Return the amount that a text or a whole number of units means. Throws a `RangeError` for a text
   * that is not an amount with at most two decimals, and for a number with decimals.
   * @param {Amount} amount
   * @returns {Money}
   */
  static of(amount) {
    if (amount instanceof Money) return amount;
    if (typeof amount === "number") {
      if (Number.isInteger(amount)) return new Money(amount * 100);
      throw new RangeError(`${amount} may not be exact: pass a text such as "2.50"`);
    }
    const [, sign, whole, decimals = ""] = AMOUNT.exec(amount.trim()) ?? [];
    if (whole === undefined) {
      throw new RangeError(`"${amount}" is not an amount with at most two decimals`);
    }
    const hundredths = Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
    return new Money(sign === "-" ? -hundredths : hundredths);
  }

  /** Return the amount that a JSON number means: the nearest hundredth. @param {number} number */
  static fromWire(number) {
    return new Money(Math.round(number * 100));
  }

  /** Return the amount as a JSON number. */
  toJSON() {
    return this.hundredths / 100;
  }

  /** Return the amount with two decimals. */
  toString() {
    const digits = String(Math.abs(this.hundredths)).padStart(3, "0");
    return `${this.hundredths < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  }

  /** @param {Money} other */
  plus(other) {
    return new Money(this.hundredths + other.hundredths);
  }

  /** @param {Money} other */
  minus(other) {
    return new Money(this.hundredths - other.hundredths);
  }

  /** @param {number} factor A whole number. */
  times(factor) {
    return new Money(this.hundredths * factor);
  }

  /** @param {Money} other */
  equals(other) {
    return this.hundredths === other.hundredths;
  }

  /** Return a negative number, 0 or a positive number, as `Array.sort` needs it. @param {Money} other */
  compareTo(other) {
    return this.hundredths - other.hundredths;
  }

  /**
   * Text is exact. Arithmetic and `<` would convert to a number that is not: use the methods.
   * @param {string} hint
   */
  [Symbol.toPrimitive](hint) {
    if (hint === "string") return this.toString();
    throw new TypeError("use plus, minus, times, equals and compareTo with amounts");
  }
}

/** @typedef {Money | string | number} Amount What a method accepts, in units. */
