// Amounts as people write them, in every locale that groups digits.

import assert from "node:assert/strict";
import { test } from "node:test";

import { amountIn, wrongWith } from "../../../toteboard/page/app/money.js";

const FORM = { minimumFractionDigits: 2, maximumFractionDigits: 2 };

test("an amount is read as it is printed, in each locale", () => {
  for (const locale of ["en", "en-IN", "de", "de-CH", "fr", "es", "sv", "pt-BR"]) {
    for (const whole of [50, 1250, 123_456, 1_000_000, 1_234_567_89, 10 ** 13]) {
      const written = new Intl.NumberFormat(locale, FORM).format(whole / 100);
      assert.equal(amountIn(written), whole, `${locale}: ${written}`);
      assert.equal(wrongWith(written), null);
    }
  }
});

test("one separator before three digits groups them only where the locale does", () => {
  assert.equal(amountIn("10,000", ","), 1_000_000);
  assert.equal(amountIn("10,000", "."), null);
  assert.match(wrongWith("10,000", "."), /at most 2 decimals/);
});

test("what is wrong with an amount is said", () => {
  const said = {
    "": /above 0/, ten: /above 0/, 0: /above 0/, "-5": /above 0/, "1,2,3": /above 0/,
    1.2345: /at most 2 decimals/, "1,234.567": /at most 2 decimals/,
    "1000000000000.01": /largest amount is 1.000.000.000.000.00/, "1000000000000": /^null$/,
  };
  for (const [text, wanted] of Object.entries(said)) assert.match(String(wrongWith(text)), wanted, text);
});
