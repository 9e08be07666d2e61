// One recipe, running: an OpenID provider, the application, the gateway with the recipe's part of `gateway.toml`, and
// the proxy; and a browser that can sign in.

import fs from 'node:fs';
import path from 'node:path';
import { makeCertificate } from '../shared/certificate.mjs';
import { ready } from '../shared/child.mjs';
import * as toml from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { request } from '../shared/http.mjs';
import { Jar } from '../shared/jar.mjs';
import { startProvider } from '../shared/provider.mjs';
import { startApplication } from './application.mjs';
import { HOST, NAVIGATION, bytesOf, send } from './client.mjs';
import { gatewayPart, startProxy } from './recipes.mjs';

export const SITE = `https://${HOST}`;
export const ANA = { email: 'ana@example.com', groups: ['finance'], preferred_username: 'ana' };
export const SUBJECT = 'sub-ana';
/// Somebody whose groups are more than a session has room for.
export const MANY = {
  email: 'many@example.com',
  groups: Array.from({ length: 90 }, (_, at) => `${at}-0b8ab4b4-7f4b-4f0a-9d6a-2f6f3d1c`),
};
const PEOPLE = { ana: ANA, many: MANY };
const CLIENT = { id: 'sigma-gateway', secret: 'demo-secret' };
const START_SECONDS = 30;

/// Another site of the same gateway, all of it public: what may be had of it is nothing that its name gets at the
/// first.
export const OPEN_HOST = 'open.example.com';
const OPEN = `
[[site]]
url = "https://${OPEN_HOST}"
upstream = "http://127.0.0.1:9"
${toml.publicRoute('/')}`;

/// Starts it all; `ports` are `{ front, gateway, application, admin, provider }`, `tools` the folder of the programs
/// that PyPI has.
export async function startWorld(recipe, { binary, tools, ports }) {
  const stops = [];
  const started = async (thing) => {
    const one = await thing;
    stops.push(one.stop);
    return one;
  };
  const stop = async () => {
    for (const one of stops.reverse()) await one();
  };
  try {
    const login = await started(
      startProvider({ port: ports.provider, clientId: CLIENT.id, clientSecret: CLIENT.secret, people: PEOPLE }),
    );
    const application = await started(startApplication(ports.application));
    const own = folderOf(recipe);
    const files = filesOf(recipe, own, { ports, issuer: login.issuer });
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(own, file), text, { mode: 0o600 });
    const gateway = await started(startGateway({ binary, folder: own, admin: ports.admin }));
    const proxy = await started(startProxy(recipe, { own, ports, tools }));
    const world = { recipe, ports, login, application, gateway, proxy, stop };
    await ready(proxy, `${recipe.name} to answer`, () => isUp(world), { seconds: START_SECONDS, every: 50 });
    application.seen.length = 0;
    return world;
  } catch (error) {
    await stop();
    throw error;
  }
}

/// With the certificate under every name that recipes have for it.
function folderOf(recipe) {
  const own = temporaryFolder(`recipe-${recipe.name.replace('/', '-')}`);
  fs.chmodSync(own, 0o755); // servers give their rights away
  const { chain, key } = makeCertificate(own, [HOST]);
  const [pem, secret] = [chain, key].map((file) => fs.readFileSync(file, 'utf8'));
  fs.writeFileSync(path.join(own, 'tls-crm.pem'), pem + (recipe.proxy === 'haproxy' ? secret : ''), { mode: 0o600 });
  fs.writeFileSync(path.join(own, 'tls-crm.key'), secret, { mode: 0o600 });
  return own;
}

function filesOf(recipe, own, { ports, issuer }) {
  const text = [
    '[session]\nkeys = [{ file = "session.key" }]\n',
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer, clientId: CLIENT.id }),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    toml.finance(),
    gatewayPart(recipe, own, ports),
    'forward_groups = "all"\n',
    toml.publicRoute('/public/'),
    OPEN,
  ].join('');
  return {
    'gateway.toml': text,
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    'oidc.secret': CLIENT.secret,
  };
}

/// The gateway answers through the proxy.
const isUp = async ({ ports }) => (await send(ports.front, bytesOf('/sigma/links.js'))).header('sigma-gateway');

/// Whoever has these cookies: requests through the proxy.
export class Browser {
  #jar = new Jar();

  /// `person` is who signs in here.
  constructor({ ports }, person = 'ana') {
    this.port = ports.front;
    this.person = person;
  }

  /// The `Cookie` line, as a list of none or one.
  get cookies() {
    const value = this.#jar.header(SITE);
    return value ? [`Cookie: ${value}`] : [];
  }

  async ask(target, lines = NAVIGATION, more = {}) {
    const answer = await send(this.port, bytesOf(target, [...lines, ...this.cookies], more), more);
    this.#jar.keep(SITE + target, answer.setCookies);
    return answer;
  }

  /// Opens a page and signs in on the way; gives the addresses that the browser was sent to, the last answer,
  /// and what the last one was asked for.
  async signIn(target) {
    const hops = [];
    let url = SITE + target;
    for (let hop = 0; hop < 10; hop += 1) {
      const isHere = url.startsWith(`${SITE}/`);
      const answer = isHere ? await this.ask(url.slice(SITE.length)) : await request(`${url}&as=${this.person}`);
      const location = isHere ? answer.header('location') : answer.headers.location;
      if (!location) return { hops, answer, url };
      url = new URL(location, url).href;
      hops.push(url);
    }
    throw new Error(`more than 10 redirects: ${hops.map((hop) => hop.split('?')[0]).join(', ')}`);
  }
}
