// The application: plain pages as companies have them, with an embed in every way that there is. It knows nothing of
// the gateway; without it, its embeds are frames of a page that it does not have.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { html, redirect, serve } from '../shared/servers.mjs';
import { pageWithForm, resultOf } from './form_pages.mjs';
import { POLICIES } from './policy_pages.mjs';
import { SLOT, frame, LINK, linksOf, wayOf } from './ways.mjs';

const LIBRARIES = {
  jquery: 'jquery/dist/jquery.js',
  htmx: 'htmx.org/dist/htmx.js',
  turbolinks: 'turbolinks/dist/turbolinks.js',
  pjax: 'jquery-pjax/jquery.pjax.js',
};
/// Notes when Sigma has loaded: milliseconds since the reader asked for the page.
const LISTENER = `<script>
addEventListener('message', ({ data }) => {
  if (data?.type === 'workbook:loaded') window.loadedAt ??= performance.now();
});
</script>`;
/// More than the gateway holds of a page.
const LONG_BYTES = 300 * 1024;

/// `sigma` is the plain URL of the workbook. Gives `{requests, stored, stop}`: what was asked, with
/// what purpose; the HTML that somebody stored in `/stored`.
export async function startApplication({ port, sigma }) {
  const requests = [];
  const application = { requests, stored: '' };
  const answer = async (request, body) => {
    const url = new URL(request.url, 'http://application');
    requests.push({ path: url.pathname, purpose: request.headers['sec-purpose'] ?? '' });
    return framed(url, await page(url, { headers: request.headers, method: request.method, body, sigma, application }));
  };
  return Object.assign(application, await serve(port, answer));
}

/// How the host's page is sent: `?host=cacheable`, `no-store`, `chunked`, `long`.
function framed(url, { status = 200, headers = {}, body = '' }) {
  const host = url.searchParams.get('host') ?? '';
  const padding = host === 'long' ? `<!--${'x'.repeat(LONG_BYTES)}-->` : '';
  const text = body + padding;
  const caching = { cacheable: 'max-age=600', 'no-store': 'no-store' }[host];
  const more = {
    ...(caching ? { 'cache-control': caching } : {}),
    // Node sends chunks where it is not told the length.
    ...(host === 'chunked' || host === 'long' ? {} : { 'content-length': Buffer.byteLength(text) }),
  };
  return { status, headers: { ...headers, ...more }, body: text };
}

async function page(url, { headers, method, body, sigma, application }) {
  const [first, ...rest] = url.pathname.slice(1).split('/');
  switch (first) {
    case 'way':
      return wayPage(url, rest, headers);
    case 'elsewhere':
    case '':
      return html(whole('Elsewhere', '<p id="elsewhere">Elsewhere in the application</p>'));
    case 'menu':
      return html(whole('Menu', linksOf({ path: '' }, '').replace('id="leave"', 'id="leave" target="_top"')));
    case 'inner':
      return html(whole('Inner', rest[0] === 'embed' ? frame(`src="${LINK}"`) : '<p>An inner page</p>'));
    case 'old':
      return redirect(sigma);
    case 'fragments':
      return html(rest[0] === 'slot' ? SLOT : frame(`src="${LINK}"`));
    case 'form':
      return html(formPage(method, body, url));
    case 'policy':
      return html(whole('Policy', POLICIES[rest[0]].body), POLICIES[rest[0]].headers);
    case 'timed':
      return html(whole('Timed', `<iframe data-sigma-embed="${rest[0]}"></iframe>`, LISTENER));
    case 'stored':
      return html(whole('Stored', application.stored + frame(`src="${LINK}"`)));
    case 'worker':
      return worker(rest[0]);
    case 'lib':
      return libraryFile(path.basename(rest[0], '.js'));
    default:
      return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'no such page' };
  }
}

function formPage(method, body, url) {
  const holds = url.searchParams.get('holds');
  return method === 'POST' ? resultOf(body, holds) : pageWithForm(holds, url.search);
}

function wayPage(url, [name, part], headers) {
  const way = wayOf(name);
  if (!way) return { status: 404 };
  const hinders = url.searchParams.has('unload') ? "<script>addEventListener('unload', () => {});</script>" : '';
  if (way.document)
    return html(`<!doctype html><html><head><title>Frames</title>${hinders}</head>${way.document}</html>`);
  const content = part ? `<div id="main"><p>${part}</p></div>` : way.body;
  if (way.fragments && headers[way.fragments] && !headers['hx-history-restore-request']) {
    // What goes into `main`, as its library asks.
    return html(content.slice('<div id="main">'.length, -'</div>'.length), { vary: way.fragments });
  }
  const varies = way.fragments ? { vary: way.fragments } : {};
  return html(whole(way.name, linksOf(way, url.search) + content, (way.head ?? '') + hinders), varies);
}

function whole(title, body, head = '') {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head>
<body>${body}</body></html>`;
}

function libraryFile(name) {
  const file = LIBRARIES[name] && path.join(modules, LIBRARIES[name]);
  if (!file) return { status: 404 };
  return {
    headers: { 'content-type': 'text/javascript', 'cache-control': 'max-age=600' },
    body: fs.readFileSync(file),
  };
}

const modules = path.dirname(path.dirname(createRequire(import.meta.url).resolve('jquery/package.json')));

function worker(name) {
  const text = WORKERS[name];
  if (!text) return { status: 404 };
  return { headers: { 'content-type': 'text/javascript', 'service-worker-allowed': '/' }, body: text };
}

const TAKE_OVER = `addEventListener('install', (event) => event.waitUntil(skipWaiting()));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));`;

const WORKERS = {
  'pass-through.js': `${TAKE_OVER}
addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));`,
  'cache-first.js': `${TAKE_OVER}
const kept = async (request) => {
  const cache = await caches.open('all');
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (request.method === 'GET' && answer.ok) await cache.put(request, answer.clone());
  return answer;
};
addEventListener('fetch', (event) => event.respondWith(kept(event.request)));`,
  'network-first.js': `${TAKE_OVER}
addEventListener('fetch', (event) => {
  event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
});`,
};
