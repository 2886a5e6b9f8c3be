// The address after the '#': the view, and the ID of what it shows.

const VIEWS = new Set(["games", "board", "desk", "inspector"]);

/** Return {view, id} of an address such as `#/board/<game id>`. An unknown view shows the games. */
export function route(hash = location.hash) {
  const [view, id] = hash.replace(/^#\/?/, "").split("/");
  return VIEWS.has(view) ? { view, id: id ? decoded(id) : null } : { view: "games", id: null };
}

function decoded(id) {
  try {
    return decodeURIComponent(id);
  } catch {
    return id; // A stray %. The server does not know this ID.
  }
}
