/** Return the digest of a text in UTF-8, in lower-case hex. @param {string} text */
export function sha256(text: string): string;
