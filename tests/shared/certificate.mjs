// A certificate that nobody vouches for, for names of this machine.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/// Writes a new key and its certificate for `names` into `folder`; gives their paths. The gateway takes no key that
/// others may read.
export function makeCertificate(folder, names) {
  const [chain, key] = ['tls.pem', 'tls.key'].map((file) => path.join(folder, file));
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  const kinds = names.map((name) => `${/^[0-9.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`);
  const whose = ['-subj', `/CN=${names[0]}`, '-addext', `subjectAltName=${kinds.join(',')}`];
  const files = ['-keyout', key, '-out', chain];
  execFileSync('openssl', ['req', '-x509', ...kind, ...whose, ...files], { stdio: 'pipe', timeout: 20_000 });
  fs.chmodSync(key, 0o600);
  return { chain, key };
}
