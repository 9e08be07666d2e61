// Everything that the gateway can be asked, well and badly. Each scenario is a sentence; what it brought back is judged
// later.

import net from 'node:net';
import { Agent, FETCH, FRAME, NAVIGATION } from '../shared/agent.mjs';
import { sleep, until } from '../shared/wait.mjs';
import { badConfigurations } from './config.mjs';

const FAULTS = [
  'access_denied',
  'error',
  'html',
  'garbage',
  'issuer',
  'audience',
  'nonce',
  'expired',
  'signature',
  'unknown_key',
  'alg_none',
  'not_json',
];
const PREFETCH = { ...NAVIGATION, 'sec-purpose': 'prefetch' };
const CROSS_SITE = { ...FRAME, 'sec-fetch-site': 'cross-site' };

/// The change of a file and the signal may each be a reload.
const SETTLE_MILLISECONDS = 600;

/// All scenarios, in their order; `world` is that of run.mjs.
export const scenarios = {
  'signs people in, on both sites': async ({ people, sites }) => {
    for (const [person, own] of Object.entries(people))
      for (const site of [sites.signed, sites.link]) await own.signIn(site, person, '/');
  },
  'hands out embeds, by every surface': async ({ people, sites, control }) => {
    for (const [person, own] of Object.entries(people)) {
      for (const site of [sites.signed, sites.link]) {
        for (const embed of [
          'revenue',
          control,
          'closed',
          'off',
          'unknown',
          'any',
          'any/Costs-5pTf2QeRkLmN8sVwXyZ0aB/page/GHs4vJQxig',
          'any/x/edit',
        ]) {
          for (const headers of [NAVIGATION, FRAME, FETCH, PREFETCH, CROSS_SITE, {}]) {
            await own.ask(`${site}/sigma/embed/${embed}?Region=NL`, { headers });
            await own.ask(`${site}/sigma/api/embeds/${embed}`, { headers });
          }
        }
        for (const headers of [NAVIGATION, FRAME, FETCH]) {
          for (const path of ['/slots', '/insert/page', '/go', '/go-elsewhere', '/old-report', '/token-for-a-name'])
            await own.ask(site + path, { headers });
          for (const path of ['/insert/broken', '/api/broken']) await mayBreakOff(own.ask(site + path, { headers }));
        }
        await own.ask(`${site}/api/widgets`, { headers: FETCH });
      }
      if (person === 'ana') await own.ask(`${sites.signed}/notes/${control}`);
    }
  },
  'refuses access, methods, bodies and unknown paths': async ({ people: { ana }, sites: { signed }, logged }) => {
    await ana.ask(`${signed}/admin/x`);
    for (const path of [
      '/oauth2/start',
      '/oauth2/callback',
      '/oauth2/userinfo',
      '/sigma/links.js',
      '/sigma/embed/revenue',
      '/sigma/api/events',
    ]) {
      await ana.ask(signed + path, { method: 'DELETE' });
    }
    for (const path of ['/oauth2/nothing', '/sigma/nothing', '/OAuth2/start', '/%6fauth2/callback'])
      await ana.ask(`${signed}${path}?token=${logged.query}`);
    await ana.ask(`${signed}/oauth2/userinfo`, { headers: FETCH });
    const event = { headers: { ...FETCH, 'content-type': 'application/json' }, method: 'POST' };
    await ana.ask(`${signed}/sigma/api/events`, {
      ...event,
      body: JSON.stringify({ embed: 'revenue', code: logged.body, message: logged.body }),
    });
    await ana.ask(`${signed}/sigma/api/events`, {
      ...event,
      body: JSON.stringify({ embed: logged.body, code: 'EINVAL' }),
    });
    await ana.ask(`${signed}/sigma/api/events`, { ...event, body: `{"embed":"${logged.body}` });
    await ana.ask(`${signed}/sigma/api/events`, { ...event, body: logged.body.padEnd(100_000, 'x') });
  },
  'forwards what a browser brings, with credentials of its own': async ({ people: { ana }, sites, logged }) => {
    const headers = {
      ...NAVIGATION,
      authorization: `Bearer ${logged.header}`,
      cookie: `JSESSIONID=${logged.cookie}`,
      'x-api-key': logged.header,
    };
    for (const site of [sites.signed, sites.link, sites.down]) {
      for (const path of ['/page', '/public/page', '/slow', '/broken']) {
        await ana.ask(`${site}${path}?token=${logged.query}`, { headers });
        await ana.ask(`${site}${path}`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'text/plain' },
          body: logged.body,
        });
      }
    }
  },
  'refuses callbacks that are not the attempt’s': async ({ people: { ana }, sites: { signed }, forged }) => {
    const fresh = new Agent(ana.hear);
    const asked = await fresh.ask(`${signed}/`);
    const answered = await fresh.ask(`${asked.headers.location}&as=ana`);
    const callback = new URL(answered.headers.location);
    const stranger = new Agent(ana.hear);
    const changed = (name, value) => {
      const url = new URL(callback);
      url.searchParams.set(name, value);
      return url.href;
    };
    await stranger.ask(callback.href); // without the attempt's cookie
    for (const url of [
      changed('state', forged),
      `${callback.href}&code=${forged}`,
      // Which issuer it names is told, quoted and cut: an operator who has two needs it.
      changed('iss', 'http://127.0.0.1:1/another'),
      changed('error', forged),
      `${callback.origin}/oauth2/callback`,
    ]) {
      const other = new Agent(ana.hear);
      await other.ask(`${signed}/`);
      await other.ask(url);
      await fresh.ask(url, { headers: FETCH });
    }
    await fresh.ask(callback.href, { method: 'POST', body: callback.search });
    await fresh.ask(callback.href);
    await fresh.ask(callback.href); // again
    await fresh.ask(changed('code', forged));
  },
  'refuses forged and doubled cookies': async ({ people: { ana }, sites: { signed }, forged }) => {
    const good = ana.cookies('signed.localhost').get('__Host-sg');
    const cookies = [
      `__Host-sg=${forged}`,
      `__Host-sg=${good.slice(0, -4)}AAAA`,
      `__Host-sg=${good}; __Host-sg=${forged}`,
      `__Host-sg-l-0123456789abcdef=${forged}`,
      `__Host-sg-n=${forged}`,
    ];
    for (const cookie of cookies) {
      for (const path of ['/', '/oauth2/userinfo', '/sigma/embed/revenue', '/oauth2/callback?code=x&state=y']) {
        await new Agent(ana.hear).ask(signed + path, { headers: { ...NAVIGATION, cookie } });
      }
    }
    await new Agent(ana.hear).ask(`${signed}/public/page`, { headers: { ...NAVIGATION, cookie: `__Host-sg=${good}` } });
  },
  'survives what the provider does wrong': async ({ people: { ana }, sites: { signed }, provider }) => {
    for (const fault of FAULTS) {
      provider.fault = fault;
      const answer = await new Agent(ana.hear).signIn(signed, 'ana');
      if (answer.status < 400) throw new Error(`${fault}: ${answer.status}`);
    }
    provider.fault = null;
    for (const person of ['stranger', 'unverified']) await new Agent(ana.hear).signIn(signed, person);
  },
  'says so when the provider is down': async ({ people: { ana }, sites: { signed }, provider }) => {
    const fresh = new Agent(ana.hear);
    const asked = await fresh.ask(`${signed}/`);
    const answered = await fresh.ask(`${asked.headers.location}&as=ana`);
    await provider.stop();
    const answer = await fresh.ask(answered.headers.location);
    await provider.start();
    if (answer.status < 500) throw new Error(`the callback was answered with ${answer.status}`);
  },
  'says so when the application is down': async ({ people: { ana }, sites, host }) => {
    await host.stop();
    for (const path of ['/page', '/slots']) await ana.ask(sites.signed + path);
    await host.start();
  },
  'refuses what is not HTTP': async ({ ports, control, logged, people: { ana } }) => {
    const cookie = `Cookie: __Host-sg=${ana.cookies('signed.localhost').get('__Host-sg')}`;
    const host = `Host: signed.localhost:${ports.gateway}`;
    const credential = `Authorization: Bearer ${logged.header}`;
    const forged = `X-Forwarded-User: ${logged.header}`;
    const twoLengths = 'Content-Length: 3\r\nTransfer-Encoding: chunked';
    const wrong = [
      `GET /${control}?t=${logged.query} HTTP/1.1\r\nHost: nobody.localhost\r\n${cookie}\r\n${credential}\r\n\r\n`,
      `GET /a/%2e%2e/b?t=${logged.query} HTTP/1.1\r\n${host}\r\n${cookie}\r\n\r\n`,
      `GET /\x01?t=${logged.query} HTTP/1.1\r\n${host}\r\n${cookie}\r\n\r\n`,
      `GET / HTTP/1.1\r\n${host}\r\n${host}\r\n${cookie}\r\n${credential}\r\n\r\n`,
      `GET / HTTP/1.1\r\n${host}\r\n${cookie}\r\nBad Header ${logged.header}: x\r\n\r\n`,
      `GET / HTTP/1.1\r\n${host}\r\n${cookie}\r\n${credential}\x00\r\n\r\n`,
      `POST / HTTP/1.1\r\n${host}\r\n${cookie}\r\n${twoLengths}\r\n\r\n${logged.body}`,
      `POST / HTTP/1.1\r\n${host}\r\n${cookie}\r\nTransfer-Encoding: chunked\r\n\r\n${logged.body}\r\n`,
      `TRACE /?t=${logged.query} HTTP/1.1\r\n${host}\r\n${cookie}\r\n\r\n`,
      `CONNECT signed.localhost:1 HTTP/1.1\r\n${host}\r\n${cookie}\r\n${credential}\r\n\r\n`,
      `GET /?t=${logged.query} HTTP/1.1\r\n${host}\r\n${forged}\r\nX-Long: ${'x'.repeat(80_000)}\r\n${cookie}\r\n\r\n`,
      `${logged.header}\r\n\r\n`,
    ];
    for (const bytes of wrong)
      ana.hear({
        method: 'RAW',
        url: bytes.split('\r\n')[0].slice(0, 40),
        status: 400,
        headers: {},
        rawHeaders: [],
        text: await raw(ports.gateway, bytes),
      });
  },
  'tunnels and refuses WebSockets': async ({ people: { ana }, sites: { signed }, logged }) => {
    const upgrade = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    for (const origin of ['http://evil.example', signed])
      await ana.ask(`${signed}/socket?t=${logged.query}`, { headers: { ...upgrade, origin } });
  },
  'takes a good reload over, and refuses bad ones': async ({
    writeConfiguration,
    configurationText,
    misplaced,
    reloads,
    gateway,
  }) => {
    const change = async (result, text) => {
      const before = await reloads(result);
      writeConfiguration(text);
      gateway.reload();
      await until(`the reload to be ${result}`, async () => (await reloads(result)) > before);
      await sleep(SETTLE_MILLISECONDS);
    };
    for (const [name, text] of Object.entries(badConfigurations(configurationText, misplaced))) {
      if (text === configurationText) throw new Error(`${name}: nothing changed`);
      await change('refused', text);
    }
    await change('applied', `${configurationText}\n# changed\n`);
  },
  'signs out': async ({ people, sites }) => {
    for (const own of Object.values(people)) {
      await own.ask(`${sites.signed}/oauth2/sign_out`, { headers: { ...NAVIGATION, 'sec-fetch-site': 'cross-site' } });
      await own.ask(`${sites.signed}/oauth2/sign_out?rd=/`, {
        headers: { ...NAVIGATION, 'sec-fetch-site': 'same-origin' },
      });
      await own.ask(`${sites.signed}/slots`);
    }
  },
};

/// An answer whose body is broken ends before its end.
async function mayBreakOff(asked) {
  await asked.catch((error) => {
    if (!['ECONNRESET', 'HPE_INVALID_CHUNK_SIZE'].includes(error.code)) throw error;
  });
}

/// Bytes as they are; gives what came back.
function raw(port, bytes) {
  return new Promise((done) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    const end = () => {
      socket.destroy();
      done(text);
    };
    socket
      .setTimeout(1500, end)
      .on('data', (piece) => (text += piece.toString('latin1')))
      .on('close', end)
      .on('error', end);
  });
}
