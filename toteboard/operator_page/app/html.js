// The only module that imports the view library: templates, hooks, and a hook that loads.

import htm from "../vendor/htm.js";
import { useEffect, useState } from "../vendor/hooks.js";
import { h } from "../vendor/preact.js";

export { useEffect, useRef, useState } from "../vendor/hooks.js";
export { render } from "../vendor/preact.js";
export const html = htm.bind(h);

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
