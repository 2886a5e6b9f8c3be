// The events of one moment, a dead heat, and what they leave of a result. Pure.
// The counterpart of `_reconsidered` and `_settled_again` in game/corrections.py.

const firstOf = (events, id) => events[id]?.together_with ?? id;

/** Return the id of an event of the moment that still counts, or null. `first`: the first event of the moment. */
export function standingOf(events, first) {
  const isStanding = (id) => firstOf(events, id) === first && !events[id].taken_back_at;
  return Object.keys(events).find(isStanding) ?? null;
}

/**
 * Return the winners that are left without an event, or null if they stay as they are. None: no other event of the
 * moment decides the pool. `result`: a decided pool or a receipt. Its `event_id` is the first event of its moment.
 */
export function winnersWithout(events, id, { event_id: first, winning_targets: winners }) {
  if (firstOf(events, id) !== first) return null;
  const isOther = (other) => other !== id && firstOf(events, other) === first && !events[other].taken_back_at;
  const paths = Object.keys(events).filter(isOther).map((other) => events[other].target_id);
  const left = winners.filter((winner) => paths.some((path) => path === winner || path.startsWith(`${winner}:`)));
  return left.length === winners.length ? null : left;
}
