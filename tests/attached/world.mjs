// A gateway between the stand-ins, a provider and an application; and what a check sees of them.

import fs from 'node:fs';
import path from 'node:path';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { startProvider } from '../shared/provider.mjs';
import { until } from '../shared/wait.mjs';
import { startApplication } from './application.mjs';
import { configurationOf } from './configuration.mjs';
import { startPlaces } from './places.mjs';
import { ask } from './wire.mjs';

const CLIENT = { clientId: 'sigma-gateway', clientSecret: 'demo-secret' };
const PEOPLE = {
  ana: { email: 'ana@example.com', groups: ['finance'] },
  bo: { email: 'bo@example.com', groups: ['finance'] },
  // Ana as she is written elsewhere; renamed; and somebody else with her address.
  anaInCapitals: { sub: 'sub-ana', email: 'Ana@Example.COM', groups: ['finance'] },
  anaRenamed: { sub: 'sub-ana', email: 'ana.silva@example.com', groups: ['finance'] },
  anaTwin: { sub: 'sub-twin', email: 'ana@example.com', groups: ['finance'] },
};

/// `more(places)` gives further tables; `env` is the gateway's.
export async function startWorld({ binary, standIns, more = () => '' }) {
  const [gateway, admin, provider, application, proxy, tls] = await freePorts(6);
  const places = { gateway, admin, provider, application, proxy, tls };
  const login = await startProvider({ port: provider, ...CLIENT, people: PEOPLE });
  const app = await startApplication(application);
  const folder = temporaryFolder('attached', {
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    'oidc.secret': CLIENT.clientSecret,
  });
  const keys = await startPlaces({ folder, standIns, ports: [proxy, tls] });
  const issuer = login.issuer;
  const configuration = configurationOf({ standIns, places, issuer, more: more({ ...places, issuer }) });
  fs.writeFileSync(path.join(folder, 'gateway.toml'), configuration, { mode: 0o600 });
  const files = ['out.log', 'err.log'].map((name) => path.join(folder, name));
  const stops = [login.stop, app.stop, keys.stop];
  try {
    const running = await startGateway({ binary, folder, admin, files });
    stops.push(running.stop);
    return new World({ places, login, app, keys, folder, files, running, stops });
  } catch (error) {
    for (const stop of stops) await stop();
    throw error;
  }
}

class World {
  constructor(parts) {
    Object.assign(this, parts);
  }

  site(name) {
    return `http://${name}.localhost:${this.places.gateway}`;
  }

  /// A request for a path of a site, with these lines beside its `Host`.
  ask(name, target, lines = [], method = 'GET') {
    return ask({ port: this.places.gateway, host: `${name}.localhost:${this.places.gateway}`, target, lines, method });
  }

  lines() {
    const whole = fs.readFileSync(this.files[0], 'utf8');
    return whole
      .slice(0, whole.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /// A line of the log that fits; waits for it.
  line(what, fits) {
    return until(`a line of the log: ${what}`, () => this.lines().find(fits), { seconds: 3, every: 30 });
  }

  text() {
    return this.files.map((file) => fs.readFileSync(file, 'utf8')).join('\n');
  }

  /// An ID token of the provider that signs people in here, as a proxy in front would get one.
  async idToken(person) {
    const back = 'http://front.localhost/callback';
    const asked = new URLSearchParams({
      client_id: CLIENT.clientId,
      redirect_uri: back,
      state: 's',
      nonce: 'n',
      as: person,
    });
    const { headers } = await this.#provider(`/authorize?${asked}`);
    const code = new URL(headers.get('location')).searchParams.get('code');
    const form = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: back });
    const answer = await this.#provider('/token', { method: 'POST', body: form });
    return (await answer.json()).id_token;
  }

  #provider(where, options = {}) {
    return fetch(this.login.issuer + where, { redirect: 'manual', signal: AbortSignal.timeout(10_000), ...options });
  }

  async stop() {
    for (const stop of this.stops.reverse()) await stop();
  }
}
