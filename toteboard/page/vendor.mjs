// Copies what the page uses to vendor/, as plain modules: libraries from node_modules/, and the client
// for JavaScript from clients/js/.
// `make page` runs it. There is no bundler, so a bare import is replaced by a path.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const CLIENT = join(here, "../../clients/js");
const from = (name) => join(here, "node_modules", name);
const to = (name) => join(here, "vendor", name);

const withoutMap = (text) => text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
const unchanged = (text) => text;
const besidePreact = (text) => text.replaceAll(/from\s*"preact"/g, 'from"./preact.js"');

const MODULES = [
  ["preact/dist/preact.mjs", "preact.js", unchanged],
  ["preact/hooks/dist/hooks.mjs", "hooks.js", besidePreact],
  ["htm/dist/htm.module.js", "htm.js", unchanged],
];

const LICENCES = [
  ["preact/LICENSE", "preact.LICENSE.txt"],
  ["htm/LICENSE", "htm.LICENSE.txt"],
];

await rm(to(""), { recursive: true, force: true });
await mkdir(to(""));
for (const [source, target, change] of MODULES) {
  const text = await readFile(from(source), "utf8");
  await writeFile(to(target), change(withoutMap(text)));
}
for (const [source, target] of LICENCES) await cp(from(source), to(target));
await cp(join(CLIENT, "src"), to("client"), { recursive: true, filter: (path) => !path.endsWith(".d.ts") });
