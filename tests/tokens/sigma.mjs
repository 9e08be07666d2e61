// What stands for Sigma: https://app.sigmacomputing.com on loopback, with a certificate of this run. It opens a URL
// once, if `jose` verifies it, and speaks the documented events.

import { X509Certificate, createHash } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import { makeCertificate } from '../shared/certificate.mjs';
import { html, serve } from '../shared/servers.mjs';
import { takeApart, verify } from './rules.mjs';

export const HOST = 'app.sigmacomputing.com';

/// Serves on `port`; gives the key that a browser has to trust, and the visits.
export async function startSigma({ port, folder, clientId, secret }) {
  const certificate = certificateFor(folder);
  const visits = [];
  const used = new Set();
  const answer = async ({ method, url }) => {
    if (method !== 'GET' || url === '/favicon.ico') return { status: 404 };
    try {
      const { path: document, token } = takeApart(`https://${HOST}${url}`);
      const { payload } = await verify(token, { clientId, secret });
      if (used.has(payload.jti))
        return html(page(`send({ type: "workbook:error", code: "EINVAL", message: "used already" });`));
      used.add(payload.jti);
      visits.push({ document, sub: payload.sub, jti: payload.jti });
      return html(page(LIVE));
    } catch (error) {
      visits.push({ refused: error.message });
      return html(page(`send({ type: "workbook:error", code: "EINVAL" });`));
    }
  };
  const server = await serve(port, answer, (listener) => https.createServer(certificate, listener));
  return { visits, pin: pinOf(certificate.cert), stop: server.stop };
}

const page = (script) => `<!doctype html><title>Sigma</title><script>
const send = (message) => parent.postMessage(message, "*");
${script}
</script>`;

const LIVE = `
const variables = { Region: "EMEA" };
send({ type: "workbook:loaded", workbook: { variables } });
addEventListener("message", ({ data }) => {
  if (data.type === "workbook:variables:list") send({ type: "workbook:variables:current", variables });
  if (data.type !== "workbook:variables:update") return;
  Object.assign(variables, data.variables);
  send({ type: "workbook:variables:onchange", workbook: { variables } });
});`;

function certificateFor(folder) {
  const { chain, key } = makeCertificate(folder, [HOST]);
  return { key: fs.readFileSync(key), cert: fs.readFileSync(chain) };
}

/// Chromium's `--ignore-certificate-errors-spki-list` takes the hash of the public key: this one key, no other.
function pinOf(certificate) {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}
