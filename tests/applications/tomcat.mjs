// Tomcat as Debian packages it, with its examples: form login by the container, JSESSIONID, ISO-8859-1, chunked and
// gzip answers, WebSockets. It is told its own address as `Host`, and redirects there.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../shared/application.mjs';
import { BULK_BYTES, MEBIBYTE, hashOf, multipart, pieces, writeBulk } from './bulk.mjs';
import { equal, ok } from './check.mjs';
import { resumesDownload } from './common.mjs';
import { sigmaUrl } from './gateway.mjs';
import { Socket, refusal } from './socket.mjs';

const parts = path.join(path.dirname(fileURLToPath(import.meta.url)), 'parts/tomcat');
const PROTECTED = '/examples/jsp/security/protected/index.jsp';
const SERVLETS = '/examples/servlets/servlet';
const BULK_SEED = 'tomcat';
const BIG = '/big.bin';

export const tomcat = {
  name: 'tomcat',
  embedPage: '/report.jsp',
  place: (where) => where.tomcat,
  directOrigin: ({ tomcat: { port } }) => `http://127.0.0.1:${port}`,
  start: startTomcat,
  signIn: signInToTomcat,
  walk,
  screen: { away: '/examples/index.html' },
  checks: [
    { name: 'an absolute redirect to its own address stays on the site', run: absoluteRedirect },
    { name: 'the application is told who it is, and never gets our cookie', run: identity },
    { name: 'a frame is inserted into a page that nobody may edit', run: inserted },
    { name: 'an upload form of 100 MiB arrives whole', run: bigForm },
    { name: 'a chunked upload of 100 MiB is counted to the byte', run: chunkedUpload },
    { name: 'a download of 100 MiB that broke off is resumed where it stopped', run: resume },
    { name: 'a resumed download of a file that changed begins anew', run: resumeChanged },
    { name: 'a WebSocket echoes text, bytes and 1 MiB', run: echo },
    { name: 'two people chat over WebSockets', run: chat },
    { name: 'a WebSocket of another origin is refused', run: otherOrigin },
    { name: 'an answer that trickles is not held up', run: trickle },
    { name: 'a page in ISO-8859-1 keeps its bytes, gzip and chunks', run: latin },
    { name: 'pages and pictures of one browser ask for the same codings', run: oneBrowser },
    { name: 'the cookie to forget is forgotten at sign-out', run: forget },
  ],
  /// What Tomcat and its examples make anew in every visit.
  normalise: [
    { name: 'session id', pattern: /\b[0-9A-F]{32}\b/g, as: 'ID' },
    {
      name: 'time of day',
      pattern: /\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [A-Z]+ \d{4}\b/g,
      as: 'TIME',
    },
    { name: 'time of day, ISO', pattern: /\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\b/g, as: 'TIME' },
    { name: 'time of day, in words', pattern: /\b[A-Z][a-z]+ \d+, 20\d\d, \d{1,2}:\d\d:\d\d/g, as: 'TIME' },
    { name: 'milliseconds', where: 'body', pattern: /\b1[789]\d{11}\b/g, as: 'TIME' },
    {
      name: 'part of a time',
      where: 'body',
      pattern: /^(<li>(?:Time|Hour|Minute|Second|Date)[^<]*is ?).*$/gm,
      as: '$1TIME',
    },
  ],
};

async function startTomcat({ folder, where }) {
  const home = path.join(folder, 'tomcat');
  fs.rmSync(home, { recursive: true, force: true });
  for (const name of ['conf', 'logs', 'temp', 'work', 'webapps/ROOT/WEB-INF'])
    fs.mkdirSync(path.join(home, name), { recursive: true });
  const copy = (from, to) =>
    fs.cpSync(from, path.join(home, to), { recursive: true, dereference: true, preserveTimestamps: true });
  for (const name of ['web.xml', 'context.xml', 'catalina.properties']) copy(`/etc/tomcat10/${name}`, `conf/${name}`);
  for (const name of ['server.xml', 'tomcat-users.xml']) copy(path.join(parts, name), `conf/${name}`);
  copy(path.join(parts, 'web.xml'), 'webapps/ROOT/WEB-INF/web.xml');
  for (const name of ['report.jsp', 'absolute.jsp', 'upload.jsp']) {
    const text = fs.readFileSync(path.join(parts, name), 'utf8').replaceAll('{{sigma_url}}', sigmaUrl(where));
    fs.writeFileSync(path.join(home, 'webapps/ROOT', name), text);
  }
  copy('/usr/share/tomcat10-examples/examples', 'webapps/examples');
  writeBulk(path.join(home, 'webapps/ROOT', BIG), BULK_SEED);
  const { port } = where.tomcat;
  const env = {
    CATALINA_HOME: '/usr/share/tomcat10',
    CATALINA_BASE: home,
    CATALINA_OPTS: `-Xmx256m -XX:TieredStopAtLevel=1 -Dhttp.port=${port}`,
  };
  const command = '/usr/share/tomcat10/bin/catalina.sh';
  return start({ name: 'Tomcat', command, args: ['run'], cwd: home, env, port, page: '/examples/' });
}

async function walk(visit) {
  await visit.go('folder without its slash', '/examples');
  await visit.go('list of servlets', '/examples/servlets/index.html', { slots: 1 });
  await containerLogin(visit);
  await forms(visit);
  await pages(visit);
  await files(visit);
}

async function containerLogin(visit) {
  const form = await visit.go('protected page', PROTECTED);
  const refused = await visit.submit('sign-in with a wrong password', form, 'j_password', {
    j_username: 'tina',
    j_password: 'wrong',
  });
  ok(/invalid user name/i.test(refused.text), 'the container refuses a wrong password');
  const again = await visit.go('protected page again', PROTECTED);
  const inside = await visit.submit('sign-in', again, 'j_password', { j_username: 'tina', j_password: 'tina-pw' });
  ok(inside.text.includes('tina'), 'the container knows who it is');
  await visit.submit('data kept in the session', inside, 'dataName', { dataName: 'colour', dataValue: 'grün' });
  const left = await visit.go('sign-out', `${PROTECTED}?logoff=true`);
  ok(left.text.includes('j_password'), 'the container asks again');
}

async function signInToTomcat(visit) {
  const form = await visit.ask(PROTECTED);
  const inside = await visit.submit('sign-in', form, 'j_password', { j_username: 'tina', j_password: 'tina-pw' });
  ok(inside.text.includes('tina'), 'the container knows who it is');
}

async function forms(visit) {
  const parameters = await visit.go('form', `${SERVLETS}/RequestParamExample`);
  await visit.submit('its answer', parameters, 'firstname', { firstname: 'Jürgen', lastname: '<b>Groß & "Söhne"</b>' });
  const cookies = await visit.go('cookie form', `${SERVLETS}/CookieExample`);
  await visit.submit('a cookie set by a form', cookies, 'cookiename', { cookiename: 'flavour', cookievalue: 'oat' });
  const kept = await visit.go('the cookie again', `${SERVLETS}/CookieExample`);
  ok(kept.text.includes('oat'), 'the cookie came back');
  const session = await visit.go('session', `${SERVLETS}/SessionExample`);
  await visit.submit('data in the session', session, 'dataname', { dataname: 'colour', datavalue: 'blue' });
  await visit.go('shopping', '/examples/jsp/sessions/carts.html');
  for (const item of ['A lock of hair', 'Concert ticket']) {
    const sent = `item=${encodeURIComponent(item)}&submit=add`;
    await visit.go(`cart with ${item}`, `/examples/jsp/sessions/carts.jsp?${sent}`);
  }
  const latin = await visit.go('report in ISO-8859-1', '/report.jsp', { slots: 2 });
  await visit.submit('its form', latin, 'wort', { wort: 'schön' }, { charset: 'latin1', slots: 2 });
}

async function pages(visit) {
  const paths = {
    hello: `${SERVLETS}/HelloWorldExample`,
    request: `${SERVLETS}/RequestInfoExample?a=b`,
    arithmetic: '/examples/jsp/jsp2/el/basic-arithmetic.jsp',
    functions: '/examples/jsp/jsp2/el/functions.jsp?foo=JSP+2.0',
    'tag files': '/examples/jsp/jsp2/tagfiles/products.jsp',
    'an XML page': '/examples/jsp/jsp2/jspx/basic.jspx',
    'SVG in XHTML': '/examples/jsp/jsp2/jspx/textRotate.jspx?name=JSPX',
    'check boxes': '/examples/jsp/checkbox/checkresult.jsp?fruit=apples&fruit=oranges',
    include: '/examples/jsp/include/include.jsp',
    'error page': '/examples/jsp/error/err.jsp?name=infiniti&submit=Submit',
    'servlet to JSP': '/examples/servletToJsp',
    asynchronous: '/examples/async/async1',
    'not there': '/examples/nothing/here',
    'a server error': '/upload',
    'a path in the clear': '/examples/servlets/servlet/RequestInfoExample/a%20b;c=d',
  };
  for (const [title, address] of Object.entries(paths)) await visit.go(title, address);
  // This page tells the coding that was asked for; of a browser's list the gateway asks for gzip only.
  await visit.go('compression', '/examples/CompressionTest', { headers: { 'accept-encoding': 'gzip' } });
  const trailers = await visit.go('trailers', '/examples/servlets/trailers/response', {
    kind: 'fetch',
    headers: { te: 'trailers' },
  });
  equal(trailers.status, 200, 'an answer with trailers');
}

async function files(visit) {
  const picture = '/examples/servlets/images/code.gif';
  const first = await visit.go('picture', picture, { kind: 'image' });
  const known = { kind: 'image', headers: { 'if-none-match': first.headers.etag } };
  equal((await visit.go('picture that is known', picture, known)).status, 304, 'an unchanged picture');
  const range = { kind: 'tool', headers: { range: 'bytes=100-199,1000-1099' } };
  equal((await visit.go('two parts of a file', BIG, range)).status, 206, 'two ranges');
  const outside = { kind: 'tool', headers: { range: `bytes=${BULK_BYTES}-` } };
  equal((await visit.go('a part that is not there', BIG, outside)).status, 416, 'a range past the end');
  await visit.go('length of a file', BIG, { kind: 'tool', method: 'HEAD' });
  await visit.go('what may be done', '/examples/index.html', { kind: 'tool', method: 'OPTIONS' });
  await visit.go('a method that is refused', '/examples/index.html', { kind: 'tool', method: 'DELETE' });
}

async function absoluteRedirect({ visit, site, directPort }) {
  const answer = await visit.ask('/absolute.jsp');
  equal(answer.headers.location, `${site}/report.jsp?wort=umgeleitet`, 'the redirect');
  const page = await visit.ask('/report.jsp');
  ok(!page.text.includes(`127.0.0.1:${directPort}`), 'the page does not name the upstream');
}

async function identity({ visit }) {
  const forged = { 'x-forwarded-user': 'root', x_forwarded_email: 'root@example.com', 'x-forwarded-for': '192.0.2.1' };
  const page = await visit.ask(`${SERVLETS}/RequestHeaderExample`, { headers: forged });
  for (const told of ['ana@example.com', 'x-forwarded-user', 'x-forwarded-host'])
    ok(page.text.includes(told), `it is told ${told}`);
  for (const kept of ['__Host-sg', 'root', '192.0.2.1']) ok(!page.text.includes(kept), `it is not told ${kept}`);
}

/// DokuWiki and others tie a session to this header.
async function oneBrowser({ visit }) {
  const asked = async (kind) => {
    const page = await visit.ask(`${SERVLETS}/RequestHeaderExample`, { kind });
    return /accept-encoding\s*<\/td>\s*<td>\s*([^<]*?)\s*</.exec(page.text)?.[1];
  };
  ok(await asked('page'), 'the page tells what was asked for');
  equal(await asked('image'), await asked('page'), 'what a picture asks for');
}

async function inserted({ visit }) {
  const page = await visit.ask('/examples/servlets/index.html');
  ok(
    /<iframe src="\/sigma\/embed\/revenue"[^>]*><\/iframe><\/body>/.test(page.text),
    'the frame is the last child of body',
  );
}

async function bigForm({ visit }) {
  const body = multipart([['note', 'hello']], {
    name: 'file',
    filename: 'big.zip',
    bytes: BULK_BYTES,
    seed: BULK_SEED,
  });
  const answer = await visit.ask('/upload', { method: 'POST', body, headers: { origin: visit.origin } });
  equal(answer.text.trim(), `hello ${BULK_BYTES} ${hashOf(BULK_BYTES, BULK_SEED)}`, 'what arrived');
}

async function chunkedUpload({ visit }) {
  const body = { pieces: () => pieces(BULK_BYTES, BULK_SEED) };
  const options = {
    method: 'POST',
    kind: 'fetch',
    body,
    headers: { 'content-type': 'application/octet-stream', origin: visit.origin },
  };
  const answer = await visit.ask('/examples/servlets/nonblocking/bytecounter', options);
  equal(answer.text, `Total bytes written = [${BULK_BYTES}]`, 'what was counted');
}

function resume({ visit }) {
  return resumesDownload(visit, BIG, BULK_SEED, 'last-modified');
}

async function resumeChanged({ visit }) {
  const headers = { range: 'bytes=1000-', 'if-range': 'Mon, 01 Jan 2001 00:00:00 GMT' };
  const whole = await visit.ask(BIG, { kind: 'tool', headers, onPiece: () => {} });
  equal([whole.status, whole.sha256], [200, hashOf(BULK_BYTES, BULK_SEED)], 'the whole file');
}

async function echo({ visit }) {
  const socket = await Socket.open(visit, '/examples/websocket/echoProgrammatic');
  socket.send('größer');
  equal(await socket.next('text'), 'größer', 'text');
  socket.send(Buffer.from([0, 255, 1]));
  equal([...(await socket.next('bytes'))], [0, 255, 1], 'bytes');
  equal(await socket.close(1000), 1000, 'the close code');
  const streamed = await Socket.open(visit, '/examples/websocket/echoStreamAnnotation');
  const sent = Buffer.concat([...pieces(MEBIBYTE, 'websocket')]);
  streamed.send(sent);
  let got = 0;
  while (got < sent.length) got += (await streamed.next('bytes of 1 MiB')).length;
  equal(got, sent.length, 'bytes back');
  await streamed.close();
}

async function chat({ visit, second }) {
  const one = await Socket.open(visit, '/examples/websocket/chat');
  const other = await Socket.open(second, '/examples/websocket/chat');
  for (const socket of [one, other]) await socket.next('its arrival', (text) => text.includes('has joined'));
  one.send('is anybody there?');
  await other.next('the question', (text) => text.includes('is anybody there?'));
  other.send('yes');
  await one.next('the answer', (text) => text.endsWith('yes'));
  await other.close();
  await one.next('the farewell', (text) => text.includes('has disconnected'));
  await one.close();
}

async function otherOrigin({ visit }) {
  const opening = Socket.open(visit, '/examples/websocket/echoProgrammatic', { origin: 'http://elsewhere.example' });
  const answer = await refusal(opening);
  ok(answer.startsWith('403'), `refused, found ${answer}`);
}

/// The ticker writes a line about every second, for half a minute.
async function trickle({ visit }) {
  let seen = '';
  const started = Date.now();
  await visit.ask('/examples/async/stockticker', {
    kind: 'fetch',
    headers: { 'accept-encoding': 'identity' },
    keepBytes: 40,
    onPiece: (piece) => (seen += piece),
  });
  ok(seen.startsWith('STOCK#'), 'a line of the ticker');
  ok(Date.now() - started < 6_000, 'the first lines come before the last is written');
}

async function latin({ visit }) {
  const page = await visit.ask('/report.jsp');
  equal([page.headers['content-encoding'], page.headers['transfer-encoding']], ['gzip', 'chunked'], 'the codings');
  ok(page.bytes.includes(Buffer.from('Umsätze', 'latin1')), 'its bytes are ISO-8859-1');
  equal(page.headers['content-type'], 'text/html;charset=ISO-8859-1', 'its type');
}

async function forget({ second }) {
  await signInToTomcat(second);
  const answer = await second.ask('/oauth2/sign_out');
  ok(
    answer.headers['set-cookie'].some((line) => line.startsWith('JSESSIONID=')),
    'the cookie is expired',
  );
  equal(second.jar.value(`${second.origin}/examples/`, 'JSESSIONID'), undefined, 'the session cookie');
}
