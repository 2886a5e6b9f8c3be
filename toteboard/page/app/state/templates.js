// Pools to open once more: the last ones of a game, and of its source before. Pure.

import { targetPaths } from "../words.js";
import { isBinary } from "./pool.js";

const SHOWN = 6;
const KEPT = 12;
/** The action of a template that an admin decides. */
export const YES_OR_NO = "";
/** The times that a form offers, in minutes. */
export const MINUTES = ["1", "5", "15", "45"];

/** Return the templates of the pools of a game, the newest first. `targets` null: not known here. */
export function templatesOf({ pools, results }) {
  const open = Object.values(pools).toSorted((a, b) => b.start_at - a.start_at);
  return once([...open.map(ofPool), ...results.map((result) => (result.pool ? ofPool(result.pool) : ofResult(result)))]);
}

/** Return the templates in the text that a browser keeps, by source. Leave out what is no template. Throws if it is no JSON. */
export function keptIn(text) {
  const sources = Object.entries(JSON.parse(text) ?? {}).filter(([, templates]) => Array.isArray(templates));
  return Object.fromEntries(sources.map(([source, templates]) => [source, templates.filter(isTemplate)]));
}

function isTemplate(value) {
  const { description, action, targets } = value ?? {};
  return typeof description === "string" && typeof action === "string" && (targets === null || Array.isArray(targets));
}

/** Return the templates to keep or show: those of this game, then those of the source before. */
export function withEarlier(own, earlier) {
  const known = new Map(earlier.map((template) => [template.description, template]));
  const full = own.map((template) => (template.poolId ? known.get(template.description) ?? template : template));
  return once([...full, ...earlier]).slice(0, KEPT);
}

/** Return the templates that fit a game, with the targets that it has: all of them, or else the usual ones. */
export function fitting(templates, { pools }, details) {
  const open = Object.values(pools).map(({ description }) => description);
  const paths = targetPaths(details.targets);
  const isHere = ({ description, action }) => !open.includes(description) && (action === YES_OR_NO || action in details.actions);
  const targetsIn = ({ targets }) => (targets?.every((path) => paths.includes(path)) ? targets : null);
  return templates.filter(isHere).slice(0, SHOWN).map((template) => ({ ...template, targets: targetsIn(template) }));
}

const once = (templates) => templates.filter(({ description }, place) =>
  templates.findIndex((each) => each.description === description) === place);

function ofPool(pool) {
  const { description, action_id: action, start_at: from, stop_accepting_bets_at: stops, finish_at: ends } = pool;
  return {
    description,
    action: isBinary(pool) ? YES_OR_NO : action,
    minutes: minutesOf(stops - from),
    ends: minutesOf(ends - from),
    targets: isBinary(pool) ? null : Object.keys(pool.distribution).filter((path) => path !== "none"),
    isHot: pool.is_hot,
    isReopened: pool.recreate_on_end,
    isHeld: pool.confirm_for > 0,
  };
}

/** The list of results has no targets: `poolId` is where they are found. */
function ofResult(result) {
  const { pool_id: poolId, description, action_id: action } = result;
  const what = isBinary(result) ? { action: YES_OR_NO } : { action, poolId };
  return { description, ...what, minutes: "", ends: "", targets: null, isHot: false, isReopened: false, isHeld: false };
}

function minutesOf(ms) {
  const minutes = String(Math.round(ms / 60_000));
  return MINUTES.includes(minutes) ? minutes : "";
}
