// The application behind the gateway, which remembers every line of every request.

import { html, serve } from '../shared/servers.mjs';

const PAGE = `<!doctype html><title>reports</title><h1>Reports</h1>
<iframe data-sigma-embed="revenue" width="600" height="400"></iframe>`;

/// Gives `{ heard, of, stop }`; `of(path)` are the requests for a path.
export async function startApplication(port) {
  const heard = [];
  const server = await serve(port, (asked) => {
    heard.push({ method: asked.method, path: asked.url, host: asked.headers.host, ...linesOf(asked.rawHeaders) });
    return html(PAGE);
  });
  return { heard, of: (path) => heard.filter((one) => one.path === path), stop: server.stop };
}

function linesOf(raw) {
  const lines = [];
  for (let at = 0; at < raw.length; at += 2) lines.push([raw[at].toLowerCase(), raw[at + 1]]);
  const value = (name) => lines.find(([other]) => other === name)?.[1];
  const told = ['user', 'email', 'groups'].map((name) => [name, value(`x-forwarded-${name}`)]);
  return { lines, ...Object.fromEntries(told) };
}
