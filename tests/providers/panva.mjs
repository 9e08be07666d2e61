// oidc-provider as a child process: it can be stopped, started, and given another clock. Its keys are kept here.

import { generateKeyPairSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ready } from '../shared/child.mjs';
import { request } from '../shared/http.mjs';
import { ProviderProcess } from './process.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export class Panva extends ProviderProcess {
  name = 'panva';
  scopes = ['openid', 'email', 'profile', 'groups'];
  lacks = ['admin'];
  confirmSignOut = { logout: 'yes' };
  takesSignOutByForm = false;

  constructor({ where }) {
    super(where);
    this.issuer = this.origin;
    this.key = newKey();
  }

  groupName(group) {
    return group;
  }

  prepare() {
    return this.start();
  }

  /// Starts it; its sessions are new, its key is not.
  async start() {
    const env = { CLOCK_SECONDS: this.clockSeconds, PORT: this.port, SITE: this.site, KEY: JSON.stringify(this.key) };
    const preload = this.clockSeconds === 0 ? [] : ['--import', here('clock.mjs')];
    await this.run(process.execPath, [...preload, here('panva_server.mjs')], { env, ipc: true }, { seconds: 20 });
  }

  /// A new key signs, and the old one is gone.
  async rotateKeys() {
    this.key = newKey();
    this.child.send({ key: this.key });
    await ready(this.child, 'the new key', async () =>
      (await request(`${this.issuer}/jwks`)).text.includes(this.key.kid),
    );
  }
}

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `key-${Date.now()}`, use: 'sig', alg: 'RS256' };
}
