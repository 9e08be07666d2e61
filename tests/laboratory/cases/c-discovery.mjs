// The discovery document. What is wrong with it has a reason of its own, and is named; what nobody needs is passed
// over.

import crypto from 'node:crypto';
import assert from 'node:assert/strict';
import { jwk, key, payloadOf, thumbprint } from '../keys.mjs';
import { refused, signedIn } from '../outcomes.mjs';

const d = (more) => (document) => ({ ...document, ...more });
const without = (name) => (document) => Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));
const wrong = (detail, more) => refused('provider_documents', detail, more);
const own = (b) => `${b}/.well-known/openid-configuration`;
const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const metadata = (members) =>
  `metadata = { ${Object.entries(members)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(', ')} }`;
const allThree = (b) =>
  metadata({ authorization_endpoint: `${b}/authorize`, token_endpoint: `${b}/token`, jwks_uri: `${b}/jwks` });

/// RFC 7523 3, and what the issue says: `aud` the issuer alone, 60 s, a fresh `jti`, `kid` the key's thumbprint.
const privateKeyJwt = (pair, alg) => (x) => {
  const assertion = x.form.get('client_assertion') ?? '';
  const [head, payload, signature] = assertion.split('.');
  try {
    assert.equal(x.form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    assert.equal(x.req.headers.authorization, undefined);
    assert.equal(x.form.get('client_secret'), null);
    const header = JSON.parse(Buffer.from(head, 'base64url').toString());
    assert.deepEqual([header.alg, header.kid], [alg, thumbprint(jwk(pair))]);
    const dsa = alg.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' } : {};
    const checked = { key: pair.publicKey, ...dsa };
    assert.ok(crypto.verify('sha256', Buffer.from(`${head}.${payload}`), checked, Buffer.from(signature, 'base64url')));
    const claims = payloadOf(assertion);
    assert.deepEqual([claims.iss, claims.sub, claims.aud], ['gw', 'gw', x.issuer]);
    assert.ok(claims.exp > x.now && claims.exp <= x.now + 61, 'it lives for a minute');
    x.state.jtis ??= new Set();
    assert.ok(claims.jti && !x.state.jtis.has(claims.jti), 'a fresh jti');
    x.state.jtis.add(claims.jti);
  } catch (error) {
    x.json({ error: 'invalid_client', error_description: `${error.message}`.slice(0, 150) }, 401);
  }
};
const keyFile = (name, pair) => () => ({ [name]: pair().privateKey.export({ type: 'pkcs8', format: 'pem' }) });
const ONLY_KEY = d({ token_endpoint_auth_methods_supported: ['private_key_jwt'] });

export default {
  'issuer-slash': {
    about: 'issuer ends in a slash (Auth0, authentik, JumpCloud)',
    issuer: (b) => `${b}/issuer-slash/`,
    expect: signedIn(),
  },
  'issuer-slash-configured': {
    about: 'the same provider, the operator leaves the slash out: what the document says is named',
    issuer: (b) => `${b}/issuer-slash-configured/`,
    configuredIssuer: (b) => `${b}/issuer-slash-configured`,
    expect: wrong(/another issuer.*issuer-slash-configured\//),
  },
  'issuer-slash-extra': {
    about: 'the provider has no slash, the operator writes one',
    configuredIssuer: (b) => `${b}/issuer-slash-extra/`,
    expect: wrong(/another issuer.*issuer-slash-extra/),
  },
  'issuer-entra-template': {
    about: 'issuer in the document is a template (Entra /organizations, /common)',
    report: 'coreos/go-oidc#121, oauth2-proxy/oauth2-proxy#467',
    discovery: (document, { base }) => ({ ...document, issuer: `${base}/{tenantid}/v2.0` }),
    expect: wrong(/\{tenantid\}/),
  },
  'issuer-entra-template-written': {
    about: 'the operator writes the template as issuer, and tokens say it too',
    issuer: (b) => `${b}/issuer-entra-template-written/{tenantid}/v2.0`,
    expect: signedIn(),
  },
  'issuer-entra-template-tenant': {
    about: 'the operator writes the template as issuer, and tokens are of a tenant, as Entra has it',
    issuer: (b) => `${b}/issuer-entra-template-tenant/{tenantid}/v2.0`,
    claims: (all, { base }) => ({ ...all, iss: `${base}/4c2f1234/v2.0` }),
    expect: refused('token_iss', /4c2f1234/),
  },
  'issuer-entra-endpoints': {
    about: 'the document lies about its issuer, and the operator names the endpoints',
    identity: allThree,
    discovery: (document, { base }) => ({ ...document, issuer: `${base}/{tenantid}/v2.0` }),
    expect: signedIn({ note: /authorization_endpoint/ }),
  },
  'issuer-b2c': {
    about: 'document below a policy, its issuer without it (Azure AD B2C, Oracle IDCS); the operator says where it is',
    report: 'oauth2-proxy/oauth2-proxy#3039, ory/kratos#4536, quarkusio/quarkus#13265, coreos/go-oidc#240',
    issuer: (b) => `${b}/issuer-b2c/4c2f1234/v2.0/`,
    identity: (b) => metadata({ document: own(`${b}/b2c_1_signin/v2.0`) }),
    expect: signedIn({ note: /b2c_1_signin/ }),
  },
  'issuer-b2c-unset': {
    about: 'the same provider, and the operator takes the address of the document for the issuer',
    configuredIssuer: (b) => `${b}/issuer-b2c-unset/b2c_1_signin/v2.0`,
    issuer: (b) => `${b}/issuer-b2c-unset/4c2f1234/v2.0/`,
    expect: wrong(/another issuer.*4c2f1234/),
  },
  'issuer-b2c-lies': {
    about: 'a document elsewhere must still be of the configured issuer',
    identity: (b) => metadata({ document: own(`${b}/elsewhere`) }),
    discovery: (document, { base }) => ({ ...document, issuer: `${base}/other` }),
    expect: wrong(/another issuer/),
  },
  'issuer-v1': {
    about: 'Entra v1: document under one host, issuer https://sts.windows.net/T/',
    discovery: d({ issuer: 'https://sts.windows.net/4c2f1234/' }),
    expect: wrong(/sts\.windows\.net/),
  },
  'issuer-case': {
    about: 'issuer differs in the case of the path (Keycloak realm Corp/corp)',
    discovery: (document, { base }) => ({ ...document, issuer: `${base}/Issuer-Case` }),
    expect: wrong(/Issuer-Case/),
  },
  'issuer-number': { about: 'issuer is a number', discovery: d({ issuer: 7 }), expect: wrong(/issuer/) },
  'issuer-missing': { about: 'no issuer', discovery: without('issuer'), expect: wrong(/issuer/) },
  'end-session-empty': {
    about: 'end_session_endpoint is an empty text',
    discovery: d({ end_session_endpoint: '' }),
    expect: signedIn({ note: /end_session_endpoint/ }),
  },
  'end-session-null': {
    about: 'end_session_endpoint is null',
    discovery: d({ end_session_endpoint: null }),
    expect: signedIn(),
  },
  'end-session-http': {
    about: 'end_session_endpoint is plain http on another host (a proxy without X-Forwarded-Proto)',
    discovery: d({ end_session_endpoint: 'http://login.example.com/logout' }),
    expect: signedIn({ note: /end_session_endpoint/ }),
  },
  'end-session-array': {
    about: 'end_session_endpoint is an array',
    discovery: d({ end_session_endpoint: ['https://login.example.com/logout'] }),
    expect: signedIn({ note: /end_session_endpoint/ }),
  },
  'end-session-script': {
    about: 'end_session_endpoint is a javascript: URL',
    discovery: d({ end_session_endpoint: 'javascript:alert(1)' }),
    expect: signedIn({ note: /end_session_endpoint/ }),
  },
  'end-session-relative': {
    about: 'end_session_endpoint is a path',
    discovery: d({ end_session_endpoint: '/logout' }),
    expect: signedIn({ note: /end_session_endpoint/ }),
  },
  'userinfo-odd': {
    about: 'userinfo_endpoint is no URL, and nobody needs it',
    discovery: d({ userinfo_endpoint: 'n/a' }),
    expect: signedIn(),
  },
  'userinfo-http': {
    about: 'userinfo_endpoint is plain http on another host, and it is needed',
    discovery: d({ userinfo_endpoint: 'http://login.example.com/userinfo' }),
    claims: ({ email, email_verified, groups, ...rest }) => rest,
    expect: refused('userinfo_answer', /userinfo_endpoint/),
  },
  'userinfo-missing': {
    about: 'no userinfo_endpoint, and the ID token has no address',
    discovery: without('userinfo_endpoint'),
    claims: ({ email, email_verified, groups, ...rest }) => rest,
    expect: refused('email_missing', /userinfo|email/),
  },
  'authorize-fragment': {
    about: 'authorization_endpoint has a fragment (RFC 6749 3.1 forbids it)',
    discovery: (document, { base, name }) => ({ ...document, authorization_endpoint: `${base}/${name}/#/authorize` }),
    expect: wrong(/authorization_endpoint/),
  },
  'authorize-query': {
    about: 'authorization_endpoint has a query (?p=policy, B2C)',
    discovery: (document) => ({
      ...document,
      authorization_endpoint: `${document.authorization_endpoint}?p=b2c_1_signin`,
    }),
    authorize: ({ query, say }) => {
      if (query.get('p') !== 'b2c_1_signin') say(400, 'policy missing');
    },
    expect: signedIn(),
  },
  'token-query': {
    about: 'token_endpoint and jwks_uri have a query',
    discovery: (document) => ({
      ...document,
      token_endpoint: `${document.token_endpoint}?p=b2c_1_signin`,
      jwks_uri: `${document.jwks_uri}?appid=gw`,
    }),
    tokenRequest: ({ query, json }) => {
      if (query.get('p') !== 'b2c_1_signin') json({ error: 'invalid_request' }, 400);
    },
    expect: signedIn(),
  },
  'backchannel-http': {
    about: 'token_endpoint and jwks_uri are plain http on an internal host; the operator names others',
    report: 'oauth2-proxy/oauth2-proxy#1969, #3465, louketo/louketo-proxy#539',
    identity: (b) => metadata({ token_endpoint: `${b}/token`, jwks_uri: `${b}/jwks` }),
    discovery: d({
      token_endpoint: 'http://keycloak:8080/realms/corp/token',
      jwks_uri: 'http://keycloak:8080/realms/corp/certs',
    }),
    expect: signedIn({ note: /token_endpoint/ }),
  },
  'backchannel-http-unset': {
    about: 'the same, and the operator names nothing: which member is refused, and why, is said',
    discovery: d({ token_endpoint: 'http://keycloak:8080/realms/corp/token' }),
    expect: wrong(/token_endpoint.*https/),
  },
  'pkce-plain-only': {
    about: 'code_challenge_methods_supported = ["plain"]',
    discovery: d({ code_challenge_methods_supported: ['plain'] }),
    expect: wrong(/S256/),
  },
  'pkce-empty': {
    about: 'code_challenge_methods_supported = []',
    discovery: d({ code_challenge_methods_supported: [] }),
    expect: wrong(/S256/),
  },
  'pkce-none-said': {
    about: 'no code_challenge_methods_supported (Entra)',
    discovery: without('code_challenge_methods_supported'),
    expect: signedIn(),
  },
  'pkce-null': {
    about: 'code_challenge_methods_supported is null: nothing is said',
    discovery: d({ code_challenge_methods_supported: null }),
    expect: signedIn(),
  },
  'auth-private-key-jwt': {
    about: 'only private_key_jwt (login.gov, FAPI), an EC key',
    secret: null,
    identity: 'client_auth = "private_key_jwt"\nclient_key = { file = "auth-private-key-jwt.pem" }',
    files: keyFile('auth-private-key-jwt.pem', () => key('p256', 'client')),
    discovery: ONLY_KEY,
    tokenRequest: (x) => privateKeyJwt(key('p256', 'client'), 'ES256')(x),
    expect: signedIn(),
  },
  'auth-private-key-jwt-rsa': {
    about: 'the same with an RSA key, and nothing but the key written',
    secret: null,
    identity: 'client_key = { file = "auth-private-key-jwt-rsa.pem" }',
    files: keyFile('auth-private-key-jwt-rsa.pem', () => key('rsa', 'app')),
    discovery: ONLY_KEY,
    tokenRequest: (x) => privateKeyJwt(key('rsa', 'app'), 'RS256')(x),
    expect: signedIn(),
  },
  'auth-private-key-jwt-unset': {
    about: 'only private_key_jwt, and the operator has a secret: what is missing is said',
    discovery: ONLY_KEY,
    expect: wrong(/private_key_jwt/),
  },
  'auth-none': {
    about: 'only none: public clients, and `client_auth` says so',
    secret: null,
    identity: 'client_auth = "none"',
    discovery: d({ token_endpoint_auth_methods_supported: ['none'] }),
    tokenRequest: ({ form, req, json }) => {
      const isPublic = form.get('client_id') === 'gw' && !form.get('client_secret') && !req.headers.authorization;
      if (!isPublic) json({ error: 'invalid_client', error_description: 'a public client has no secret' }, 401);
    },
    expect: signedIn(),
  },
  'auth-none-unset': {
    about: 'only none, and the operator has a secret that would not be sent',
    discovery: d({ token_endpoint_auth_methods_supported: ['none'] }),
    expect: wrong(/none/),
  },
  'auth-methods-text': {
    about: 'token_endpoint_auth_methods_supported is a text: `client_auth` makes it work',
    identity: 'client_auth = "post"',
    discovery: d({ token_endpoint_auth_methods_supported: 'client_secret_post' }),
    expect: signedIn(),
  },
  'alg-hs256': {
    about: 'ID tokens are HS256 only (authentik without a signing key, old Auth0 applications): which is said',
    discovery: d({ id_token_signing_alg_values_supported: ['HS256'] }),
    jwks: () => ({ keys: [] }),
    expect: wrong(/HS256/),
  },
  'alg-es512': { about: 'ES512 only (PingFederate)', alg: 'ES512', expect: wrong(/ES512/) },
  'alg-es512-among': {
    about: 'metadata names RS256 and ES512, the application signs with ES512',
    alg: 'ES512',
    discovery: d({ id_token_signing_alg_values_supported: ['RS256', 'ES512'] }),
    jwks: (set) => ({ keys: [...set.keys, jwk(key('rsa'), { kid: 'r', use: 'sig', alg: 'RS256' })] }),
    expect: refused('token_alg', /ES512/),
  },
  'alg-ed25519-rfc9864': {
    about: 'alg "Ed25519" (RFC 9864) in metadata, key and token: the key of EdDSA under its new name',
    alg: 'Ed25519',
    atHash: 'sha512',
    expect: signedIn(),
  },
  'alg-not-listed': {
    about: 'no id_token_signing_alg_values_supported',
    discovery: without('id_token_signing_alg_values_supported'),
    expect: signedIn(),
  },
  'alg-null': {
    about: 'id_token_signing_alg_values_supported is null: nothing is said',
    discovery: d({ id_token_signing_alg_values_supported: null }),
    expect: signedIn(),
  },
  'alg-list-lies': {
    about: 'metadata names RS256 only, tokens are ES256: which it was is said',
    alg: 'ES256',
    discovery: d({ id_token_signing_alg_values_supported: ['RS256'] }),
    expect: refused('token_alg', /ES256/),
  },
  'alg-hs-among': {
    about: 'metadata names RS256 and HS256, the token is HS256 with the public key as secret',
    discovery: d({ id_token_signing_alg_values_supported: ['RS256', 'HS256'] }),
    header: (header) => ({ ...header, alg: 'HS256' }),
    expect: refused('token_alg', /HS256/),
  },
  'document-duplicate': {
    about: 'the document names a member twice: which',
    discovery: (document, { json }) =>
      json(JSON.stringify(document).replace('{', '{"claims_supported":["a"],"claims_supported":["b"],')),
    expect: wrong(/twice|duplicate|unique/),
  },
  'document-redirect': {
    about: 'the document is at a redirect (301): not followed, and said',
    discovery: (_, { say, base, name }) => say(301, '', { location: `${base}/${name}/elsewhere` }),
    expect: wrong(/301/),
  },
  'document-html': {
    about: '200 with a login page (wrong issuer path)',
    discovery: (_, { say }) => say(200, '<!doctype html><title>Sign in</title>', { 'content-type': 'text/html' }),
    expect: wrong(/json/),
  },
  'document-404': {
    about: '404 (Keycloak 17 and later without /auth)',
    discovery: (_, { say }) => say(404, 'not found'),
    expect: wrong(/404/),
  },
  'document-503': {
    about: '503 while the provider starts: waiting helps',
    discovery: (_, { say }) => say(503, 'starting', { 'retry-after': '5' }),
    expect: refused('provider_unreachable', /503/),
  },
  'document-slow': {
    about: 'the document takes 6 s',
    discovery: async (document, { json }) => {
      await later(6000);
      json(document);
    },
    expect: refused('provider_unreachable', /5 ?s/),
  },
  'document-2mb': {
    about: 'the document is 2 MiB',
    discovery: d({ x: 'x'.repeat(2 << 20) }),
    expect: wrong(/large|long|bytes|MiB/),
  },
  'document-text': {
    about: 'the document has Content-Type text/plain',
    discovery: (document, { json }) => json(document, 200, { 'content-type': 'text/plain' }),
    expect: signedIn(),
  },
  'document-nulls': {
    about: 'every optional member is null',
    discovery: d({
      userinfo_endpoint: null,
      end_session_endpoint: null,
      scopes_supported: null,
      claims_supported: null,
      authorization_response_iss_parameter_supported: null,
    }),
    expect: signedIn(),
  },
  'document-types': {
    about: 'members that nothing reads have odd types',
    discovery: d({
      scopes_supported: 'openid',
      claims_supported: 7,
      response_modes_supported: {},
      ui_locales_supported: [null],
    }),
    expect: signedIn(),
  },
  'jwks-missing': { about: 'no jwks_uri', discovery: without('jwks_uri'), expect: wrong(/jwks_uri/) },
  'jwks-userinfo-url': {
    about: 'jwks_uri has a user and a password',
    discovery: (document) => ({ ...document, jwks_uri: document.jwks_uri.replace('://', '://a:b@') }),
    expect: wrong(/jwks_uri/),
  },
  'other-hosts': {
    about: 'endpoints on another host than the issuer (Google, Cognito)',
    discovery: (document) =>
      Object.fromEntries(
        Object.entries(document).map(([name, value]) =>
          name.endsWith('endpoint') || name === 'jwks_uri'
            ? [name, value.replace('127.0.0.1', 'localhost')]
            : [name, value],
        ),
      ),
    expect: signedIn(),
  },
};
