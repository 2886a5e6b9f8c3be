// Small parts of every room: flaps, plates, tags, countdowns.

import { eachSecond, serverClock } from "../clock.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { inLabels } from "../labels.js";
import { withAmounts } from "../money.js";
import { left, when } from "../words.js";

const MINUTE_MS = 60_000;

/** A figure on the board: one cell a character. `words` is what it says to a screen reader. */
export function Flap({ text, words = text, size = "", isOff = false }) {
  return html`
    <span class="flap ${size} ${isOff ? "off" : ""}" role="img" aria-label=${words}>
      ${[...text].map((character) => html`<i class=${/\d/.test(character) || character === "–" ? "" : "dot"}>${character}</i>`)}
    </span>`;
}

/** One of eight cloths, each with its own pattern on bars. */
export const cloth = (number) => `c${((number - 1) % 8) + 1}`;

/** The number of a target, on its cloth. */
export const Plate = ({ number, size = "" }) =>
  html`<span class="plate ${size} ${cloth(number)}" aria-hidden="true">${number}</span>`;

/** A sign and a word. `kind`: live, hot, shut, won or held. */
export const Tag = ({ kind = "", sign, children }) =>
  html`<span class="tag ${kind}"><span aria-hidden="true">${sign}</span> ${children}</span>`;

export const StatusTag = ({ status, children }) =>
  status === "game_in_progress_betting_active"
    ? html`<${Tag} kind="live" sign="●">${children}<//>`
    : html`<${Tag} sign=${status === "game_closed" ? "■" : "○"}>${children}<//>`;

/** Return the server's time, renewed each second. */
export function useNow() {
  const [, renew] = useState(0);
  useEffect(() => eachSecond(() => renew((count) => count + 1)), []);
  return serverClock.now();
}

/** Run `act` now and whenever one of `inputs` changes; again each minute, and when the page is shown again. */
export function useWhileShown(act, inputs) {
  useEffect(() => {
    const again = () => document.hidden || act();
    act();
    const timer = setInterval(again, MINUTE_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, inputs);
}

/** Return refs of the button that opens a part, and of what has the focus in the part: the focus goes along. */
export function useFocusOf(isOpen) {
  const [button, first, wasOpen] = [useRef(null), useRef(null), useRef(isOpen)];
  useEffect(() => {
    if (wasOpen.current !== isOpen) (isOpen ? first : button).current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return { button, first };
}

/** Return [shown, button]: the first `count` of a list, and a button in its heading that shows all of them. */
export function useFirst(list, count) {
  const [isAll, showAll] = useState(false);
  if (list.length <= count) return [list, null];
  const text = isAll ? `First ${count}` : `All ${list.length}`;
  return [isAll ? list : list.slice(0, count), html`<button type="button" class="link" onClick=${() => showAll(!isAll)}>${text}</button>`];
}

/** What is left until a time, in flaps, and the clock time below: "closes 21:14:30". */
export function Due({ at, word, over, size = "" }) {
  const rest = left(at - useNow());
  return html`
    <div class="due">
      ${rest ? html`<${Flap} text=${rest} size=${size} words="${word} in ${rest}" />` : html`<b class="over">${over}</b>`}
      <span class="note">${word} ${when(at)}</span>
    </div>`;
}

/** What is left until a time, as text: "closes in 0:42", then `over`. */
export function Left({ at, before = "", after = "", over }) {
  const rest = left(at - useNow());
  if (!rest) return html`<span>${over}</span>`;
  return html`<span>${before && `${before} `}<span class="left">${rest}</span>${after && ` ${after}`}</span>`;
}

/** A line that empties until a time: `span` ms long in all. */
export function Drain({ at, span }) {
  const rest = Math.max(0, Math.min(1, (at - useNow()) / span));
  return html`<div class="drain"><span style=${{ width: `${rest * 100}%` }}></span></div>`;
}

/** Return whether there is no connection, so that nothing can be changed now. */
export const isCutOff = ({ status }) => status.phase !== "connected";

/** Run a request. Return [state, run]: {error, notice, isBusy}; `run` takes a function. */
export function useRequest() {
  const [state, setState] = useState({});
  const run = async (request) => {
    setState({ isBusy: true });
    try {
      const notice = await request();
      setState({ notice: typeof notice === "string" ? notice : null });
    } catch (refused) {
      setState({ error: refused });
    }
  };
  return [state, run];
}

const NO_ANSWER = "The server is not responding. Check your connection and try again.";
/** The labels of parameters that have a field in several rooms. */
const LABELS = {
  amount: "The stake", reason: "The reason", text: "The message", happened_at: "The time", username: "The username",
  description: "The question", targets: "The targets", action: "“Decided by”", stop_accepting_bets_at: "“Bets close”", finish_at: "“Ends”",
};

/** The text of a refusal, or of a failure. Times and amounts are the reader's. `labels`: those of the form, by parameter. */
export const textOf = (error, labels = {}) =>
  withAmounts(inLabels({ text: error.raw?.text ?? error.text ?? NO_ANSWER, code: error.code, parameter: error.parameter }, { ...LABELS, ...labels }))
    .replace(/(\d+) \(epoch ms\)/g, (_, t) => when(Number(t)));
