// The one door to the view library: markup as template strings, hooks, and views that rest.

import htm from "../vendor/htm.js";
import { Component, h } from "../vendor/preact.js";

export { render } from "../vendor/preact.js";
export { useEffect, useMemo, useRef, useState } from "../vendor/hooks.js";
export const html = htm.bind(h);

/** A view that fails alone: what `instead` makes of its properties stands in its place. */
export const contained = (View, instead) =>
  class extends Component {
    static getDerivedStateFromError(error) {
      return { error };
    }

    componentDidCatch(error) {
      console.error(error);
    }

    render(properties, { error }) {
      return error ? instead(properties) : h(View, properties);
    }
  };

/** A view that is drawn again only when one of its properties is another one. */
export const memo = (View) =>
  class extends Component {
    shouldComponentUpdate(next) {
      return Object.keys(next).some((name) => next[name] !== this.props[name]);
    }

    render(properties) {
      return h(View, properties);
    }
  };
