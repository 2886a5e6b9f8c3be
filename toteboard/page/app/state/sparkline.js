// The small chart of one target's odds: steps on a logarithmic scale, in pixels. Pure.

const [WIDTH, HEIGHT, EDGE] = [96, 28, 4];
const POINTS = 24;

/** Return {points, x, y} of the odds over time, where x and y are its end; null below two points. */
export function sparkline(history, path) {
  const known = history.filter(({ odds }) => odds[path]).slice(-POINTS);
  if (known.length < 2) return null;
  const values = known.map(({ odds }) => Math.log(odds[path]));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least === most) return null;
  const [from, span] = [known[0].t, Math.max(1, known.at(-1).t - known[0].t)];
  const x = (t) => round(((t - from) / span) * (WIDTH - EDGE));
  const y = (value) => round(HEIGHT - EDGE - ((value - least) / (most - least)) * (HEIGHT - 2 * EDGE));
  const points = known.flatMap(({ t }, i) => (i === 0 ? [[x(t), y(values[0])]] : [[x(t), y(values[i - 1])], [x(t), y(values[i])]]));
  return { points: points.map((point) => point.join(",")).join(" "), x: points.at(-1)[0], y: points.at(-1)[1] };
}

const round = (pixels) => Math.round(pixels * 10) / 10;
