// The list of games, which is requested again and again while a room shows something of it.

import { useEffect, useState } from "../html.js";
import { poll } from "../polling.js";

/**
 * Request the games that match `query` while the page is visible and connected; none if it is null.
 * `pauseAfter` returns the ms until the next request, from the games, or from null if there are none to see;
 * it returns null to stop. `isWanted` returns whether a request is needed now. Return the last error, or null.
 */
export function useList({ app, page, query, pauseAfter, isWanted = () => true }) {
  const [error, setError] = useState(null);
  const isConnected = page.status.phase === "connected";
  useEffect(() => {
    // While there is no connection, the session keeps every request, and sends all of them after it.
    if (query === null || !isConnected) return undefined;
    const finished = (games, refused) => {
      setError(refused && { query, refused });
      return pauseAfter(games);
    };
    const ask = () => app.visits.list(query).then(({ games }) => finished(games, null), (refused) => finished(null, refused));
    return poll(() => (isWanted() ? ask() : pauseAfter(null)));
  }, [query, isConnected]);
  return error?.query === query ? error.refused : null;
}
