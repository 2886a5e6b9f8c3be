// The server's time, and a tick each second for everything that counts down.

/** The server's clock, as its messages show it. Between them it goes on with a clock that the user cannot set. */
class ServerClock {
  #ahead = -Infinity;

  /** Note the time `t` of a message. The one that took the shortest way shows the time best. */
  observe(t, now = performance.now()) {
    this.#ahead = Math.max(this.#ahead, t - now);
  }

  /** Return the server's time, in whole epoch ms. Before the first message it is the user's. */
  now(now = performance.now()) {
    return Number.isFinite(this.#ahead) ? Math.round(now + this.#ahead) : Date.now();
  }
}

export const serverClock = new ServerClock();

const watchers = new Set();
let timer = null;

/** Call `watcher` at the beginning of each second of the server's time. Return how to stop it. */
export function eachSecond(watcher) {
  watchers.add(watcher);
  timer ??= setTimeout(tick, untilNext());
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearTimeout(timer);
    timer = null;
  };
}

const untilNext = () => 1005 - (serverClock.now() % 1000);

function tick() {
  timer = setTimeout(tick, untilNext());
  for (const watcher of watchers) watcher();
}
