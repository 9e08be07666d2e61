// What is printed, and with `--write` committed: where, with what, the tables, and how to read them.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from './processes.mjs';
import { loadTable, table } from './table.mjs';

export async function report({ options, load, bulk, notes }) {
  const { rounds, seconds, connections, bigBytes } = options;
  return `# Performance

What a request costs, beside other proxies in the same interleaved run. Written by \`scripts/bench --write\`; figures of
another machine, or of another hour of the same machine, differ: compare within one table only. Where the time goes,
what was done about it and what is left: [decision 0012](decisions/0012-where-a-requests-time-goes.md).
${options.isQuick ? '\n**A quick run: it proves that the measurement works, its figures prove nothing.**\n' : ''}
${await circumstances(options)}

## Load

${rounds} rounds of ${seconds} s per line, 64 kept connections (HTTP/2: 8 × 16 streams). Medians over the rounds; spread
is the least and the most; × is the median of the rounds' ratios to nginx, which proxies the same bytes without any
authentication.

${loadTable(load)}

CPU is user and system time of the server's processes alone. Memory is their resident memory, shared pages counted once
for each process. The load generator and the upstream share the machine with the servers, so requests/s says less than
CPU does.

## Memory

${memoryTable(bulk, connections, bigBytes)}

Each idle connection has asked once for 1 KiB. Both are measured at processes that were started for it, the body first.

## How it was measured

- Two workers for each proxy; one upstream, nginx with one worker, serving files. Everything on loopback, kept
  connections on both sides, access logs off, but in the row "access lines": there both write theirs into a file, as
  they do unless they are told otherwise. The gateway's audit lines (one per mint) are always written.
- Every answer is checked before the first round: the bytes, the number of links in a page, the signed URL.
- Sign-in is real, at oidc-provider; the session cookie is what a browser would have got. nginx gets the same requests,
  with the gateway's cookie, and passes it on.
- \`target/shipped\` is what \`scripts/dist\` builds, compiled with counts of other requests than these: with a
  browser's headers (\`tests/bench/train.mjs\`). nginx and Apache are Debian's.
- "nginx, then gateway" and "nginx asks gateway" are one nginx with two workers and a gateway with two; CPU and memory
  are those of both. The one that asks (\`auth_request\`) goes to the upstream itself.
- nginx has buffers for a whole page, so that it never writes one to disk.
${notes.map((note) => `- ${note}.\n`).join('')}`;
}

function memoryTable({ idle, large }, connections, bigBytes) {
  const line = (name, each, share) => [
    name,
    each.name,
    ...[each.before, each.after].map((size) => size.toFixed(1)),
    share,
    each.seconds.toFixed(1),
  ];
  const share = ({ before, after }) => (((after - before) * 1024) / connections).toFixed(1);
  return table(
    ['', 'server', 'before MiB', 'then MiB', 'per connection KiB', 's'],
    [
      ...idle.map((each) => line(`${connections} idle connections`, each, share(each))),
      ...large.map((each) => line(`body of ${bigBytes / 2 ** 20} MiB (most)`, each, '–')),
    ],
  );
}

async function circumstances({ binary, base, ...options }) {
  const inside = path.relative(process.cwd(), binary);
  const load = fs.readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  const git = async (...args) => (await run('git', args)).trim();
  const changes = await git('status', '--porcelain');
  const versions = await Promise.all(
    [
      [binary, '--version'],
      ['nginx', '-v'],
      ['apache2', '-v'],
      ['wrk', '-v'],
    ].map(version),
  );
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  const lines = [
    ['machine', `${os.cpus()[0].model}, ${os.cpus().length} cores, ${memory}, Linux ${os.release()}`],
    ['commit', `${await git('rev-parse', '--short=12', 'HEAD')}${changes ? ' with changes' : ''}`],
    ['command', `scripts/bench ${commandLine(options)}`.trim()],
    ['program', inside.startsWith('..') ? path.basename(binary) : inside],
    ['versions', versions.filter(Boolean).join(', ')],
    ['load average at the end', load],
  ];
  return lines.map(([name, value]) => `- ${name}: ${value}`).join('\n');
}

function commandLine({ isQuick, withTls, rounds, seconds, write }) {
  const words = [
    isQuick && '--quick',
    withTls && '--tls',
    `--rounds ${rounds}`,
    `--seconds ${seconds}`,
    write && '--write',
  ];
  return words.filter(Boolean).join(' ');
}

// Some write it to standard error, wrk ends with 1.
async function version([program, flag]) {
  const text = await run('bash', ['-c', '"$0" "$1" 2>&1 | head -1', program, flag]).catch(() => '');
  if (/not found/.test(text)) return undefined;
  return text
    .replace(/^(nginx version|Server version): /, '')
    .replace(/ Copyright.*| \[.*/, '')
    .trim();
}
