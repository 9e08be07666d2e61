// Keycloak, from a folder that scripts/providers has unpacked and built.

import fs from 'node:fs';
import path from 'node:path';
import { ADMIN, KeycloakAdmin } from './keycloak_admin.mjs';
import { ProviderProcess } from './process.mjs';
import { REALM, realm } from './realm.mjs';

const READY_SECONDS = 120;
/// Debian's and Fedora's places of libfaketime: it gives one program another wall clock.
const FAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib64/faketime/libfaketimeMT.so.1',
];

export class Keycloak extends ProviderProcess {
  name = 'keycloak';
  scopes = ['openid', 'email', 'profile'];

  constructor({ folder, where }) {
    super(where);
    this.folder = folder;
    this.issuer = `${this.origin}/realms/${REALM}`;
    this.admin = new KeycloakAdmin(this.origin);
  }

  /// With `full.path`, groups are written as paths.
  groupName(group) {
    return `/${group}`;
  }

  /// An empty database with the realm in it.
  async prepare() {
    fs.rmSync(path.join(this.folder, 'data'), { recursive: true, force: true });
    fs.mkdirSync(path.join(this.folder, 'data/import'), { recursive: true });
    fs.writeFileSync(path.join(this.folder, `data/import/${REALM}.json`), JSON.stringify(realm(this.site)));
    await this.start();
  }

  /// Starts it; what it knew it still knows.
  async start() {
    const options = ['start', ...startOptions, '--http-host=127.0.0.1', `--http-port=${this.port}`];
    const env = { ...environment, ...clock(this.clockSeconds) };
    await this.run(path.join(this.folder, 'bin/kc.sh'), options, { env }, { seconds: READY_SECONDS, every: 250 });
  }

  /// A new key signs, and the old one is gone.
  async rotateKeys() {
    const found = await this.admin.get('/components?type=org.keycloak.keys.KeyProvider');
    const old = found.filter(({ providerId }) => providerId === 'rsa-generated');
    if (old.length === 0) throw new Error('Keycloak has no RSA key to replace');
    const config = { priority: ['200'] };
    const type = 'org.keycloak.keys.KeyProvider';
    const fresh = { name: `rotated-${Date.now()}`, providerId: 'rsa-generated', providerType: type, config };
    await this.admin.send(201, 'POST', '/components', fresh);
    for (const { id } of old) await this.admin.send(204, 'DELETE', `/components/${id}`);
  }
}

const startOptions = [
  '--optimized',
  '--import-realm',
  '--cache=local',
  '--http-enabled=true',
  '--hostname-strict=false',
];
const environment = {
  JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx256m -XX:TieredStopAtLevel=1',
  KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
  KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
};

function clock(seconds) {
  if (seconds === 0) return {};
  const library = FAKETIME.find((file) => fs.existsSync(file));
  if (!library) throw new Error('no libfaketime: please install faketime');
  const shift = `${seconds > 0 ? '+' : ''}${seconds}s`;
  // Only the wall clock: with times of files and waits faked as well, the JVM takes minutes to start.
  return {
    LD_PRELOAD: library,
    FAKETIME: shift,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_FORCE_MONOTONIC_FIX: '0',
    FAKETIME_DISABLE_SHM: '1',
    NO_FAKE_STAT: '1',
  };
}
