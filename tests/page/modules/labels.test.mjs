// A refusal speaks of the fields of a form.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inLabels } from "../../../toteboard/page/app/labels.js";

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
