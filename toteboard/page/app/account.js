// The user of this tab, stored until the tab is closed, and the sign-in by password.

const KEPT = "toteboard-session";

/** Return the user of this tab, {id, username, key, way}, or null for a guest. `way` is "key" or absent. */
export function kept() {
  try {
    const user = JSON.parse(sessionStorage.getItem(KEPT));
    return Number.isInteger(user?.id) && typeof user.key === "string" && user.key ? user : null;
  } catch {
    return null; // The browser allows no storage, or the value is damaged.
  }
}

export function keep(user) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(user));
  } catch {
    // The browser allows no storage, or it is full: a reload signs the user out.
  }
}

/** Store the name of the user, unless the user has signed out. */
export function rename(user) {
  if (kept()?.id === user.id) keep(user);
}

export function forget() {
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // The browser allows no storage, so nothing is stored.
  }
}

/** Return how a user signed in, without the secret: {way, typed}, as the sign-in shows them. */
export function signInOf({ way = "login", id, username }) {
  return { way, typed: way === "key" ? { id: String(id) } : { username } };
}

/** Sign in ("login") or sign up ("signup") with a password. Throws the refusal, {text, ...}. */
export function byPassword(way, username, password) {
  return posted(`r/${way}/`, { username, password });
}

/** Change the user's password. Return the user, as a sign-in does. Throws the refusal, {text, ...}. */
export function changePassword(values) {
  return posted("r/password/", values);
}

/** End all sessions of the user. Return the user with a new key. Throws the refusal, {text, ...}. */
export function signOutOthers(values) {
  return posted("r/signout/", values);
}

async function posted(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw answer;
  return { id: answer.id, username: answer.username, key: answer.user_session_key };
}
