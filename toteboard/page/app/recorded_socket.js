// A WebSocket whose frames the inspector can show.

/** Return a class of WebSockets that records every frame in `frames`. `newest` is the open one. */
export function recorded(Socket, frames) {
  return class RecordedSocket extends Socket {
    static newest = null;

    constructor(url) {
      super(url);
      RecordedSocket.newest = this;
      this.addEventListener("message", ({ data }) => frames.received(data));
    }

    send(text) {
      frames.sent(text);
      super.send(text);
    }

    /** Send a frame of the user, if the connection is open. Return whether it is. */
    sendByHand(text) {
      const isOpen = this.readyState === Socket.OPEN;
      if (isOpen) this.send(text);
      return isOpen;
    }
  };
}
