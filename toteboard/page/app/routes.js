// The address after the '#': which view, and of what.

const VIEWS = new Set(["games", "board", "desk", "inspector"]);

/** `#/board/<game id>` as {view, id}; anything unknown is the games. */
export function route(hash = location.hash) {
  const [view, id] = hash.replace(/^#\/?/, "").split("/");
  return VIEWS.has(view) ? { view, id: id ? decoded(id) : null } : { view: "games", id: null };
}

function decoded(id) {
  try {
    return decodeURIComponent(id);
  } catch {
    return id; // a stray %: an id that the server does not know
  }
}
