// Pages of another origin, which try to get at embeds of the site; and what was asked there.

import { html, serve } from '../shared/servers.mjs';

export async function startStranger({ port, site }) {
  const requests = [];
  const answer = async (request) => {
    const { pathname } = new URL(request.url, 'http://stranger.localhost');
    if (pathname !== '/favicon.ico') requests.push(pathname);
    const page = pages[pathname];
    return page ? html(page(site)) : { status: 404 };
  };
  const { stop } = await serve(port, answer);
  return { requests, stop };
}

const record = `<script>
window.heard = [];
addEventListener('message', ({ origin, data }) => heard.push({ origin, data }));
</script>`;

const pages = {
  /// Frames the embed itself.
  '/host': (site) =>
    `<!doctype html><title>Stranger</title>${record}<iframe src="${site}/sigma/embed/revenue"></iframe>`,
  /// Stands in a frame of the application's page, and frames the embed from there.
  '/framed': (site) => `<!doctype html><title>Advertisement</title><iframe src="${site}/sigma/embed/revenue"></iframe>`,
  /// Stands in a frame beside an embed, and speaks as Sigma does to every window that it finds.
  '/speaker': () => `<!doctype html><title>Speaker</title>${record}<script>
const each = (frames) => {
  for (let index = 0; index < frames.length; index += 1) {
    frames[index].postMessage({ type: 'workbook:loaded', forged: 'to a frame' }, '*');
    frames[index].postMessage({ type: 'workbook:error', code: 'EINVAL', forged: 'to a frame' }, '*');
    each(frames[index]);
  }
};
window.speak = () => {
  parent.postMessage({ type: 'workbook:loaded', forged: 'to the host' }, '*');
  each(parent);
};
</script>`,
  /// Opens the embed in a window of its own, and speaks to it.
  '/opener': (site) => `<!doctype html><title>Opener</title>${record}<script>
window.open_ = () => (window.opened = window.open('${site}/sigma/embed/revenue'));
window.speak = () => opened.postMessage({ type: 'workbook:loaded', forged: 'to a popup' }, '*');
</script>`,
  '/empty': () => '<!doctype html><title>Empty</title>',
};
