// Calls of the operator's API.

import { inLabels } from "./labels.js";

/** What the fields of the rooms are called, by parameter. */
const LABELS = {
  username: "Username", until: "The end", reason: "Reason", amount: "Amount", reference: "Reference", currency: "Currency",
  from: "First day", to: "Last day", query: "The name", before: "The page",
};

/** A call was refused, or got no answer. `parameter` is the one at fault, if any. The text names fields by their labels. */
export class Refused extends Error {
  constructor({ text, parameter = null, code = "" }) {
    super(inLabels({ text, parameter, code }, LABELS));
    this.parameter = parameter;
    this.code = code;
  }
}

const NO_ANSWER = { text: "The server is not responding. Check your connection and try again." };

export class Api {
  /** `onKeyEnded` is called when the key no longer works. */
  constructor(key, onKeyEnded = () => {}) {
    this.key = key;
    this.onKeyEnded = onKeyEnded;
  }

  /** Return the answer to a GET. Throws Refused. */
  async get(path, query = {}) {
    return (await this.ask(addressOf(path, query))).json();
  }

  /** Return the answer to a POST. A repeat with the same `once` gets the same answer. */
  async post(path, body = {}, once = newKey()) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": once };
    return (await this.ask(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
  }

  /** Return a file as a blob. */
  async file(path, query) {
    return (await this.ask(addressOf(path, query))).blob();
  }

  async ask(path, options = {}) {
    const headers = { ...options.headers, Authorization: `Bearer ${this.key}` };
    const answer = await fetch(path, { ...options, headers }).catch(() => { throw new Refused(NO_ANSWER); });
    if (answer.ok) return answer;
    if (answer.status === 401) this.onKeyEnded();
    throw new Refused(await answer.json().catch(() => NO_ANSWER));
  }
}

/** Return a key for a request that must be executed once. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function addressOf(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
