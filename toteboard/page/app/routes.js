// The address after the '#': the room, and the ID of what it shows.

const ROOMS = { "": "lobby", g: "board", board: "board", desk: "desk", account: "account", inspector: "inspector" };

/** Return {room, id} of an address such as `#/g/<game id>`. An unknown one leads to the lobby. */
export function route(hash = location.hash) {
  const [place, id] = hash.replace(/^#\/?/, "").split("/");
  const room = ROOMS[place] ?? "lobby";
  if (room === "board" && !id) return { room: "lobby", id: null };
  return { room, id: id ? decoded(id) : null };
}

/** Return the link to a game that users share. */
export const linkTo = (gameId) => `${location.origin}${location.pathname}#/g/${gameId}`;

function decoded(id) {
  try {
    return decodeURIComponent(id);
  } catch {
    return id; // A stray %. The server does not know this ID.
  }
}
