// The configuration workerd is started with, in Cap'n Proto's text format.

/** One Worker with these text bindings; `index.js` and `rate-limit-stand-in.js` lie beside the configuration. */
export function workerdConfig({
  bindings,
  compatibilityDate,
}: {
  bindings: Record<string, string>
  compatibilityDate: string
}): string {
  const texts = Object.entries(bindings).map(
    ([name, value]) => `(name = ${quote(name)}, text = ${quote(value)}),`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  extensions = [(modules = [(name = "harness:rate-limit", esModule = embed "rate-limit-stand-in.js", internal = true)])],
);
const main :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = ${quote(compatibilityDate)},
  globalOutbound = "internet",
  bindings = [
    ${texts.join('\n    ')}
    (name = "FLOOR", wrapped = (moduleName = "harness:rate-limit", entrypoint = "createRateLimit")),
  ],
);
`
}

/** Cap'n Proto has the escapes of JSON except `\u`, which stands for control characters only. */
function quote(text: string): string {
  return JSON.stringify(text)
}
