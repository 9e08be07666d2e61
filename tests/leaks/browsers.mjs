// The browser suite over a demo that logs everything. Its secrets are its own, so the log is searched for their shapes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../shared/gateway.mjs';
import { within } from '../shared/wait.mjs';
import { SHAPES } from './canaries.mjs';

const SUITE = fileURLToPath(new URL('../browser/run.mjs', import.meta.url));
const SECONDS = 600;

export async function browserSuite(checks, binary) {
  const folder = temporaryFolder('leaks-browsers', { 'demo.log': '' });
  const log = path.join(folder, 'demo.log');
  const wrapper = path.join(folder, 'sigma-gateway');
  fs.writeFileSync(wrapper, `#!/bin/sh\nexec '${path.resolve(binary)}' "$@" >>'${log}' 2>&1\n`, { mode: 0o700 });
  await checks.run('[browsers] the browser suite passes with everything logged', async () => {
    const { code, output } = await suite([
      '--binary',
      wrapper,
      '--browser',
      'chromium',
      '--provider',
      'demo',
      '--port',
      '23400',
    ]);
    assert.equal(code, 0, output.slice(-2000));
    return output.trim().split('\n').at(-1);
  });
  const text = fs.readFileSync(log, 'utf8');
  await checks.run('[browsers] the log has what may be there: it names people and embeds', () => {
    for (const control of ['ana@example.com', '"embed":"revenue"', '"event":"sign_in"'])
      assert.ok(text.includes(control), `no ${control}`);
    return `${Math.round(text.length / 1024)} KiB`;
  });
  for (const [what, shape] of Object.entries(SHAPES)) {
    await checks.run(`[browsers] no log line has ${what}`, () => {
      const found = shape.exec(text);
      assert.ok(!found, found && text.slice(Math.max(0, found.index - 200), found.index + 20));
    });
  }
}

async function suite(options) {
  const child = spawn(process.execPath, [SUITE, ...options], { env: { ...process.env, RUST_LOG: 'trace' } });
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (output += piece));
  const code = await within(SECONDS, 'the browser suite', new Promise((done) => child.on('exit', done)));
  return { code, output };
}
