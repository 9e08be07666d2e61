// oidc-provider as a child process: it can be stopped, started, and given another clock. Its keys are kept here.

import { generateKeyPairSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ready, startChild } from '../shared/child.mjs';
import { request } from '../shared/http.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export class Panva {
  name = 'panva';
  scopes = ['openid', 'email', 'profile', 'groups'];
  confirmSignOut = { logout: 'yes' };
  clockSeconds = 0;
  #child = null;

  constructor({ where }) {
    this.port = where.provider;
    this.site = where.site;
    this.issuer = `http://localhost:${this.port}`;
    this.key = newKey();
  }

  groupName(group) {
    return group;
  }

  prepare() {
    return this.start();
  }

  /// From now on its clock is this far ahead.
  async setClock(seconds) {
    if (seconds === this.clockSeconds) return;
    await this.stop();
    this.clockSeconds = seconds;
    await this.start();
  }

  /// Starts it; its sessions are new, its key is not.
  async start() {
    const env = { CLOCK_SECONDS: this.clockSeconds, PORT: this.port, SITE: this.site, KEY: JSON.stringify(this.key) };
    const preload = this.clockSeconds === 0 ? [] : ['--import', here('clock.mjs')];
    this.#child = startChild(process.execPath, [...preload, here('panva_server.mjs')], { env, ipc: true });
    await ready(this.#child, 'oidc-provider to answer', () => this.#answers(), { seconds: 20 });
  }

  async stop() {
    await this.#child?.stop();
  }

  output() {
    return this.#child?.output() ?? '';
  }

  /// A new key signs, and the old one is gone.
  async rotateKeys() {
    this.key = newKey();
    this.#child.send({ key: this.key });
    await ready(this.#child, 'the new key', async () => (await request(`${this.issuer}/jwks`)).text.includes(this.key.kid));
  }

  async #answers() {
    return (await request(`${this.issuer}/.well-known/openid-configuration`)).status === 200;
  }
}

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `key-${Date.now()}`, use: 'sig', alg: 'RS256' };
}
