// A client of Toteboard for browsers and Node: `import { openSession } from "@toteboard/client"`.

/** @typedef {import("./ids.js").GameId} GameId */
/** @typedef {import("./ids.js").PoolId} PoolId */
/** @typedef {import("./limits.js").Limits} Limits */
/** @typedef {import("./money.js").Amount} Amount */
/** @typedef {import("./news.js").News} News */
/** @typedef {import("./sign_in.js").Credentials} Credentials */

export {
  ConnectionFailedError,
  RefusedError,
  SessionClosedError,
  SignInRefusedError,
  ToteboardError,
} from "./errors.js";
export { Op } from "./generated/operations.js";
export { Res } from "./generated/shapes.js";
export { Game } from "./game.js";
export { Money } from "./money.js";
export { Dropped, Missed, NotResumed, Resumed, Skipped } from "./news.js";
export { Session, openSession } from "./session.js";
export { guestUrl, logIn, signedUrl } from "./sign_in.js";
