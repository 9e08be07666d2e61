// The host application: the same embeds as slots of a page, in JSON, and as a redirect.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { forms, plainUrl } from './forms.mjs';
import { html, json, redirect, serve } from '../shared/servers.mjs';

const own = (file) => fs.readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8');
const script = (body) => ({ headers: { 'content-type': 'text/javascript' }, body });
const SDK = 'node_modules/@sigmacomputing/embed-sdk/dist/index.js';
const attribute = (text) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');

const frame = (form) => `<iframe title="${form.name}" src="${attribute(plainUrl(form))}"></iframe>`;

const PAGES = {
  '/frames': () => html(`<!doctype html>${forms.map(frame).join('\n')}`),
  '/api/widgets': () => json({ widgets: forms.map((form) => ({ name: form.name, url: plainUrl(form) })) }),
  '/notes': () => html('<!doctype html><p>Nothing to see.</p>'),
  '/sdk': () =>
    html(
      `<!doctype html><script src="/embed-sdk.js"></script><script src="/sdk-page.js"></script>
<iframe id="embed" data-sigma-embed="whole"></iframe>`,
    ),
  '/sdk-page.js': () => script(own('sdk-page.js')),
  '/embed-sdk.js': () => script(`(() => { const module = {}; ${own(SDK)}; window.sigmaSdk = module.exports; })();`),
};

export function startHost(port) {
  return serve(port, ({ url }) => {
    const moved = /^\/go\/(\d+)$/.exec(url);
    if (moved) return redirect(plainUrl(forms[Number(moved[1])]));
    return PAGES[url.split('?')[0]]?.() ?? { status: 404 };
  });
}
