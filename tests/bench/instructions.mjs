// Instructions per request: the gateway under callgrind, one kind of request after the other, no load.
//
// Counts do not depend on how busy the machine is. They are those of the program itself: what the kernel does is not in them.
//
//   node instructions.mjs --binary FILE [--requests N] [--keep FOLDER] [--port BASE]

import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { run } from './processes.mjs';
import { prove, rows } from './rows.mjs';
import { startAll } from './servers.mjs';
import { table } from './table.mjs';

const WARM_UP_REQUESTS = 20;

async function main() {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string' }, requests: { type: 'string', default: '100' },
      keep: { type: 'string' }, port: { type: 'string', default: '18620' },
    },
  });
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'sigma-gateway-instructions-'));
  fs.chmodSync(work, 0o755);
  const under = ['valgrind', '--tool=callgrind', `--callgrind-out-file=${work}/counts`, '--quiet'];
  let running;
  try {
    running = await startAll({ work, under, binary: path.resolve(values.binary), base: Number(values.port), bigBytes: 1024, note: () => {} });
    const lines = [];
    for (const { name, targets } of rows({ withTls: false })) {
      const target = targets.find(({ server }) => server === 'gateway');
      const each = await count(running.servers.gateway, target, Number(values.requests), `${work}/counts`);
      lines.push([name, 'gateway', Math.round(each / 1000).toLocaleString('en-GB').replaceAll(',', ' ')]);
    }
    console.log(table(['', 'server', 'thousand instructions per request'], lines));
    if (values.keep) fs.cpSync(work, values.keep, { recursive: true, filter: (file) => file === work || path.basename(file).startsWith('counts') });
  } finally {
    await running?.stop();
    fs.rmSync(work, { recursive: true, force: true });
  }
}

async function count(server, target, requests, file) {
  await prove(server, target);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (times) => {
    for (let time = 0; time < times; time += 1) await once(server, target, agent);
  };
  await ask(WARM_UP_REQUESTS);
  await run('callgrind_control', ['--zero', String(server.pid)]);
  await ask(requests);
  await run('callgrind_control', [`--dump=${target.path}`, String(server.pid)]);
  agent.destroy();
  return totalOf(file) / requests;
}

function once(server, { path: target, isSignedIn }, agent) {
  const headers = { accept: '*/*', ...(isSignedIn ? { cookie: server.cookie } : {}) };
  return new Promise((done, fail) => {
    http.get(server.origin + target, { agent, headers }, (answer) => answer.resume().once('end', done).once('error', fail)).once('error', fail);
  });
}

/// The newest dump: `counts.N`.
function totalOf(file) {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  const numbers = fs.readdirSync(folder).filter((other) => other.startsWith(`${name}.`)).map((other) => Number(other.split('.').at(-1)));
  const text = fs.readFileSync(`${file}.${Math.max(...numbers)}`, 'utf8');
  return Number(/^(?:totals|summary): (\d+)/m.exec(text)[1]);
}

await main().catch((error) => {
  console.error(`bench-instructions: ${error.message}`);
  process.exitCode = 1;
});
