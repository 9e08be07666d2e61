// The requests that `scripts/dist` compiles for: what the gateway is asked in its life, by something that sends a
// browser's headers. The kinds are those of the table, the requests are not: those of the measurement have two headers.
//
//   node train.mjs --binary FILE [--seconds N] [--port BASE]

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../shared/gateway.mjs';
import { largeBody } from './bulk.mjs';
import { EMBED } from './configurations.mjs';
import { measure } from './load.mjs';
import { run } from './processes.mjs';
import { rows } from './rows.mjs';
import { startAll } from './servers.mjs';

const LARGE_BYTES = 2 ** 26;

/// As Chromium sends them with a navigation; the rows ask for pages, texts and a frame alike.
const BROWSER = {
  'cache-control': 'max-age=0',
  'sec-ch-ua': '"Not=A?Brand";v="24", "Chromium";v="140"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Linux"',
  'upgrade-insecure-requests': '1',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-user': '?1',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-US,en;q=0.9',
};

/// What the table does not ask for.
const MORE = [
  { name: 'page of 200 KiB, 20 slots, gzip', path: '/gzip/page-20.html' },
  {
    name: 'JSON with ten links',
    path: '/widgets.json',
    headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  },
];

async function main() {
  const { binary, seconds, port } = parse();
  const work = temporaryFolder('sigma-gateway-train');
  fs.chmodSync(work, 0o755); // the servers' workers are other users
  const running = await startAll({ work, binary, base: port, withTls: true, bigBytes: LARGE_BYTES, note: () => {} });
  try {
    for (const { path: where } of MORE) await hasLink(running.servers.gateway, where);
    for (const { name, server, ...target } of requests()) {
      const { rate } = await measure(running.servers[server], target, seconds);
      console.log(`${name}: ${Math.round(rate)} requests/s`);
    }
    const { gateway, gatewayTls } = running.servers;
    await largeBody(gateway, LARGE_BYTES);
    for (const server of [gateway, gatewayTls]) await upload(server, `${work}/files/public/big.bin`);
  } finally {
    await running.stop(); // an instrumented program writes its profile as it ends
  }
}

/// Every row of the table, asked of the gateway, and the others.
function requests() {
  const ofGateway = ({ server }) => server.startsWith('gateway');
  const ofTable = rows({ withTls: true })
    .filter(({ targets }) => targets.some(ofGateway))
    .map(({ name, targets }) => ({ name: name.replace(/,? nginx.*/, ''), ...targets.find(ofGateway) }));
  const others = MORE.map((row) => ({ server: 'gateway', isSignedIn: true, protocol: 'h1', ...row }));
  return [...ofTable, ...others].map((row) => {
    const destination = row.path.startsWith('/sigma/') ? 'iframe' : 'document';
    return { ...row, headers: { ...BROWSER, 'sec-fetch-dest': destination, ...row.headers } };
  });
}

/// A rewriter that is not at work would be compiled for doing nothing.
async function hasLink({ origin, cookie }, where) {
  const answer = await fetch(origin + where, { headers: { cookie } });
  if (!(await answer.text()).includes(`/sigma/embed/${EMBED}`))
    throw new Error(`${where}: ${answer.status}, and no link in it`);
}

async function upload(server, file) {
  const args = ['--silent', '--fail', '--insecure', '--output', '/dev/null', '--upload-file', file];
  await run('curl', [...args, '--header', `cookie: ${server.cookie}`, `${server.origin}/upload`]);
}

function parse() {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string' },
      seconds: { type: 'string', default: '3' },
      port: { type: 'string', default: '18660' },
    },
  });
  if (!values.binary) throw new Error('--binary FILE is missing');
  return { binary: path.resolve(values.binary), seconds: Number(values.seconds), port: Number(values.port) };
}

await main().catch((error) => {
  console.error(`dist: ${error.message}`);
  process.exitCode = 1;
});
