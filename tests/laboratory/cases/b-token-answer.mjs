// The token endpoint: how the answer looks, how the client must authenticate.
//
// Members that nothing uses never refuse; what refuses has its status, code and description in the audit line.

import { refused, signedIn } from '../outcomes.mjs';

const a = (more) => (answer) => ({ ...answer, ...more });
const without =
  (...names) =>
  (value) =>
    Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
const formDecoded = (text) => decodeURIComponent(text.replaceAll('+', ' '));
const basicOf = ({ req }) =>
  Buffer.from(/^Basic (.*)$/.exec(req.headers.authorization ?? '')?.[1] ?? '', 'base64').toString();
const ODD = 'a+b/c=~!%d e';
const POST = 'client_auth = "post"';

const postOnly =
  (secret = 'client-secret', description = undefined) =>
  ({ form, json, req }) => {
    const isPost = form.get('client_secret') === secret && form.get('client_id') === 'gw' && !req.headers.authorization;
    if (!isPost) json({ error: 'invalid_client', error_description: description }, 401);
  };

const basicDecoded = (id, secret) => (x) => {
  const [foundId, foundSecret] = basicOf(x).split(':').map(formDecoded);
  if (foundId !== id || foundSecret !== secret) x.json({ error: 'invalid_client' }, 401);
};

const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export default {
  'expires-in-text': {
    about: 'expires_in is a text (Entra v1 endpoint)',
    report: 'ramosbugs/oauth2-rs#151, #191, ramosbugs/openidconnect-rs#106',
    tokenAnswer: a({ expires_in: '3599' }),
    expect: signedIn(),
  },
  'expires-in-null': { about: 'expires_in is null', tokenAnswer: a({ expires_in: null }), expect: signedIn() },
  'expires-in-negative': { about: 'expires_in is -1', tokenAnswer: a({ expires_in: -1 }), expect: signedIn() },
  'expires-in-float': { about: 'expires_in is 3599.5', tokenAnswer: a({ expires_in: 3599.5 }), expect: signedIn() },
  'expires-in-huge': { about: 'expires_in is 2^64', tokenAnswer: a({ expires_in: 2 ** 64 }), expect: signedIn() },
  'scope-array': {
    about: 'scope is an array (Twitch)',
    report: 'ramosbugs/openidconnect-rs#163',
    tokenAnswer: a({ scope: ['openid', 'email'] }),
    expect: signedIn(),
  },
  'scope-null': { about: 'scope is null', tokenAnswer: a({ scope: null }), expect: signedIn() },
  'scope-empty': { about: 'scope is an empty text', tokenAnswer: a({ scope: '' }), expect: signedIn() },
  'token-type-lower': { about: 'token_type "bearer"', tokenAnswer: a({ token_type: 'bearer' }), expect: signedIn() },
  'token-type-upper': { about: 'token_type "BEARER"', tokenAnswer: a({ token_type: 'BEARER' }), expect: signedIn() },
  'token-type-none': { about: 'token_type is missing', tokenAnswer: without('token_type'), expect: signedIn() },
  'token-type-null': { about: 'token_type is null', tokenAnswer: a({ token_type: null }), expect: signedIn() },
  'token-type-dpop': {
    about: 'token_type "DPoP", and no UserInfo is needed',
    tokenAnswer: a({ token_type: 'DPoP' }),
    expect: signedIn(),
  },
  'no-access-token': {
    about: 'only an ID token, no access_token',
    tokenAnswer: without('access_token'),
    claims: without('at_hash'),
    expect: signedIn(),
  },
  'access-token-number': {
    about: 'access_token is a number, and no at_hash',
    tokenAnswer: a({ access_token: 7 }),
    claims: without('at_hash'),
    expect: signedIn(),
  },
  'access-token-null-at-hash': {
    about: 'access_token is null, and the ID token has an at_hash: there is nothing that it could be of',
    tokenAnswer: a({ access_token: null }),
    expect: signedIn(),
  },
  'no-id-token': {
    about: 'no id_token: the scope openid was not granted',
    tokenAnswer: without('id_token'),
    expect: refused('token_exchange', /id.token/),
  },
  'id-token-null': {
    about: 'id_token is null',
    tokenAnswer: a({ id_token: null }),
    expect: refused('token_exchange', /id.token/),
  },
  'id-token-object': {
    about: 'id_token is an object',
    tokenAnswer: a({ id_token: {} }),
    expect: refused('token_exchange', /id.token/),
  },
  'refresh-empty': {
    about: 'refresh_token is null, and empty members',
    tokenAnswer: a({ refresh_token: null, session_state: '', not_before_policy: 0, 'not-before-policy': 0 }),
    expect: signedIn(),
  },
  'refresh-object': {
    about: 'refresh_token is an object, unknown members of every type',
    tokenAnswer: a({ refresh_token: {}, x: [1], y: 1.5, z: true }),
    expect: signedIn(),
  },
  'content-type-text': {
    about: 'Content-Type text/html, and it is JSON',
    tokenAnswer: (x, { json }) => json(x, 200, { 'content-type': 'text/html;charset=UTF-8' }),
    expect: signedIn(),
  },
  'content-type-none': {
    about: 'no Content-Type',
    tokenAnswer: (x, { say }) => say(200, JSON.stringify(x)),
    expect: signedIn(),
  },
  'content-type-charset': {
    about: 'Content-Type application/json;charset=utf-8',
    tokenAnswer: (x, { json }) => json(x, 200, { 'content-type': 'application/json;charset=utf-8' }),
    expect: signedIn(),
  },
  'content-type-javascript': {
    about: 'Content-Type text/javascript',
    tokenAnswer: (x, { json }) => json(x, 200, { 'content-type': 'text/javascript' }),
    expect: signedIn(),
  },
  'content-type-broken': {
    about: 'a Content-Type that is none',
    tokenAnswer: (x, { json }) => json(x, 200, { 'content-type': 'json' }),
    expect: signedIn(),
  },
  'answer-bom': {
    about: 'a byte order mark before the JSON',
    tokenAnswer: (x, { json }) => json(`\ufeff${JSON.stringify(x)}`),
    expect: refused('token_exchange', /json/i),
  },
  'answer-duplicate': {
    about: 'the answer names id_token twice',
    tokenAnswer: (x, { json }) => json(JSON.stringify(x).replace('"id_token":', '"id_token":"a.b.c","id_token":')),
    expect: refused('token_exchange', /twice|duplicate|json/),
  },
  'answer-form': {
    about: 'the answer is a form, as OAuth 2 drafts had it',
    tokenAnswer: (x, { say }) =>
      say(200, new URLSearchParams(x).toString(), { 'content-type': 'application/x-www-form-urlencoded' }),
    expect: refused('token_exchange', /json/i),
  },
  'answer-201': {
    about: 'status 201 with a right answer: RFC 6749 5.1 has 200',
    tokenAnswer: (x, { json }) => json(x, 201),
    expect: refused('token_exchange', /201/),
  },
  'answer-array': {
    about: 'the answer is an array',
    tokenAnswer: (x, { json }) => json([x]),
    expect: refused('token_exchange', /json|object/i),
  },
  'answer-2mb': {
    about: 'the answer is 2 MiB',
    tokenAnswer: a({ x: 'x'.repeat(2 << 20) }),
    expect: refused('token_exchange', /large|long|bytes|MiB/),
  },
  'post-only-advertised': {
    about: 'metadata names client_secret_post only',
    discovery: (d) => ({ ...d, token_endpoint_auth_methods_supported: ['client_secret_post'] }),
    tokenRequest: postOnly(),
    expect: signedIn(),
  },
  'post-only-client': {
    about: 'metadata names basic and post, this client is registered for post (a setting per application at most)',
    report: 'PrefectHQ/fastmcp#1643, authelia/authelia#10131',
    identity: POST,
    tokenRequest: postOnly(),
    expect: signedIn(),
  },
  'post-only-client-unset': {
    about: 'the same without `client_auth`: what the provider says of it is in the audit line',
    tokenRequest: postOnly('client-secret', "The client is registered for 'client_secret_post'."),
    expect: refused('token_exchange', /401.*invalid_client.*registered for 'client_secret_post'/),
  },
  'basic-only-client': {
    about: 'metadata names post only, the client is registered for basic: `client_auth` is stronger than the documents',
    identity: 'client_auth = "basic"',
    discovery: (d) => ({ ...d, token_endpoint_auth_methods_supported: ['client_secret_post'] }),
    tokenRequest: basicDecoded('gw', 'client-secret'),
    expect: signedIn(),
  },
  'secret-odd-decoded': {
    about: 'an odd secret, and the provider decodes basic (RFC 6749 2.3.1; ADFS insists)',
    report: 'elastic/elasticsearch#43709',
    secret: ODD,
    tokenRequest: basicDecoded('gw', ODD),
    expect: signedIn(),
  },
  'secret-odd-raw': {
    about: 'the same secret, and the provider takes basic as it is, undecoded: by post it is right everywhere',
    report: 'element-hq/synapse#16916, OpenIDC/mod_auth_openidc#549, panva/openid-client#236',
    secret: ODD,
    identity: POST,
    tokenRequest: (x) => {
      const isRight = basicOf(x) === `gw:${ODD}` || x.form.get('client_secret') === ODD;
      if (!isRight) x.json({ error: 'invalid_client', error_description: 'Incorrect client_secret' }, 401);
    },
    expect: signedIn(),
  },
  'secret-ascii-word': {
    about: 'client id with a colon and slashes (ADFS, URN ids)',
    clientId: 'https://crm.example.com/app',
    claims: (all) => ({ ...all, aud: 'https://crm.example.com/app' }),
    tokenRequest: basicDecoded('https://crm.example.com/app', 'client-secret'),
    expect: signedIn(),
  },
  'error-html': {
    about: 'the token endpoint answers 403 with an HTML page of a firewall',
    tokenRequest: ({ say }) => say(403, '<html>Request blocked by WAF</html>', { 'content-type': 'text/html' }),
    expect: refused('token_exchange', /403/, { notOnPage: /WAF/ }),
  },
  'error-500-json': {
    about: '500 with a JSON error of another form',
    tokenRequest: ({ json }) => json({ errorCode: 'E0000009', errorSummary: 'Internal Server Error' }, 500),
    expect: refused('token_exchange', /500/),
  },
  'error-429': {
    about: '429 with Retry-After',
    tokenRequest: ({ json }) => json({ error: 'slow_down' }, 429, { 'retry-after': '7' }),
    expect: refused('token_exchange', /429.*slow_down/),
  },
  'error-description': {
    about: 'invalid_grant with a description that says what is wrong',
    tokenRequest: ({ json }) =>
      json(
        {
          error: 'invalid_grant',
          error_description: 'AADSTS7000222: The provided client secret keys for app are expired.',
        },
        401,
      ),
    expect: refused(
      'token_exchange',
      /401.*invalid_grant.*AADSTS7000222: The provided client secret keys for app are expired/,
    ),
  },
  'error-description-odd': {
    about: 'a description with line breaks, colours of a terminal and 4 000 characters: cleaned and bounded',
    tokenRequest: ({ json }) =>
      json({ error: 'invalid_grant', error_description: `first\r\nsecond \u001b[31mred ${'x'.repeat(4000)}` }, 400),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is what is asked
    expect: refused('token_exchange', /^(?!.*[\u0000-\u001f\u007f])(?!.*x{1000}).*invalid_grant.*first.*second/),
  },
  'error-charset': {
    about: 'error answer as text/plain',
    tokenRequest: ({ say }) => say(400, '{"error":"invalid_grant"}', { 'content-type': 'text/plain' }),
    expect: refused('token_exchange', /400.*invalid_grant/),
  },
  'error-200': {
    about: 'status 200 with an error body',
    tokenRequest: ({ json }) => json({ error: 'invalid_client', error_description: 'bad secret' }, 200),
    expect: refused('token_exchange', /200.*invalid_client.*bad secret/),
  },
  'error-number': {
    about: 'error is a number',
    tokenRequest: ({ json }) => json({ error: 17 }, 400),
    expect: refused('token_exchange', /400/),
  },
  'error-echoes-secret': {
    about: 'the description repeats what was sent: code, verifier and secret are in no log and on no page',
    tokenRequest: ({ json, form, req }) =>
      json(
        {
          error: 'invalid_grant',
          error_description: `got ${form.get('code')} ${form.get('code_verifier')} ${req.headers.authorization}`,
        },
        400,
      ),
    expect: refused(
      'token_exchange',
      /^(?!.*[A-Za-z0-9_-]{40})(?!.*Basic [A-Za-z0-9])(?!.*[0-9a-f]{24}).*invalid_grant/,
    ),
  },
  'token-redirect': {
    about: 'the token endpoint redirects (307) to another host: not followed',
    tokenRequest: ({ say, base }) => say(307, '', { location: `${base}/ok/token` }),
    expect: refused('token_exchange', /307/),
  },
  'token-slow-6s': {
    about: 'the token endpoint takes 6 s (cold start)',
    tokenRequest: () => later(6000),
    expect: refused('provider_unreachable', /5 ?s/),
  },
  'token-cut': {
    about: 'the connection ends in the middle of the answer',
    tokenRequest: ({ res }) => {
      res.writeHead(200, { 'content-length': '999' });
      res.write('{"acc');
      setTimeout(() => res.destroy(), 50);
      return true;
    },
    expect: refused('provider_unreachable', /token/),
  },
  'token-gzip': {
    about: 'the answer is compressed although nobody asked for it',
    tokenAnswer: async (x, { res }) => {
      const { gzipSync } = await import('node:zlib');
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      res.end(gzipSync(JSON.stringify(x)));
    },
    expect: refused('token_exchange', /gzip|content-encoding|json/i),
  },
};
