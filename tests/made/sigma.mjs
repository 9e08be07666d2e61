// Sigma's place: shows an embed for a signed URL, and knows who asked it for a plain one.

import { createHmac } from 'node:crypto';
import { html, serve } from '../shared/servers.mjs';

const SHOWN = `<!doctype html><title>Sigma stand-in</title><h1>Embed</h1><script>
fetch('/shown', { method: 'POST', body: location.pathname + location.search });
parent.postMessage({ type: 'workbook:loaded' }, '*');
</script>`;

/// `opened` are the signed URLs that it was asked for, `shown` those of them whose document ran, `plain` all others.
export async function startSigma({ port, secret }) {
  const sigma = { opened: [], shown: [], plain: [] };
  const isSigned = (token) => {
    const [head, payload, signature] = (token ?? '').split('.');
    return signature === createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url');
  };
  const answer = async (request, body) => {
    const url = new URL(request.url, 'http://sigma.localhost');
    if (url.pathname === '/favicon.ico') return { status: 404 };
    if (url.pathname === '/shown') {
      sigma.shown.push(body);
      return { status: 204 };
    }
    const signed = isSigned(url.searchParams.get(':jwt'));
    (signed ? sigma.opened : sigma.plain).push(request.url);
    return html(signed ? SHOWN : '<!doctype html><h1>Please sign in to Sigma</h1>', { 'cache-control': 'no-store' });
  };
  return Object.assign(sigma, await serve(port, answer));
}
