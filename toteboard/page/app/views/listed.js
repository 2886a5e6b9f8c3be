// The list of games, which is requested again and again while a room shows something of it.

import { useEffect, useRef, useState } from "../html.js";

const REFRESH_MS = 3000;
const AT_ONCE = 60;

/** Request the games that match `query` while the page is visible; none if it is null. Return the last error, or null. */
export function useList(app, query) {
  const [error, setError] = useState(null);
  const asked = useRef(0);
  useEffect(() => {
    if (query === null) return undefined;
    const ask = () => {
      if (document.hidden) return;
      const number = ++asked.current;
      app.ask("list_games", query ? { query, limit: AT_ONCE } : { limit: AT_ONCE })
        .then(() => setError(null), (refused) => number === asked.current && setError(refused));
    };
    ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => clearInterval(timer);
  }, [query]);
  return error;
}
