// Builds what the pages load into the folder named on the command line: fingerprinted files, each with a brotli twin, and manifest.json.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const source = dirname(here);
const out = process.argv[2] ?? join(source, "obj", "pages");
const manifest = {};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const pages = readdirSync(source, { recursive: true })
  .filter((name) => !/(^|\/)(bin|obj|node_modules)\//.test(name) && /\.(razor|cs|ts)$/.test(name))
  .map((name) => join(source, name));
const texts = pages.map((name) => readFileSync(name, "utf8")).join("\n");

for (const script of readdirSync(here).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))) {
  const built = await build({
    entryPoints: [join(here, script)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    legalComments: "none",
  });
  keep(script.replace(/\.ts$/, ".js"), built.outputFiles[0].contents);
}

const style = await build({ entryPoints: [join(here, "app.css")], bundle: true, minify: true, write: false, loader: { ".svg": "dataurl" }, legalComments: "none" });
// Only the rules that some page can need: Tabler has half a megabyte of them.
const [purged] = await new PurgeCSS().purge({
  content: [{ raw: texts, extension: "html" }],
  css: [{ raw: style.outputFiles[0].text }],
  defaultExtractor: (content) => content.match(/[\w-]+/g) ?? [],
  safelist: { standard: [/^htmx-/, "dark", "light"], greedy: [/data-bs-theme/] },
  variables: false,
});
keep("app.css", purged.css);

// Named in <Icon …>, in Icon="…" of another component, or in Icon: "…" of a record.
const named = [...texts.matchAll(/<Icon [^>]*>/g)].flatMap((tag) => [...tag[0].matchAll(/"([a-z0-9-]+)"/g)].map((match) => match[1]));
const passed = [...texts.matchAll(/\bIcon(?:="|: ")([a-z0-9-]+)"/g)].map((match) => match[1]);
const icons = [...new Set([...named, ...passed])].filter((name) => existsSync(icon(name))).sort();
keep("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${icons.map(symbol).join("")}</svg>`);
keep("favicon.svg", readFileSync(join(here, "favicon.svg")));
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest));

function symbol(name) {
  const svg = readFileSync(icon(name), "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").trim()}</symbol>`;
}

function icon(name) {
  return join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
}

function keep(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const file = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  writeFileSync(join(out, file), bytes);
  writeFileSync(join(out, `${file}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  manifest[name] = file;
}
