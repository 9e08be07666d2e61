// Everything that one browser visits: the gateway, the application behind it and alone, Sigma, a provider, a stranger.

import fs from 'node:fs';
import https from 'node:https';
import Provider from 'oidc-provider';
import { makeCertificate } from '../shared/certificate.mjs';
import { embed, finance, identity, listen, organization, site } from '../shared/configuration.mjs';
import { folderWith, newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { CLIENT, startPanva } from '../shared/panva.mjs';
import { startProvider } from '../shared/provider.mjs';
import { startApplication } from './application.mjs';
import { startSigma } from '../shared/sigma.mjs';
import { startStranger } from './stranger.mjs';

const WORKBOOK = '/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe';
const SCOPES = ['openid', 'email', 'profile', 'groups'];

const person = (name) => ({ email: `${name}@example.com`, email_verified: true, name, groups: ['finance'] });
export const PEOPLE = { ana: person('ana'), ben: person('ben') };

/// Six ports in a row from `base`. `session` is how long an embed lives; with `isSecure`, site and Sigma are https;
/// `embeds` come beside `revenue`.
export async function startSetting({ binary, base, providerName, session = '1h', isSecure = false, embeds = [] }) {
  const port = { gateway: base, admin: base + 1, application: base + 2, provider: base + 3, sigma: base + 4 };
  const scheme = isSecure ? 'https' : 'http';
  const where = {
    site: `${scheme}://crm.localhost:${port.gateway}`,
    alone: `http://alone.localhost:${port.application}`,
    sigma: `${scheme}://sigma.localhost:${port.sigma}`,
    // Another site; another origin of the same site.
    stranger: `http://stranger.localhost:${base + 5}`,
    sibling: `http://www.crm.localhost:${base + 5}`,
  };
  const secret = newSigmaSecret();
  const folder = temporaryFolder('sigma-gateway-embeds');
  const sigma = await startSigma({
    port: port.sigma,
    secret,
    createServer: isSecure ? secureServer(folder) : undefined,
  });
  const application = await startApplication({ port: port.application, sigma: where.sigma + WORKBOOK });
  const stranger = await startStranger({ port: base + 5, site: where.site });
  const provider = await providers[providerName](port.provider, where.site);
  folderWith(folder, {
    'gateway.toml': configuration({ where, port, provider, session, isSecure, embeds }),
    'session.key': newSessionKey(),
    'sigma.secret': secret,
    'oidc.secret': CLIENT.secret,
  });
  const gateway = await startGateway({ binary, folder, admin: port.admin });
  const parts = [gateway, provider, stranger, application, sigma];
  const stop = async () => {
    for (const part of parts) await part.stop();
  };
  return { where, sigma, application, stranger, provider, minted: () => minted(gateway), stop };
}

/// How to serve with a certificate that nobody vouches for; it stays in the folder, for the gateway too.
function secureServer(folder) {
  const { chain, key } = makeCertificate(folder, ['crm.localhost', 'sigma.localhost']);
  const options = { cert: fs.readFileSync(chain), key: fs.readFileSync(key) };
  return (listener) => https.createServer(options, listener);
}

const TLS = 'tls = { certificate = "tls.pem", private_key = { file = "tls.key" } }';

function configuration({ where, port, provider, session, isSecure, embeds }) {
  return [
    listen({ address: `127.0.0.1:${port.gateway}`, admin: port.admin, more: isSecure ? TLS : '' }),
    organization({ clientId: 'embeds', more: `base_url = "${where.sigma}"\nsession_length = "${session}"` }),
    identity({ issuer: provider.issuer, clientId: CLIENT.id, scopes: SCOPES }),
    embed('revenue', where.sigma + WORKBOOK),
    finance(),
    ...embeds.map(({ name, more }) => embed(name, where.sigma + WORKBOOK, more)),
    site({ url: where.site, upstream: port.application, embeds: ['revenue', ...embeds.map(({ name }) => name)] }),
    '[[site.route]]\npath = "/reports/revenue.aspx"\nembed = "revenue"\n',
  ].join('');
}

/// How many signed URLs the gateway has made.
async function minted(gateway) {
  const { text } = await gateway.admin('/metrics');
  const lines = text.matchAll(/^sigma_gateway_embeds_total\{[^}]*result="minted"[^}]*\} (\d+)/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

/// `comes` says who signs in next; `answer` fills what a page of the provider asks, `asks` tells whether it asks who
/// it is.
const providers = {
  /// Signs in whoever comes, without a question.
  async small(port) {
    const provider = await startProvider({ port, clientId: CLIENT.id, clientSecret: CLIENT.secret, people: PEOPLE });
    const comes = (name) => {
      provider.person = name;
    };
    return Object.assign(provider, { comes, answer: async () => false, asks: async () => false });
  },

  async panva(port, origin) {
    const provider = await startPanva(Provider, { port, sites: [origin], claimsOf: (id) => PEOPLE[id] ?? {} });
    let coming = '';
    const comes = (name) => {
      coming = name;
    };
    const answer = (page) => page.evaluate(fillForm, coming).catch(() => false);
    const asks = (page) => page.evaluate("Boolean(document.querySelector('input[name=login]'))").catch(() => false);
    return Object.assign(provider, { comes, answer, asks });
  },
};

/// Runs in oidc-provider's pages: a name, then consent, then "yes, sign out". What is still there after three seconds
/// is asked again: Firefox can lose a click while a page settles.
function fillForm(name) {
  if (document.readyState !== 'complete' || Date.now() - window.answeredAt < 3000) return;
  const login = document.querySelector('input[name=login]');
  if (login) {
    login.value = name;
    document.querySelector('input[name=password]').value = 'any';
  }
  const button = document.querySelector('button[value=yes]') ?? document.querySelector('form [type=submit]');
  if (button) window.answeredAt = Date.now();
  button?.click();
}
