// Each parameter has a label, and a refusal speaks of the fields of a form.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { EXCEPTIONS, inLabels, labelOf, usualLabelOf } from "../../../toteboard/page/app/labels.js";

const LABELS = { username: "Username", until: "The end" };

test("an empty field is named by its label", () => {
  const missing = { text: "The required parameter 'username' is missing.", code: "missing_parameter", parameter: "username" };
  assert.equal(inLabels(missing, LABELS), "Username is missing.");
});

test("a wrong value is said to be that of its field", () => {
  const wrong = { text: "'until' must be a time in the future.", code: "invalid_parameter", parameter: "until" };
  assert.equal(inLabels(wrong, LABELS), "The end must be a time in the future.");
});

test("what a user wrote is not taken for a parameter", () => {
  assert.equal(inLabels({ text: "No user 'until' exists.", code: "unknown_user" }, LABELS), "No user 'until' exists.");
});

const DOCUMENT = new URL("../../../docs/reference/asyncapi.json", import.meta.url);
const { messages } = JSON.parse(readFileSync(DOCUMENT, "utf8")).components;
const OPS = Object.entries(messages).filter(([key]) => key.startsWith("op_"))
  .map(([key, { payload: { properties } }]) => [key, Object.keys(properties).filter((name) => name !== "op" && name !== "header")]);
const PARAMETERS = new Set(OPS.flatMap(([, parameters]) => parameters));
const OF_PROGRAMMERS = /\b(id|is|max|min|ms|seq|url)\b/i;
const SAYS_LITTLE = new Set(["Also", "Before", "Cancel", "End", "From", "Limit", "Ms", "Offset", "Since", "Start", "To", "Type", "Until"]);

test("each parameter of the op table has a label in plain words", () => {
  assert.ok(PARAMETERS.size > 50);
  for (const name of PARAMETERS) {
    const label = labelOf(name);
    assert.match(label, /^[A-Z][A-Za-z]*( ([a-z]+|ID|URL))*$/, name);
    assert.doesNotMatch(label.replaceAll(/ (ID|URL)\b/g, ""), OF_PROGRAMMERS, name);
    assert.ok(label.length <= 32 && !SAYS_LITTLE.has(label), `${name}: ${label}`);
  }
});

test("no two parameters of an op have the same label", () => {
  for (const [op, parameters] of OPS) assert.equal(new Set(parameters.map(labelOf)).size, parameters.length, op);
});

test("each exception is a parameter, and is labelled in another way than the rule would", () => {
  for (const [name, label] of Object.entries(EXCEPTIONS)) {
    assert.ok(PARAMETERS.has(name), name);
    assert.notEqual(label, usualLabelOf(name));
  }
});
