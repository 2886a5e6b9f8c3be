/** Return this many random bytes in lower-case hex. @param {number} bytes */
export function randomHex(bytes: number): string;
/**
 * Return the server's URL, signed for one connection.
 * @param {string} url
 * @param {SessionKey} sessionKey
 */
export function signedUrl(url: string, { id, key }: SessionKey, nonce?: string): string;
/** Return the server's URL for a connection without a user. @param {string} url */
export function guestUrl(url: string): string;
/**
 * Obtain a session key with a username and a password. Throws a `SignInRefusedError` if the server
 * refuses them, and an `Error` if there is no valid response.
 * @param {Password} credentials
 * @returns {Promise<SessionKey>}
 */
export function logIn({ httpUrl, username, password }: Password): Promise<SessionKey>;
/** Supplies the URL of each connection, signed with a key. */
export class KeyRing {
    /** @param {Credentials} credentials */
    constructor(credentials: Credentials);
    credentials: Credentials;
    /**
     * Return the URL of one connection, signed with a new key if `anew`.
     * @param {string} url
     * @param {boolean} anew
     */
    signed(url: string, anew: boolean): Promise<string>;
    #private;
}
/**
 * As `toteboard user add` prints them.
 */
export type SessionKey = {
    id: number;
    key: string;
};
/**
 * Signs in over HTTP, at
 *   the server's public port, and again when the key has expired.
 */
export type Password = {
    httpUrl: string;
    username: string;
    password: string;
};
/**
 * Signs nobody in: the session can look at games.
 */
export type Guest = {
    guest: true;
};
export type Credentials = SessionKey | Password | Guest;
