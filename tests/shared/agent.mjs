// A browser as far as HTTP goes: cookies, redirects one at a time, Fetch Metadata. Names under .localhost are loopback.

import http from 'node:http';
import { within } from './wait.mjs';

/// What a browser says about a request, by what it is for.
export const NAVIGATION = {
  accept: 'text/html,*/*',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'none',
};
export const FRAME = {
  accept: 'text/html,*/*',
  'sec-fetch-dest': 'iframe',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'same-origin',
};
export const FETCH = {
  accept: '*/*',
  'sec-fetch-dest': 'empty',
  'sec-fetch-mode': 'cors',
  'sec-fetch-site': 'same-origin',
};

const SECONDS = 20;

export class Agent {
  #jars = new Map();
  #connections = new http.Agent({ keepAlive: true, maxSockets: 16 });

  /// `hear(answer)` gets every answer.
  constructor(hear = () => {}) {
    this.hear = hear;
  }

  /// One request; a redirect is an answer like any other.
  async ask(address, { method = 'GET', headers = NAVIGATION, body } = {}) {
    const url = new URL(address);
    const jar = this.cookies(url.hostname);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`);
    const own = Object.entries(headers).find(([name]) => name.toLowerCase() === 'cookie');
    if (own) cookie.push(own[1]);
    const sent = { host: url.host, ...headers, ...(cookie.length ? { cookie: cookie.join('; ') } : {}) };
    if (body !== undefined) sent['content-length'] = Buffer.byteLength(body);
    const options = {
      host: '127.0.0.1',
      port: url.port,
      method,
      path: url.pathname + url.search,
      headers: sent,
      agent: this.#connections,
    };
    const answer = {
      method,
      url: address,
      ...(await within(SECONDS, `${method} ${url.origin}${url.pathname}`, send(options, body))),
    };
    for (const line of answer.headers['set-cookie'] ?? []) keep(jar, line);
    this.hear(answer);
    return answer;
  }

  /// Signs `person` in at `site` through the provider of provider.mjs.
  async signIn(site, person, path = '/') {
    const asked = await this.ask(site + path);
    if (asked.status !== 303)
      throw new Error(`expected a redirect to the provider, got ${asked.status}: ${asked.text.slice(0, 300)}`);
    const answered = await this.ask(`${asked.headers.location}&as=${person}`);
    if (!answered.headers.location)
      throw new Error(`the provider answered ${answered.status}: ${answered.text.slice(0, 300)}`);
    return this.ask(answered.headers.location);
  }

  cookies(host) {
    if (!this.#jars.has(host)) this.#jars.set(host, new Map());
    return this.#jars.get(host);
  }

  close() {
    this.#connections.destroy();
  }
}

function send(options, body) {
  return new Promise((done, fail) => {
    // A kept connection may end just as it is used again: then, as browsers do, once more on another.
    const failed = (error) =>
      call.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code)
        ? send({ ...options, agent: false }, body).then(done, fail)
        : fail(error);
    const call = http.request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => (text += piece));
      answer.on('error', fail);
      answer.on('end', () =>
        done({ status: answer.statusCode, headers: answer.headers, rawHeaders: answer.rawHeaders, text }),
      );
    });
    call.on('error', failed);
    call.end(body);
  });
}

function keep(jar, line) {
  const [pair, ...attributes] = line.split(';').map((part) => part.trim());
  const name = pair.slice(0, pair.indexOf('='));
  const isExpired = attributes.some(
    (attribute) => /^max-age=0$/i.test(attribute) || /^expires=Thu, 01 Jan 1970/i.test(attribute),
  );
  if (isExpired) jar.delete(name);
  else jar.set(name, pair.slice(name.length + 1));
}
