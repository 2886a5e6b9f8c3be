// What the page knows, and who is told: messages are reduced as they come, told once per frame.

export class Store {
  #watchers = new Set();
  #isTelling = false;

  /** `frame`: asks for a call before the next picture is drawn. */
  constructor(state, reduce, frame = requestAnimationFrame) {
    this.state = state;
    this.reduce = reduce;
    this.frame = (call) => frame(call);
  }

  apply(name, message, request) {
    this.set(this.reduce(this.state, name, message, request));
  }

  /** Put a new state in the place of the old one. */
  set(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tellSoon();
  }

  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #tellSoon() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.frame(() => {
      this.#isTelling = false;
      this.#watchers.forEach((watcher) => watcher(this.state));
    });
  }
}
