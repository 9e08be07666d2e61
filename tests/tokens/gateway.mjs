// `sigma-gateway serve` as a child process, in a folder of its own. Its output goes to files there, whole.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { until } from '../browser/wait.mjs';
import { Agent } from './agent.mjs';

/// A folder with these files; secrets are readable by us alone. `name` becomes part of its path.
export function folderWith(files, name = 'sigma-gateway-test') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), text, { mode: 0o600 });
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/// Starts it with the `gateway.toml` of `folder`, and waits until it says that it is ready.
export async function startGateway({ binary, folder, admin, env = {} }) {
  const files = ['stdout', 'stderr'].map((name) => path.join(folder, `${name}.log`));
  const [out, err] = files.map((file) => fs.openSync(file, 'a'));
  const command = ['serve', '--config', path.join(folder, 'gateway.toml')];
  const child = spawn(binary, command, { stdio: ['ignore', out, err], env: { ...process.env, ...env } });
  let ended = null;
  child.on('exit', (code, signal) => (ended = signal ?? code));
  child.on('error', (error) => (ended = error.message));
  const output = () => files.map((file) => fs.readFileSync(file, 'utf8')).join('\n');
  const kill = () => child.kill('SIGKILL'); // whatever happens here, it does not outlive this process
  process.once('exit', kill);
  const stop = async () => {
    for (const signal of ['SIGTERM', 'SIGKILL']) {
      if (ended !== null) break;
      child.kill(signal);
      await until('the gateway to end', () => ended !== null, { seconds: 15 }).catch(() => {});
    }
  };
  const agent = new Agent();
  const adminAsk = (where) => agent.ask(`http://127.0.0.1:${admin}${where}`, { headers: {} });
  await until('the gateway to be ready', async () => ended !== null || (await adminAsk('/readyz')).status === 200);
  if (ended !== null) throw new Error(`the gateway ended with ${ended}\n${output().slice(0, 2000)}`);
  return { pid: child.pid, files, output, stop, admin: adminAsk, reload: () => child.kill('SIGHUP') };
}

/// Another command of the program, to its end: `{ status, stdout, stderr }`.
export function command(binary, commandLine, { input = '', cwd } = {}) {
  return spawnSync(binary, commandLine, { input, cwd, encoding: 'utf8', timeout: 20_000 });
}
