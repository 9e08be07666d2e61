// Documents of providers in which something stands in another form than the standards have it, or beside what is meant.

import assert from 'node:assert/strict';
import { Browser, reasonOf } from '../browser.mjs';
import { refused, signedIn } from '../outcomes.mjs';

const d = (more) => (document) => ({ ...document, ...more });
const wrong = (detail) => refused('provider_documents', detail);
/// The set as text, with `more` before the good keys.
const beside =
  (more) =>
  (set, { json }) =>
    json(`{"keys":[${more},${set.keys.map((one) => JSON.stringify(one)).join()}]}`);
const deep = (levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

export default {
  'list-alg-text': {
    about: 'id_token_signing_alg_values_supported is one text: a list of one',
    discovery: d({ id_token_signing_alg_values_supported: 'RS256' }),
    expect: signedIn(),
  },
  'list-alg-text-other': {
    about: 'the same text, and the token is signed otherwise',
    alg: 'ES256',
    discovery: d({ id_token_signing_alg_values_supported: 'RS256' }),
    expect: refused('token_alg', /ES256/),
  },
  'list-alg-mixed': {
    about: 'null, a number and `none` beside RS256',
    discovery: d({ id_token_signing_alg_values_supported: [null, 7, 'none', 'RS256'] }),
    expect: signedIn(),
  },
  'list-alg-empty': {
    about: 'an empty list of algorithms: the provider says that it signs with none',
    discovery: d({ id_token_signing_alg_values_supported: [] }),
    expect: wrong(/algorithms/),
  },
  'list-alg-object': {
    about: 'the algorithms are the names of an object',
    discovery: d({ id_token_signing_alg_values_supported: { RS256: true } }),
    expect: wrong(/an object/),
  },
  'list-pkce-text': {
    about: 'code_challenge_methods_supported is the text S256',
    discovery: d({ code_challenge_methods_supported: 'S256' }),
    expect: signedIn(),
  },
  'list-pkce-text-plain': {
    about: 'code_challenge_methods_supported is the text plain',
    discovery: d({ code_challenge_methods_supported: 'plain' }),
    expect: wrong(/S256/),
  },
  'list-pkce-lower': {
    about: 's256 in lower case: no name of a method',
    discovery: d({ code_challenge_methods_supported: ['s256'] }),
    expect: wrong(/S256.*s256|s256.*S256/),
  },
  'list-auth-text': {
    about: 'token_endpoint_auth_methods_supported is the text client_secret_post, and that is what the provider takes',
    discovery: d({ token_endpoint_auth_methods_supported: 'client_secret_post' }),
    tokenRequest: ({ form, json }) => {
      if (form.get('client_secret') !== 'client-secret') json({ error: 'invalid_client' }, 401);
    },
    expect: signedIn(),
  },
  'list-auth-empty': {
    about: 'an empty list of ways to show who the client is: which is said',
    discovery: d({ token_endpoint_auth_methods_supported: [] }),
    expect: wrong(/client_secret_basic/),
  },
  'list-auth-null': {
    about: 'token_endpoint_auth_methods_supported is null: nothing is said',
    discovery: d({ token_endpoint_auth_methods_supported: null }),
    expect: signedIn(),
  },
  'iss-announced-text': {
    about: 'authorization_response_iss_parameter_supported is the text "true", and the answer has no iss',
    discovery: d({ authorization_response_iss_parameter_supported: 'true' }),
    expect: signedIn(),
  },
  'authorize-relative': {
    about: 'authorization_endpoint is a path',
    discovery: d({ authorization_endpoint: '/authorize' }),
    expect: wrong(/authorization_endpoint/),
  },
  'end-session-fragment': {
    about: 'end_session_endpoint has a fragment, as an application of one page has it: passed over',
    discovery: (document) => ({ ...document, end_session_endpoint: `${document.end_session_endpoint}#/bye` }),
    expect: { ...signedIn(), note: /end_session_endpoint/ },
  },
  'end-session-number': {
    about: 'end_session_endpoint is a number: passed over',
    discovery: d({ end_session_endpoint: 7 }),
    expect: { ...signedIn(), note: /end_session_endpoint/ },
  },
  'userinfo-null': {
    about: 'userinfo_endpoint is null',
    discovery: d({ userinfo_endpoint: null }),
    expect: signedIn(),
  },
  'document-bom': {
    about: 'a byte order mark before the document',
    discovery: (document, { json }) => json(`\ufeff${JSON.stringify(document)}`),
    expect: wrong(/json/),
  },
  'document-gzip': {
    about: 'the document is compressed although nobody asked for it: which is said',
    discovery: (_, { say }) =>
      say(200, '\u001f\u008b', { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    expect: wrong(/content-encoding.*gzip/),
  },
  'document-error': {
    about: 'the document is an error of the provider (Entra, a tenant that is none): its code is said',
    discovery: (_, { json }) => json({ error: 'invalid_tenant', error_description: 'AADSTS90002 at 11:04:05' }, 400),
    expect: wrong(/400.*invalid_tenant/),
  },
  'alg-changed': {
    about: 'the provider signs with another algorithm from now on, and its document says so',
    discovery: (document, { state }) => ({
      ...document,
      id_token_signing_alg_values_supported: [state.isNew ? 'ES256' : 'RS256'],
    }),
    pair: ({ state, key }) => key(state.isNew ? 'p256' : 'rsa'),
    header: (header, { state }) => ({ ...header, alg: state.isNew ? 'ES256' : 'RS256' }),
    jwks: ({ keys: [{ alg, ...one }] }) => ({ keys: [one] }),
    visit: async (world) => {
      const answer = async () => {
        const end = await new Browser().open(`${world.site}/a`);
        return `${end.status} ${reasonOf(end)}`;
      };
      assert.equal(await answer(), '200 ');
      world.state.isNew = true;
      assert.equal(await answer(), '200 ');
    },
  },
  'document-204': {
    about: 'the document is empty, with 204',
    discovery: (_, { say }) => say(204, ''),
    expect: wrong(/204/),
  },
  'document-empty': {
    about: 'the document is empty, with 200',
    discovery: (_, { say }) => say(200, ''),
    expect: wrong(/json/),
  },
  'document-issuer-blank': {
    about: 'issuer with a blank behind it: what was found is quoted',
    discovery: (document) => ({ ...document, issuer: `${document.issuer} ` }),
    expect: wrong(/issuer/),
  },
  'document-issuer-null': { about: 'issuer is null', discovery: d({ issuer: null }), expect: wrong(/issuer.*null/) },
  'keys-beside-twice': {
    about: 'a strange key that names a member twice beside the good one: it hides none',
    jwks: beside('{"kty":"RSA","kty":"EC","kid":"odd"}'),
    expect: { ...signedIn(), note: /odd|twice/ },
  },
  'keys-beside-deep': {
    about: 'a strange key that is nested deeply beside the good one',
    jwks: beside(`{"kty":"AKP","kid":"odd","x":${deep(60)}}`),
    expect: signedIn(),
  },
  'keys-beside-surrogate': {
    about: 'a strange key with half a surrogate beside the good one',
    jwks: beside('{"kty":"RSA","kid":"\\ud800"}'),
    expect: signedIn(),
  },
  'keys-beside-number': {
    about: 'a strange key with a number beyond every float beside the good one',
    jwks: beside('{"kty":"RSA","kid":"odd","exp":1e400}'),
    expect: signedIn(),
  },
  'keys-good-twice': {
    about: 'our own key names a member twice: which it is, is not said',
    jwks: (set, { json }) => json(`{"keys":[${JSON.stringify(set.keys[0]).replace('{', '{"kid":"k0",')}]}`),
    expect: wrong(/twice/),
  },
  'keys-list-twice': {
    about: 'two lists of keys: which is meant, nobody knows',
    jwks: (set, { json }) => json(`{"keys":[],"keys":${JSON.stringify(set.keys)}}`),
    expect: wrong(/twice/),
  },
  'keys-object': {
    about: 'keys is one key in place of a list',
    jwks: (set) => ({ keys: set.keys[0] }),
    expect: wrong(/an object/),
  },
  'keys-member-beside': {
    about: 'members beside the list, one of them twice: which document it is, is not said',
    jwks: (set, { json }) => json(`{"x":1,"x":2,"keys":${JSON.stringify(set.keys)}}`),
    expect: wrong(/"x" twice/),
  },
  'key-use-array': {
    about: 'use is ["sig"]: the key is named, and what is wrong with it',
    jwks: (set) => ({ keys: set.keys.map((one) => ({ ...one, use: ['sig'] })) }),
    expect: wrong(/k1.*use/),
  },
  'key-use-enc': {
    about: 'the only key is for encryption: which is said',
    jwks: (set) => ({ keys: set.keys.map((one) => ({ ...one, use: 'enc' })) }),
    expect: wrong(/k1/),
  },
  'key-kid-empty': {
    about: 'kid is an empty text in set and token',
    header: (header) => ({ ...header, kid: '' }),
    jwks: (set) => ({ keys: set.keys.map((one) => ({ ...one, kid: '' })) }),
    expect: signedIn(),
  },
  'key-line-ends': {
    about: 'n in lines of 64 characters',
    jwks: (set) => ({ keys: set.keys.map((one) => ({ ...one, n: one.n.replace(/.{64}/g, '$&\n') })) }),
    expect: wrong(/k1.*`n`/),
  },
  'key-private-beside': {
    about: 'a private key of another name beside ours: that one alone is not used',
    jwks: (set, { key }) => ({
      keys: [{ ...key('rsa', 'old').privateKey.export({ format: 'jwk' }), kid: 'old' }, ...set.keys],
    }),
    expect: signedIn(),
  },
};
