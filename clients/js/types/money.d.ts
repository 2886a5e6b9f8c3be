/** An amount in units: `Money.of("2.50")` and `Money.of(2)` are 2.50 and 2.00. */
export class Money {
    /**
     * Return the amount that a text or a whole number of units means. Throws a `RangeError` for a text
     * that is not an amount with at most two decimals, and for a number with decimals.
     * @param {Amount} amount
     * @returns {Money}
     */
    static of(amount: Amount): Money;
    /** Return the amount that a JSON number means: the nearest hundredth. @param {number} number */
    static fromWire(number: number): Money;
    /** @param {number} hundredths A whole number. */
    constructor(hundredths: number);
    /** @readonly */
    readonly hundredths: number;
    /** Return the amount as a JSON number. */
    toJSON(): number;
    /** Return the amount with two decimals. */
    toString(): string;
    /** @param {Money} other */
    plus(other: Money): Money;
    /** @param {Money} other */
    minus(other: Money): Money;
    /** @param {number} factor A whole number. */
    times(factor: number): Money;
    /** @param {Money} other */
    equals(other: Money): boolean;
    /** Return a negative number, 0 or a positive number, as `Array.sort` needs it. @param {Money} other */
    compareTo(other: Money): number;
    /**
     * Text is exact. Arithmetic and `<` would convert to a number that is not: use the methods.
     * @param {string} hint
     */
    [Symbol.toPrimitive](hint: string): string;
}
/**
 * What a method accepts, in units.
 */
export type Amount = Money | string | number;
