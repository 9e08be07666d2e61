// Names in the charsets of older applications, as segments of paths: each arrives byte for byte, whatever its bytes
// look like. What climbs out of a public path by bytes of the same kind never arrives.

import assert from 'node:assert/strict';
import net from 'node:net';
import { publicRoute, site } from '../shared/configuration.mjs';
import { Agent } from '../shared/agent.mjs';
import { asBrowsersDo, everyByte, segments } from './names.mjs';
import { exchange } from './wire.mjs';

const HOST = 'names.localhost';
/// Connections at a time, and requests sent ahead on each.
const SIDE_BY_SIDE = 8;
const AHEAD = 50;
const SECONDS = 120;

/// The site of these checks: public below `/pub/`, but for those who are signed in below `/pub/docs/`.
export const namesSite = ({ gateway, port }) =>
  site({
    url: `http://${HOST}:${gateway}`,
    upstream: port,
    embeds: [],
    more: `${publicRoute('/pub/')}
[[site.route]]
path = "/pub/docs/"
access = "signed-in"
${publicRoute('/pub/docs/open/')}
[[site.route]]
path = "/admin/"
access = { when = { groups = ["admins"] } }
`,
  });

export async function namesArrive(checks, { gateway, port, stops }) {
  const application = await startApplication(port);
  stops.push(application.stop);
  const agent = new Agent();
  await agent.signIn(`http://${HOST}:${gateway}`, 'ana', '/oauth2/start?rd=/');
  const cookie = [...agent.cookies(HOST)].map(([name, value]) => `${name}=${value}`).join('; ');
  agent.close();
  const lines = `Host: ${HOST}:${gateway}\r\nCookie: ${cookie}\r\n`;
  for (const { language, charset, lacks, names } of segments()) {
    await checks.run(`[names] ${language} in ${charset}: every name arrives byte for byte`, async () => {
      const targets = names.flatMap(placed);
      assert.ok(names.length > 900, `only ${names.length} names`);
      const refused = await lost(gateway, lines, targets);
      assert.deepEqual(refused.slice(0, 10), [], `${refused.length} of ${targets.length} did not arrive`);
      const lacking = lacks ? `, ${lacks} names that the charset cannot write` : '';
      return `${names.length} names, ${targets.length} paths${lacking}`;
    });
  }
  await checks.run('[names] long paths of many names arrive', async () => {
    const all = segments().map(({ names }) => names.map(asBrowsersDo));
    const targets = all.flatMap((names) =>
      [20, 60].flatMap((count) =>
        Array.from({ length: 10 }, (_, at) => `/pub/${names.slice(at * count, (at + 1) * count).join('/')}`),
      ),
    );
    const fitting = targets.filter((target) => target.length < 8_000);
    const refused = await lost(gateway, lines, fitting);
    assert.deepEqual(refused.slice(0, 10), [], `${refused.length} of ${fitting.length} did not arrive`);
    return `${fitting.length} paths of up to ${Math.max(...fitting.map((target) => target.length))} bytes`;
  });
  await checks.run('[names] bytes of the same kind lead nobody out of a public path', () =>
    climbing({ gateway, application }),
  );
}

/// A name where names are: last, as a folder, beside a longer route, between other text; and with every byte escaped.
function placed(bytes) {
  const [name, escaped] = [asBrowsersDo(bytes), everyByte(bytes)];
  return [
    `/pub/${name}`,
    `/archive/${name}/list.asp?name=${name}&x=%c0%ae%c0%ae/`,
    `/pub/docs/open/${name}%20${name}.pdf`,
    `/${escaped}/${escaped}`,
  ];
}

/// Those targets that the application does not see as they were sent.
async function lost(port, lines, targets) {
  const waiting = [...targets];
  const refused = [];
  const work = async () => {
    while (waiting.length > 0) refused.push(...(await inARow(port, lines, waiting.splice(0, AHEAD))));
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return refused;
}

/// One connection; a refusal ends it, and what was sent behind it is sent again on the next.
async function inARow(port, lines, targets) {
  const refused = [];
  let rest = targets;
  while (rest.length > 0) {
    const bytes = rest
      .map(
        (target, at) =>
          `GET ${target} HTTP/1.1\r\n${lines}${at === rest.length - 1 ? 'Connection: close\r\n' : ''}\r\n`,
      )
      .join('');
    const { answers, text } = await exchange(port, bytes, { quiet: SECONDS * 1000 });
    if (answers.length === 0) throw new Error(`no answer: ${text.slice(0, 200)}`);
    answers.forEach(({ status, headers, body }, at) => {
      if (status !== 200 || body !== rest[at])
        refused.push(`${status} ${headers['sigma-gateway'] ?? body} ${rest[at]}`);
    });
    rest = rest.slice(answers.length);
  }
  return refused;
}

/// Overlong dots and separators of every length, as they are, nested, and mixed with plain ones; and letters of a
/// route.
async function climbing({ gateway, application }) {
  const dots = [
    '%c0%ae',
    '%C0%AE',
    '%e0%80%ae',
    '%f0%80%80%ae',
    '%f8%80%80%80%ae',
    '%fc%80%80%80%80%ae',
    '%25c0%25ae',
    '%2525c0%2525ae',
    '%c0%25ae',
    '%c0%2e',
    '%e0%40%ae',
    '%c0.',
    '%C0n',
    '%e0%80.',
    '%25c0.',
    '%fe%80%80%80%80%80%ae',
  ];
  const separators = [
    '/',
    '%c0%af',
    '%C0%AF',
    '%c1%9c',
    '%e0%80%af',
    '%f0%80%80%af',
    '%25c0%25af',
    '%c0%2f',
    '%c0%af/',
    '%c0/',
    '%c0o',
    '%25c0o',
    '%fe%80%80%80%80%80%af',
  ];
  const targets = [
    '/pub/docs%c0%af',
    '/pub/%c1%a4ocs/',
    '/pub/%c0%afdocs/x',
    '/pub/docs%c0%80',
    '/pub/docs%c0%80.html',
    '/pub/docs%c0%bbx/y',
    '/pub/do%c0%80cs/x',
    '/pub/doc%c5%bf/x',
    '/pub/docs%c0%a0/x',
    '/pub/docs%c1%9cx',
    '/pub/%c1$ocs/',
    '/pub/%c1docs/x',
    '/pub/docs%c0/x',
    '/pub%c0/docs/x',
    '/pub/docs%c0@',
    '/pub/docs%c0M.html',
  ];
  for (const dot of dots) {
    for (const separator of separators) {
      for (const climb of [dot + dot, `.${dot}`, `${dot}.`, `%2e${dot}`])
        targets.push(
          `/pub/${climb}${separator}admin/x`,
          `/pub/a/${climb}${separator}${climb}${separator}admin`,
          `/pub/docs/open/${climb}${separator}x`,
        );
    }
    targets.push(`/pub/${dot}/docs/x`, `/pub/%2e${dot}`);
  }
  for (const control of ['%c0%80', '%C0%8A', '%e0%80%80', '%f0%80%80%89', '%25c0%2580'])
    targets.push(`/pub/..${control}/admin`, `/pub/.${control}./admin`, `/pub/..${control}.pdf`, `/pub/docs${control}`);
  for (const separator of separators.slice(1))
    targets.push(`/pub/..${separator}admin`, `/pub${separator}..${separator}admin`);
  const before = application.count();
  for (const target of targets) {
    const { answers } = await exchange(
      gateway,
      `GET ${target} HTTP/1.1\r\nHost: ${HOST}:${gateway}\r\nConnection: close\r\n\r\n`,
    );
    assert.equal(answers.length, 1, target);
    assert.ok([400, 401].includes(answers[0].status), `${target}: ${answers[0].status}`);
  }
  assert.equal(application.count(), before);
  return `${targets.length} refused`;
}

/// An application that answers with the target it was asked for, in its bytes.
async function startApplication(port) {
  let count = 0;
  const server = net.createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const target = text.slice(0, text.indexOf('\r\n')).split(' ')[1];
        text = text.slice(end + 4);
        count += 1;
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${target.length}\r\n\r\n${target}`,
          'latin1',
        );
      }
    });
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { count: () => count, stop: () => server.close() };
}
