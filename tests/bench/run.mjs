// The measurement from end to end: start everything, prove every answer, measure in interleaved rounds, print the
// tables.
//
//   node run.mjs --binary FILE [--quick] [--rounds N] [--seconds N] [--tls] [--before FILE] [--write FILE]
//     [--port BASE]

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../shared/gateway.mjs';
import { idleConnections, largeBody } from './bulk.mjs';
import { measure } from './load.mjs';
import { report } from './report.mjs';
import { prove, rows } from './rows.mjs';
import { startAll } from './servers.mjs';

const FULL = { rounds: 8, seconds: 3, connections: 10_000, bigBytes: 2 ** 30 };
const QUICK = { rounds: 2, seconds: 1, connections: 1000, bigBytes: 2 ** 26 };

async function main() {
  const options = parse();
  const work = temporaryFolder('sigma-gateway-bench');
  fs.chmodSync(work, 0o755); // the servers' workers are other users
  const notes = new Set();
  let running;
  const phase = async (name, measureAll) => {
    const folder = path.join(work, name);
    fs.mkdirSync(folder);
    running = await startAll({ ...options, work: folder, note: (line) => notes.add(line) });
    const result = await measureAll(running.servers, options);
    await running.stop();
    return result;
  };
  try {
    const load = await phase('load', (servers) => measureLoad(servers, options, (line) => notes.add(line)));
    // Of fresh processes: those of the load keep what it made them take.
    const bulk = await phase('memory', measureBulk);
    const text = await report({ options, load, bulk, notes: [...notes] });
    console.log(text);
    if (options.write) fs.writeFileSync(options.write, text);
  } finally {
    await running?.stop();
  }
}

/// Round by round, row by row, server by server; every other round backwards.
async function measureLoad(servers, { withTls, rounds, seconds }, note) {
  const wanted = rows({ withTls }).map((row) => ({
    ...row,
    targets: row.targets.filter((target) => servers[target.server]),
  }));
  for (const row of wanted) for (const target of row.targets) await prove(servers[target.server], target);
  const results = wanted.map((row) => ({
    name: row.name,
    results: row.targets.map((target) => ({ name: servers[target.server].name, rounds: [] })),
  }));
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    for (const [index, row] of wanted.entries()) {
      const order = [...row.targets.entries()];
      if (round % 2 === 1) order.reverse();
      for (const [at, target] of order) {
        results[index].results[at].rounds.push(await measureOne(servers[target.server], target, seconds, note));
      }
    }
  }
  return results;
}

/// Fails where a gateway of ours loses a connection. A peer may close a kept one as it likes (Apache ends the processes
/// that it has to spare): that is said below the table.
async function measureOne(server, target, seconds, note) {
  const where = `${server.name} ${target.path}`;
  const result = await measure(server, target, seconds).catch((error) => {
    throw new Error(`${where}: ${error.message}`);
  });
  if (result.lost && server.name.startsWith('gateway')) throw new Error(`${where}: ${result.lost}`);
  if (result.lost) note(`${where} lost connections: ${result.lost}`);
  return result;
}

async function measureBulk({ nginx, gateway }, { connections, bigBytes }) {
  const [idle, large] = [[], []];
  for (const server of [nginx, gateway]) {
    process.stderr.write(`idle connections and a large body: ${server.name}\n`);
    large.push(await largeBody(server, bigBytes));
    idle.push(await idleConnections(server, connections));
  }
  return { idle, large };
}

function parse() {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string' },
      before: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      tls: { type: 'boolean', default: false },
      write: { type: 'string' },
      port: { type: 'string', default: '18600' },
    },
  });
  if (!values.binary) throw new Error('--binary FILE is missing');
  const scale = values.quick ? QUICK : FULL;
  const number = (text, otherwise) => (text === undefined ? otherwise : Number(text));
  return {
    ...scale,
    binary: path.resolve(values.binary),
    before: values.before && path.resolve(values.before),
    base: Number(values.port),
    isQuick: values.quick,
    withTls: values.tls,
    rounds: number(values.rounds, scale.rounds),
    seconds: number(values.seconds, scale.seconds),
    write: values.write,
  };
}

await main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
