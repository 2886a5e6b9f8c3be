// Who is signed in, for as long as the browser's tab lives, and how one becomes that.

const KEPT = "toteboard-session";

/** The user that signed in in this tab, or null: {id, username, key}. */
export function kept() {
  return JSON.parse(sessionStorage.getItem(KEPT));
}

export function keep(session) {
  sessionStorage.setItem(KEPT, JSON.stringify(session));
}

/** A name was learnt of who is signed in; after a sign-out nothing is kept. */
export function rename(session) {
  if (kept()?.id === session.id) keep(session);
}

export function forget() {
  sessionStorage.removeItem(KEPT);
}

/** Sign in ("login") or up ("signup") by name and password; throws the refusal, {text, ...}. */
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
