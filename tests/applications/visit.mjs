// A person's browser, as far as HTTP shows it: cookies, redirects, forms, Fetch Metadata. Every step is kept, so that
// two visits can be compared.

import { createHash } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { within } from '../shared/wait.mjs';
import { attribute, fillForm, urlEncoded } from '../shared/form.mjs';
import { Jar } from '../shared/jar.mjs';

const REDIRECTS_MAX = 12;
const ANSWER_SECONDS = 60;
const PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/// What a browser says of itself when it asks for this kind of thing.
const KINDS = {
  page: { accept: PAGE, 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' },
  frame: { accept: PAGE, 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' },
  image: { accept: 'image/avif,image/webp,*/*;q=0.8', 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' },
  script: { accept: '*/*', 'sec-fetch-dest': 'script', 'sec-fetch-mode': 'no-cors' },
  fetch: { accept: '*/*', 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' },
  tool: { accept: '*/*' }, // a download manager, curl
};

export class Visit {
  /// `origin` is what the address bar shows; `port` is where its requests really go.
  constructor({ origin, port }) {
    Object.assign(this, { origin, port, jar: new Jar(), steps: [] });
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
  }

  /// One click, and the redirects that follow. Gives the last answer; each answer is a step of its own.
  async go(title, path, options = {}) {
    let answer = await this.ask(path, options);
    this.#keep(title, answer, options);
    for (let turn = 0; isRedirect(answer); turn += 1) {
      if (turn === REDIRECTS_MAX) throw new Error(`${title}: more than ${REDIRECTS_MAX} redirects`);
      const next = new URL(answer.headers.location, answer.url);
      if (next.origin !== this.origin) throw new Error(`${title}: leads to ${next}`);
      answer = await this.ask(next.pathname + next.search, {});
      this.#keep(`${title}, redirect ${turn + 1}`, answer, options);
    }
    return answer;
  }

  /// Fills in the form of `page` that holds `mark`, and sends it.
  async submit(title, page, mark, typed, { charset, ...options } = {}) {
    const { action, method, fields } = fillForm(page.text, mark, typed);
    const target = new URL(action, page.url);
    target.hash = '';
    if (target.origin !== this.origin) throw new Error(`${title}: the form goes to ${target}`);
    const sent = urlEncoded(fields, charset);
    if (method === 'GET') return this.go(title, `${target.pathname}?${sent}`, options);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: this.origin };
    return this.go(title, target.pathname + target.search, { method, body: sent, headers, ...options });
  }

  /// One request to this site; nothing is followed, nothing is kept.
  ask(path, options = {}) {
    return this.request(this.origin + path, options);
  }

  /// One request to any place. Other sites than this one are where their URL says.
  async request(url, { method = 'GET', kind = 'page', headers = {}, body, keepBytes = Infinity, onPiece } = {}) {
    const { origin, port, host, pathname, search } = new URL(url);
    const isHere = origin === this.origin;
    const from = kind === 'tool' ? {} : { 'sec-fetch-site': 'same-origin', referer: `${this.origin}/` };
    const cookie = this.jar.header(url);
    const sent = {
      host,
      'user-agent': 'application-test',
      'accept-encoding': 'gzip, deflate, br',
      'accept-language': 'en',
      ...KINDS[kind],
      ...from,
      ...(cookie ? { cookie } : {}),
      ...lengthOf(body),
      ...headers,
    };
    const options = {
      host: '127.0.0.1',
      port: isHere ? this.port : port,
      path: pathname + search,
      method,
      headers: sent,
      agent: this.agent,
    };
    const answer = await within(ANSWER_SECONDS, `${method} ${url}`, exchange(options, body, keepBytes, onPiece));
    this.jar.keep(url, answer.headers['set-cookie']);
    return Object.assign(answer, { url, method });
  }

  /// Signs in at the gateway only: what the application set on the way is forgotten again.
  async enter(person) {
    const answer = await this.signIn(person, '/');
    this.jar.keepOnly(new URL(this.origin).hostname, '__Host-sg');
    return answer;
  }

  /// Goes through the gateway's and the provider's redirects and forms, until the site itself answers.
  async signIn(person, path) {
    let answer = await this.ask(path);
    for (let turn = 0; turn < REDIRECTS_MAX; turn += 1) {
      if (answer.headers.location) {
        answer = await this.request(new URL(answer.headers.location, answer.url).href);
      } else if (answer.url.startsWith(this.origin)) {
        if (!answer.headers['sigma-gateway']) return answer;
        throw new Error(`sign-in ended with ${answer.status} ${answer.text.slice(0, 300)}`);
      } else {
        answer = await this.#answerProvider(answer, person);
      }
    }
    throw new Error(`sign-in took more than ${REDIRECTS_MAX} steps, last ${answer.url}`);
  }

  /// oidc-provider's development pages: a name, then consent.
  #answerProvider(page, person) {
    const typed = page.text.includes('name="login"') ? { login: person, password: 'any' } : {};
    const { action, fields } = fillForm(page.text, '<', typed);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.request(new URL(action, page.url).href, { method: 'POST', body: urlEncoded(fields), headers });
  }

  leave() {
    this.agent.destroy();
  }

  #keep(title, answer, { slots = 0 }) {
    this.steps.push({ title, answer, slots: answer.headers.location ? 0 : slots });
  }
}

/// A 201 has a `Location` too.
function isRedirect({ status, headers }) {
  return status >= 300 && status < 400 && headers.location;
}

/// The value of an attribute of the first tag that holds `mark`.
export function attributeAt(html, mark, name) {
  const tag = [...html.matchAll(/<[a-z][^>]*>/gi)].find(([text]) => text.includes(mark));
  if (!tag) throw new Error(`no tag with ${mark}`);
  return attribute(tag[0], name);
}

function lengthOf(body) {
  if (body === undefined) return {};
  if (typeof body === 'string' || Buffer.isBuffer(body)) return { 'content-length': Buffer.byteLength(body) };
  return {
    ...(body.type ? { 'content-type': body.type } : {}),
    ...(body.length === undefined ? {} : { 'content-length': body.length }),
  };
}

/// Sends, and reads the whole answer: its bytes, at most `keepBytes` of them (then the connection is broken off), and a
/// hash.
function exchange(options, body, keepBytes, onPiece) {
  return new Promise((done, fail) => {
    const call = http.request(options, (answer) => {
      const hash = createHash('sha256');
      const kept = [];
      let size = 0;
      const finish = (isWhole) =>
        done(answerOf(answer, Buffer.concat(kept), { size, sha256: hash.digest('hex'), isWhole }));
      answer.on('data', (piece) => {
        if (size >= keepBytes) return;
        const taken = piece.subarray(0, keepBytes - size);
        size += taken.length;
        hash.update(taken);
        onPiece?.(taken);
        if (!onPiece) kept.push(taken);
        if (size < keepBytes) return;
        finish(false);
        call.destroy();
      });
      answer.on('end', () => size < keepBytes && finish(true));
      answer.on('error', (error) => size < keepBytes && fail(error));
    });
    call.on('error', fail);
    if (typeof body === 'object' && !Buffer.isBuffer(body)) Readable.from(body.pieces()).pipe(call);
    else call.end(body);
  });
}

function answerOf(answer, bytes, rest) {
  const { statusCode: status, headers, rawHeaders, trailers } = answer;
  const content = decodeContent(bytes, headers['content-encoding'], rest.isWhole);
  return {
    status,
    headers,
    lines: linesOf(rawHeaders),
    trailers,
    bytes: content,
    text: content.toString('utf8'),
    ...rest,
  };
}

function decodeContent(bytes, coding, isWhole) {
  if (!isWhole || bytes.length === 0) return bytes;
  if (coding === 'gzip') return zlib.gunzipSync(bytes);
  if (coding === 'br') return zlib.brotliDecompressSync(bytes);
  if (coding === 'deflate') return zlib.inflateSync(bytes);
  return bytes;
}

function linesOf(raw) {
  const lines = [];
  for (let at = 0; at < raw.length; at += 2) lines.push([raw[at].toLowerCase(), raw[at + 1]]);
  return lines;
}
