// Copies what the page uses of its libraries from node_modules/ to vendor/, as plain modules.
// Run by `make page`; no bundler: a bare import is given its path.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const from = (name) => join(here, "node_modules", name);
const to = (name) => join(here, "vendor", name);

const withoutMap = (text) => text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
const asItIs = (text) => text;
const besidePreact = (text) => text.replaceAll(/from\s*"preact"/g, 'from"./preact.js"');

const MODULES = [
  ["preact/dist/preact.mjs", "preact.js", asItIs],
  ["preact/hooks/dist/hooks.mjs", "hooks.js", besidePreact],
  ["htm/dist/htm.module.js", "htm.js", asItIs],
  ["js-sha256/build/sha256.min.mjs", "sha256.js", asItIs],
];

const LICENCES = [
  ["preact/LICENSE", "preact.LICENSE.txt"],
  ["htm/LICENSE", "htm.LICENSE.txt"],
  ["js-sha256/LICENSE.txt", "js-sha256.LICENSE.txt"],
];

await rm(to(""), { recursive: true, force: true });
await mkdir(to(""));
for (const [source, target, change] of MODULES) {
  const text = await readFile(from(source), "utf8");
  await writeFile(to(target), change(withoutMap(text)));
}
for (const [source, target] of LICENCES) await cp(from(source), to(target));
