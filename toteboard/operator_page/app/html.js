// The only module that imports the view library: templates, hooks, and a hook that loads.

import htm from "../vendor/htm.js";
import { useEffect, useState } from "../vendor/hooks.js";
import { h } from "../vendor/preact.js";

export { useEffect, useRef, useState } from "../vendor/hooks.js";
export { render } from "../vendor/preact.js";
export const html = htm.bind(h);

/**
 * As `useLoaded`, for a list in pages. `load(before)` returns the first page without `before`.
 * Returns also the `pages` so far, and `next`, which loads another page, if there is one.
 */
export function usePages(load, inputs) {
  const first = useLoaded(() => load(), inputs);
  const [more, setMore] = useState({});
  const of = first.value;
  const rest = more.of === of ? more.pages : [];
  const pages = of ? [of, ...rest] : [];
  const before = pages.at(-1)?.before;
  const next = () => load(before).then(
    (page) => setMore({ of, pages: [...rest, page] }),
    (error) => setMore({ of, pages: rest, error }),
  );
  return { ...first, error: first.error ?? (more.of === of ? more.error : undefined), pages, next: before ? next : null };
}

/**
 * Load something when the view appears and whenever one of `inputs` changes.
 * Returns {value, error, reload}. What a later load has overtaken is dropped.
 */
export function useLoaded(load, inputs) {
  const [{ value, error }, setState] = useState({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const keep = (state) => isCurrent && setState(state);
    load().then((loaded) => keep({ value: loaded }), (problem) => keep({ error: problem }));
    return () => { isCurrent = false; };
  }, [...inputs, round]);
  return { value, error, reload: () => setRound(round + 1) };
}
