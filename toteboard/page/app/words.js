// Words for what the wire says in codes: statuses, pool types, targets, times.

export const STATUS = {
  betting_not_yet_active: "Not open yet",
  pre_game_betting_active: "Open before the match",
  game_in_progress_betting_active: "In play",
  game_in_progress_betting_closed: "Closing",
  game_closed: "Closed",
};

export const POOL_TYPES = [
  [1, "Next event decides it"],
  [2, "Next event decides it, or time runs out"],
  [3, "Yes or no, decided by you"],
  [4, "Yes or no, decided by you, or time runs out"],
];

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** The greatest distance from 1970 that a Date holds, in ms; the wire's times go a little further. */
const FARTHEST = 8_640_000_000_000_000;

export const clock = (t) => written(CLOCK, t);

/** A time for people: only the clock if it is within half a day of `now`. */
export const when = (t, now = Date.now()) => written(Math.abs(t - now) < 12 * 3600_000 ? CLOCK : DAY, t);

function written(format, t) {
  if (!Number.isFinite(t)) return "–";
  if (Math.abs(t) > FARTHEST) return t > 0 ? "after the year 275760" : "before the year 271821 BC";
  return format.format(t);
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** A target's path by its display names, `Brazil · 7`. */
export function targetName(details, path) {
  let level = details?.targets ?? {};
  const names = path.split(":").map((id) => {
    const target = level[id];
    level = target?.targets ?? {};
    return path === "none" ? "None of them" : target?.display_name ?? (id === "yes" ? "Yes" : id === "no" ? "No" : id);
  });
  return names.join(" · ");
}

/** Every target's path below `targets`, parents first. */
export function targetPaths(targets, prefix = "") {
  return Object.entries(targets ?? {}).flatMap(([id, target]) => [
    prefix + id,
    ...targetPaths(target.targets, `${prefix}${id}:`),
  ]);
}

export const actionName = (details, id) => details?.actions[id]?.name ?? id;

/** Who a user is, by the names heard so far, in whichever game. */
export function userName(page, userId) {
  if (Number(userId) === page.user.id) return `${page.user.username} (you)`;
  return Object.values(page.games).find(({ people }) => people[userId])?.people[userId].name ?? `user ${userId}`;
}
