// A request that is repeated while the page is shown.

/**
 * Call `ask` now, and again after the pause in ms that it resolves with; null ends it. A hidden page
 * waits until it is shown. Return how to stop.
 */
export function poll(ask) {
  let timer = null;
  let isOver = false;
  const next = async () => {
    if (document.hidden) return document.addEventListener("visibilitychange", next, { once: true });
    const pause = await ask();
    if (!isOver && pause !== null) timer = setTimeout(next, pause);
  };
  next();
  return () => {
    isOver = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", next);
  };
}
