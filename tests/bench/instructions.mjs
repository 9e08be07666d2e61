// Instructions per request: the gateway under callgrind, one kind of request after the other, no load.
//
// Counts do not depend on how busy the machine is. They are those of the program itself: what the kernel does is not in
// them. What the program does by itself now and then is in some part of the requests or in none: the part in the middle
// counts.
//
//   node instructions.mjs --binary FILE [--only TEXT] [--requests N] [--top N] [--keep FOLDER]
//                        [--port BASE]

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../shared/gateway.mjs';
import { readDump } from './callgrind.mjs';
import { run } from './processes.mjs';
import { countedRows, prove } from './rows.mjs';
import { startAll } from './servers.mjs';
import { table } from './table.mjs';

const WARM_UP_REQUESTS = 20;
const PARTS = 5;

async function main() {
  const options = parse();
  const work = temporaryFolder('sigma-gateway-instructions');
  fs.chmodSync(work, 0o755); // nginx's worker is another user
  const under = ['valgrind', '--tool=callgrind', `--callgrind-out-file=${work}/counts.%p`, '--quiet'];
  let running;
  try {
    running = await startAll({ ...options, work, under, bigBytes: 1024, note: () => {} });
    const results = [];
    for (const { name, target } of countedRows().filter((row) => row.name.includes(options.only))) {
      const server = running.servers[target.server];
      const file = `${work}/counts.${server.pid}`;
      results.push({ name, ...(await count(server, target, options.requests, file)) });
    }
    print(results, options);
  } finally {
    await running?.stop();
    if (options.keep) keepDumps(work, options.keep);
  }
}

function parse() {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string' },
      only: { type: 'string', default: '' },
      requests: { type: 'string', default: '100' },
      top: { type: 'string', default: '0' },
      keep: { type: 'string' },
      port: { type: 'string', default: '18630' },
    },
  });
  if (!values.binary) throw new Error('--binary FILE is missing');
  return {
    binary: path.resolve(values.binary),
    only: values.only,
    requests: Number(values.requests),
    top: Number(values.top),
    keep: values.keep,
    base: Number(values.port),
  };
}

function print(results, { requests, top }) {
  const thousands = (number) => ((number * PARTS) / requests / 1000).toFixed(1);
  const lines = results.map(({ name, total }) => [name.replace(/,? nginx.*/, ''), 'gateway', thousands(total)]);
  console.log(table(['', 'server', 'thousand instructions per request'], lines));
  if (top === 0) return;
  for (const { name, functions } of results) {
    console.log(`\n${name}`);
    for (const each of functions.slice(0, top))
      console.log(`${thousands(each.instructions).padStart(10)}  ${each.name}`);
  }
}

async function count(server, target, requests, file) {
  await prove(server, target);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (times) => {
    for (let time = 0; time < times; time += 1) await once(server, target, agent);
  };
  const parts = [];
  await ask(WARM_UP_REQUESTS);
  await run('callgrind_control', ['--zero', String(server.pid)]);
  for (let part = 0; part < PARTS; part += 1) {
    await ask(requests / PARTS);
    await run('callgrind_control', [`--dump=${target.path}`, String(server.pid)]);
    parts.push(readDump(newest(file)));
  }
  agent.destroy();
  return parts.toSorted((one, other) => one.total - other.total)[Math.floor(PARTS / 2)];
}

function once(server, { path: target, isSignedIn, headers: more }, agent) {
  const headers = { ...server.headers, ...more, accept: '*/*', ...(isSignedIn ? { cookie: server.cookie } : {}) };
  return new Promise((done, fail) => {
    http
      .get(server.origin + target, { agent, headers }, (answer) =>
        answer.resume().once('end', done).once('error', fail),
      )
      .once('error', fail);
  });
}

/// The dumps themselves, for `callgrind_annotate --inclusive=yes`.
function keepDumps(work, folder) {
  fs.mkdirSync(folder, { recursive: true });
  for (const name of fs.readdirSync(work).filter((name) => name.startsWith('counts'))) {
    fs.copyFileSync(path.join(work, name), path.join(folder, name));
  }
}

/// The dump that was written last: `counts.N`.
function newest(file) {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  const dumps = fs.readdirSync(folder).filter((other) => other.startsWith(`${name}.`));
  return fs.readFileSync(`${file}.${Math.max(...dumps.map((dump) => Number(dump.split('.').at(-1))))}`, 'utf8');
}

await main().catch((error) => {
  console.error(`bench-instructions: ${error.message}`);
  process.exitCode = 1;
});
