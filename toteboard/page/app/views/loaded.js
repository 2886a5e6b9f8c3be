// Loads what a view needs, and again after a failure.

import { useEffect, useRef, useState } from "../html.js";

const RETRY_MS = 1000;

/**
 * Load each of `wanted`, {key, version}, with `load`, which takes a key. Return {values, error}: the values by key, and
 * why one has not been loaded, or null. A failed load is repeated after a second. A newer version is loaded after the
 * load that is under way: a key that changes often would never finish a load that each change starts again.
 */
export function useLoaded(wanted, load) {
  const [{ values, errors }, setState] = useState({ values: {}, errors: {} });
  const [, renew] = useState(0);
  const versions = useRef(new Map());
  const loading = useRef(new Set());
  const retry = useRef({ timer: null, isOver: false });
  useEffect(() => () => {
    clearTimeout(retry.current.timer);
    retry.current.isOver = true;
  }, []);
  const retryLater = () => {
    if (retry.current.timer || retry.current.isOver) return;
    retry.current.timer = setTimeout(() => {
      retry.current.timer = null;
      renew((count) => count + 1);
    }, RETRY_MS);
  };
  useEffect(() => {
    if (retry.current.timer) return;
    for (const { key, version } of wanted) {
      if (versions.current.get(key) === version || loading.current.has(key)) continue;
      loading.current.add(key);
      versions.current.set(key, version);
      const loaded = (value) => setState((known) => ({
        values: { ...known.values, [key]: value }, errors: { ...known.errors, [key]: null },
      }));
      const failed = (error) => {
        versions.current.delete(key);
        setState((known) => ({ ...known, errors: { ...known.errors, [key]: error } }));
        retryLater();
      };
      load(key).finally(() => loading.current.delete(key)).then(loaded, failed);
    }
  });
  const missing = wanted.find(({ key }) => !values[key] && errors[key]);
  return { values, error: missing ? errors[missing.key] : null };
}
