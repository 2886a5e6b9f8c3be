// A client of Toteboard for browsers and Node: `import { openSession } from "@toteboard/client"`.

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
