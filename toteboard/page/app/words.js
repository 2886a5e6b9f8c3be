// Texts for values from the wire: statuses, targets, times in the reader's locale, users.

import { count, money, oddsText } from "./money.js";

export const STATUS = {
  betting_not_yet_active: "Not open yet",
  pre_game_betting_active: "Before the match",
  game_in_progress_betting_active: "In play",
  game_in_progress_betting_closed: "Closing",
  game_closed: "Closed",
};

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const SHORT = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const SECONDS = new Intl.NumberFormat();
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const DAYS_AGO = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** The latest time of a Date, in ms. Times on the wire can be later. */
const FARTHEST = 8_640_000_000_000_000;

export const clock = (t) => written(CLOCK, t);
export const shortClock = (t) => written(SHORT, t);
export const day = (t) => written(DATE, t);
/** Return how many days ago a day was, as a word: "today" or "yesterday" in the reader's language. */
export const daysAgoText = (ago) => DAYS_AGO.format(-ago, "day");

/** Return a time as text, without the date if it is within 12 hours of `now`. */
export const when = (t, now = Date.now()) => written(Math.abs(t - now) < 12 * 3600_000 ? CLOCK : DAY, t);

function written(format, t) {
  if (!Number.isFinite(t)) return "–";
  if (Math.abs(t) > FARTHEST) return t > 0 ? "after the year 275760" : "before the year 271821 BC";
  return format.format(t);
}

/** Return what is left until a time, such as `0:42` or `1:31:12`; null once it has come. */
export function left(ms) {
  if (ms <= 0) return null;
  const seconds = Math.ceil(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Return a duration in seconds as text. */
export const seconds = (ms) => `${SECONDS.format(ms / 1000)} s`;

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** Return the display names of a target's path, such as `Brazil · 7`. */
export function targetName(details, path) {
  if (path === "none") return "None of them";
  let level = details?.targets ?? {};
  const names = path.split(":").map((id) => {
    const target = level[id];
    level = target?.targets ?? {};
    return target?.display_name ?? (id === "yes" ? "Yes" : id === "no" ? "No" : id);
  });
  return names.join(" · ");
}

/** Return the paths of all targets below `targets`, parents first. */
export function targetPaths(targets, prefix = "") {
  return Object.entries(targets ?? {}).flatMap(([id, target]) => [
    prefix + id,
    ...targetPaths(target.targets, `${prefix}${id}:`),
  ]);
}

/** Return the paths at or below `path` that an event can have: targets without targets below. */
export function leavesOf(details, path) {
  const paths = targetPaths(details.targets).filter((each) => each === path || each.startsWith(`${path}:`));
  return paths.filter((each) => each !== "none" && !paths.some((other) => other.startsWith(`${each}:`)));
}

/** Return the names of all winners of an ended pool, joined; empty if it was cancelled. */
export function winnersText(details, { winning_targets: winners = [], winning_target: winner }) {
  const paths = winners.length > 0 ? winners : winner ? [winner] : [];
  return paths.map((path) => targetName(details, path)).join(" and ");
}

/** Return what an ended pool paid for 1 on each winner, and what became of its stakes, as sentences. */
export function outcomeText(details, result) {
  const { is_money_return: isReturn, invalidated_bettors: late, losers, carried_out: carried = 0 } = result;
  const gains = Object.values(result.winners);
  const won = gains.reduce((sum, amount) => sum + amount, 0);
  const outcome = isReturn
    ? "All stakes refunded"
    : gains.length > 0
      ? `${plural(gains.length, "winner")} won ${money(won)} from ${plural(Object.keys(losers).length, "bettor")}`
      : carried > 0 ? "No bet on it" : "No bets";
  const rest = [
    ...(carried > 0 ? [`${money(carried)} carried over to a later pool`] : []),
    ...(late.length > 0 ? [`${plural(late.length, "late bettor")} refunded`] : []),
  ];
  return [pricesText(details, result.prices ?? {}) + outcome, ...rest].join("; ");
}

/** Return prices as the start of a text: without names if there is one winner. */
function pricesText(details, prices) {
  const paid = Object.entries(prices).map(([path, price]) => ({ name: targetName(details, path), price: oddsText(price) }));
  if (paid.length === 0) return "";
  const each = paid.length === 1 ? paid[0].price : paid.map(({ name, price }) => `${price} on ${name}`).join(", ");
  return `Paid ${each} for 1. `;
}

const CLOSED = new Set(["pool_resolved", "pool_blocked", "game_not_open", "game_closed"]);

/** Return why betting is over for a bet that was refused; null if the text of the refusal names nothing by its ID. */
export const closedText = ({ code, raw }, description) =>
  CLOSED.has(code) && /'[^']+'/.test(raw.text) ? `Betting on “${description}” has closed.` : null;

export const actionName = (details, id) => details?.actions[id]?.name ?? id;

/** Return a user's name if any game has shown it, or else the ID. */
export function userName(page, userId) {
  if (Number(userId) === page.user?.id) return `${page.user.username} (you)`;
  return Object.values(page.games).find(({ people }) => people[userId])?.people[userId].name ?? `user ${userId}`;
}
