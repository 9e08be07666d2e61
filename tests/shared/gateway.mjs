// `sigma-gateway serve` as a child process, in a folder of its own.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ready, startChild } from './child.mjs';
import { request } from './http.mjs';

const READY_SECONDS = 40; // also under callgrind, on a busy machine

/// New secrets in the forms that the gateway takes.
export const newSessionKey = () => randomBytes(32).toString('base64');
export const newSigmaSecret = () => randomBytes(32).toString('hex');

/// A folder that goes with this process; `name` becomes part of its path.
export function temporaryFolder(name, files = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folderWith(folder, files);
}

/// Writes these files into `folder`; secrets are readable by us alone.
export function folderWith(folder, files) {
  fs.mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), text, { mode: 0o600 });
  return folder;
}

/// Starts it with the `gateway.toml` of `folder`, and waits until it says that it is ready. `admin` is the port of its
/// admin address; `under` is a command to run it under; `files` as in child.mjs.
export async function startGateway({ binary, folder, admin, under = [], env, files }) {
  const [program, ...args] = [...under, path.resolve(binary), 'serve', '--config', path.join(folder, 'gateway.toml')];
  const child = startChild(program, args, { env, files });
  const ask = (where) => request(`http://127.0.0.1:${admin}${where}`);
  await ready(child, 'the gateway to be ready', async () => (await ask('/readyz')).status === 200, {
    seconds: READY_SECONDS,
    every: 50,
  });
  return { ...child, admin: ask, reload: () => child.signal('SIGHUP') };
}

/// Another command of the program, to its end: `{ status, stdout, stderr }`.
export function command(binary, commandLine, { input = '', cwd } = {}) {
  return spawnSync(path.resolve(binary), commandLine, { input, cwd, encoding: 'utf8', timeout: 20_000 });
}
