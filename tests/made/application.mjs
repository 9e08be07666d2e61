// The application: pages whose own code makes frames and opens windows with Sigma's URLs. It knows nothing of the
// gateway.

import fs from 'node:fs';
import path from 'node:path';
import { html, json, serve } from '../shared/servers.mjs';
import { WAYS } from './ways.mjs';

const folderOf = (name) => path.join(import.meta.dirname, 'node_modules', name);
const LIBRARIES = {
  jquery: 'jquery/dist/jquery.js',
  jquery1: 'jquery1/dist/jquery.js',
  react: 'react/umd/react.production.min.js',
  'react-dom': 'react-dom/umd/react-dom.production.min.js',
  angular: 'angular/angular.js',
  htmx: 'htmx.org/dist/htmx.js',
  turbolinks: 'turbolinks/dist/turbolinks.js',
};

export async function startApplication({ port, sigma }) {
  const answer = async (request) => {
    const url = new URL(request.url, 'http://application');
    const [, kind, name] = url.pathname.split('/');
    const way = WAYS.find((way) => way.name === decodeURIComponent(name ?? ''));
    if (kind === 'library') return script(fs.readFileSync(folderOf(LIBRARIES[name]), 'utf8'));
    if (url.pathname === '/config.js') return script(configuration(sigma));
    if (url.pathname === '/api/widget') return json({ title: 'Revenue', address: `${sigma.url}` });
    // What an UpdatePanel of ASP.NET gets: lengths, kinds, ids, markup.
    if (url.pathname === '/partial') return partial(`<iframe src="${sigma.url.replaceAll('&', '&amp;')}"></iframe>`);
    if (url.pathname === '/fragment') return html(`<p>fragment</p><script>${FRAMES}</script>`);
    if (kind === 'next') return html(page({ body: `<p id="next">next</p><script>${FRAMES}</script>` }));
    if (kind === 'way' && way) return html(page(way), way.headers);
    return html('<!doctype html><title>elsewhere</title><p>elsewhere</p>');
  };
  return serve(port, answer);
}

const FRAMES = 'const made = document.createElement("iframe"); made.src = CONFIG.url; document.body.append(made);';

/// As applications have them: strings in a script of its own.
const configuration = (urls) =>
  `window.CONFIG = ${JSON.stringify({ ...urls, markup: urls.url.replaceAll('&', '&amp;') })};`;

const script = (body) => ({ headers: { 'content-type': 'text/javascript; charset=utf-8' }, body });

const partial = (markup) => ({
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${markup.length}|updatePanel|panel|${markup}|`,
});

function page({ libraries = [], head = '', body = '', code = '', document }) {
  if (document) return document;
  const scripts = libraries.map((name) => `<script src="/library/${name}"></script>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>page</title>
<script src="/config.js"></script>${scripts}${head}</head><body>${body}<script>${code}</script></body></html>`;
}
