// The state of the page. Every message is reduced immediately; watchers are called once per frame.

export class Store {
  #watchers = new Set();
  #isScheduled = false;

  /** `frame` schedules a call before the next frame is rendered. */
  constructor(state, reduce, frame = requestAnimationFrame) {
    this.state = state;
    this.reduce = reduce;
    this.frame = (call) => frame(call);
  }

  apply(name, message, request) {
    this.set(this.reduce(this.state, name, message, request));
  }

  /** Replace the state. */
  set(state) {
    if (state === this.state) return;
    this.state = state;
    this.#schedule();
  }

  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.frame(() => {
      this.#isScheduled = false;
      this.#watchers.forEach((watcher) => watcher(this.state));
    });
  }
}
