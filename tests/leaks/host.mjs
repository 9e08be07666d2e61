// The host application: keeps every request byte it gets, and holds traps of its own.

import { html, json, redirect, serve } from '../shared/servers.mjs';
import { SIGMA, WORKBOOK } from './config.mjs';

/// `traps` are secrets of the application: a session cookie, an old token in URLs, one where an embed's name belongs.
/// Gives `{ seen, stop, start }`.
export async function startHost(port, traps) {
  const host = { seen: [] };
  const answer = (request, body) => {
    host.seen.push(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n\n${body}`);
    return route(request.url.split('?')[0], traps);
  };
  host.start = async () => Object.assign(host, { server: await serve(port, answer) });
  host.stop = () => host.server.stop();
  await host.start();
  return host;
}

function route(path, { cookie, jwt, name }) {
  const stale = `?:jwt=${jwt}&:embed=true&Region=NL`;
  switch (path) {
    case '/slots':
      return html(
        `<!doctype html><html><head></head><body><iframe data-sigma-embed="revenue"></iframe>
      <iframe data-sigma-embed="unknown"></iframe><iframe data-sigma-embed="any"></iframe>
      <iframe src="${WORKBOOK}${stale}"></iframe>
      <iframe src="${SIGMA}/other/workbook/Elsewhere-9tXj6UiVoPqR2wZaBcD4eF${stale}"></iframe>
      <iframe src="${SIGMA}/acme/workbook/Closed-7rVh4SgTmNoP0uXyZaB2cD${stale}"></iframe>
      <a href="${WORKBOOK}${stale}">open</a></body></html>`,
        {
          'set-cookie': `JSESSIONID=${cookie}; Path=/`,
          'content-security-policy': "frame-src 'none'; script-src 'none'",
        },
      );
    case '/token-for-a-name':
      return html(`<!doctype html><iframe data-sigma-embed="${name}"></iframe>`);
    case '/insert/page':
      return html('<!doctype html><div id="dashboard"></div>');
    case '/api/widgets':
      return json({
        widgets: [{ url: WORKBOOK + stale }, { url: `${SIGMA}/acme/workbook/Off-8sWi5ThUnOpQ1vYzAbC3dE` }],
      });
    case '/api/broken':
    case '/insert/broken':
      return { headers: { 'content-type': 'text/html', 'content-encoding': 'gzip' }, body: `not gzip ${jwt}` };
    case '/go':
      return redirect(WORKBOOK + stale);
    case '/go-elsewhere':
      return redirect(`${SIGMA}/other/workbook/X-9tXj6UiVoPqR2wZaBcD4eF${stale}`);
    case '/slow':
      return new Promise(() => {});
    case '/broken':
      throw new Error('broken on purpose');
    default:
      return html('<!doctype html><p>A page.</p>');
  }
}
