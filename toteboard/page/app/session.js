// The signed-in user, stored until the browser's tab is closed, and the sign-in by password.

const KEPT = "toteboard-session";

/** Return the user of this tab, {id, username, key}, or null. */
export function kept() {
  return JSON.parse(sessionStorage.getItem(KEPT));
}

export function keep(session) {
  sessionStorage.setItem(KEPT, JSON.stringify(session));
}

/** Store the name of the signed-in user, unless the user has signed out. */
export function rename(session) {
  if (kept()?.id === session.id) keep(session);
}

export function forget() {
  sessionStorage.removeItem(KEPT);
}

/** Sign in ("login") or sign up ("signup") with a password. Throws the refusal, {text, ...}. */
export async function byPassword(way, username, password) {
  const response = await fetch(`r/${way}/`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  const answer = await response.json();
  if (!response.ok) throw answer;
  return { id: answer.id, username: answer.username, key: answer.user_session_key };
}
