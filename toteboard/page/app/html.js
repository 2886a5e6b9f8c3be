// The only module that imports the view library: templates, hooks, and two wrappers for views.

import htm from "../vendor/htm.js";
import { Component, h } from "../vendor/preact.js";

export { render } from "../vendor/preact.js";
export { useEffect, useMemo, useRef, useState } from "../vendor/hooks.js";
export const html = htm.bind(h);

/** Wrap a view so that its failure affects nothing else. `instead` renders the replacement. */
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

/** Wrap a view so that it is rendered again only when a property has changed. */
export const memo = (View) =>
  class extends Component {
    shouldComponentUpdate(next) {
      return Object.keys(next).some((name) => next[name] !== this.props[name]);
    }

    render(properties) {
      return h(View, properties);
    }
  };
