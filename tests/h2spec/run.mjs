// h2spec, strict, against the gateway; and against a server with known faults, which shows that it can find some.
//
//   node run.mjs --binary PATH --h2spec PATH

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import http2 from 'node:http2';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { makeCertificate } from '../shared/certificate.mjs';
import { runAll } from '../shared/checks.mjs';
import * as toml from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { serve } from '../shared/servers.mjs';

const { values: options } = parseArgs({ options: { binary: { type: 'string' }, h2spec: { type: 'string' } } });
const RUN_SECONDS = 300;
const SPEC_SECONDS = 120;
/// Fewer would be another h2spec, or a run that ended early.
const TESTS_MIN = 146;

async function main(checks) {
  const [gateway, admin, host, other] = await freePorts(4);
  const secrets = { 'session.key': newSessionKey(), 'sigma.secret': newSigmaSecret(), 'oidc.secret': 'never-used' };
  const folder = temporaryFolder('h2spec', { 'gateway.toml': configuration({ gateway, admin, host }), ...secrets });
  makeCertificate(folder, ['localhost', '127.0.0.1']);
  const application = await serve(host, () => ({
    headers: { 'content-type': 'text/plain' },
    body: 'hello '.repeat(8),
  }));
  const running = await startGateway({ binary: options.binary, folder, admin });
  const faulty = await startFaulty(other, folder);
  try {
    await checks.run('the gateway passes every test', async () => {
      const { total, failed, text } = await spec(gateway);
      assert.ok(failed === 0 && total >= TESTS_MIN, `${failed} of ${total} failed\n${text.slice(-3000)}`);
      return `${total} tests`;
    });
    await checks.run('control: a server with faults does not', async () => {
      const { total, failed } = await spec(other);
      assert.ok(failed > 0 && total >= TESTS_MIN, `${failed} of ${total} failed`);
      return `${failed} of ${total} failed`;
    });
  } finally {
    faulty.close();
    for (const one of [running, application]) await one.stop();
  }
}

/// `{ total, failed, text }` of a run.
async function spec(port) {
  const commandLine = ['-S', '-h', '127.0.0.1', '-p', port, '-t', '-k', '-o', '3'].map(String);
  const { stdout } = await promisify(execFile)(options.h2spec, commandLine, { timeout: SPEC_SECONDS * 1000 }).catch(
    (error) => error,
  );
  const [, total, failed] = /(\d+) tests?, \d+ passed, \d+ skipped, (\d+) failed/.exec(stdout ?? '') ?? [];
  assert.ok(total, `h2spec did not come to its end: ${stdout}`);
  return { total: Number(total), failed: Number(failed), text: stdout };
}

/// Resets every connection at its first request.
async function startFaulty(port, folder) {
  const [key, cert] = ['tls.key', 'tls.pem'].map((name) => fs.readFileSync(path.join(folder, name)));
  const server = http2.createSecureServer({ key, cert }, (request) => request.stream.session.destroy());
  server.on('sessionError', () => {});
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return server;
}

/// One site, all of it public: nobody signs in, and the provider is never asked.
const configuration = ({ gateway, admin, host }) =>
  [
    toml.listen({
      address: `127.0.0.1:${gateway}`,
      admin,
      more: 'tls = { certificate = "tls.pem", private_key = { file = "tls.key" } }',
    }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer: 'http://127.0.0.1:1', clientId: 'sigma-gateway' }),
    toml.site({ url: `https://127.0.0.1:${gateway}`, upstream: host, embeds: [], more: toml.publicRoute('/') }),
  ].join('');

runAll(main, RUN_SECONDS);
