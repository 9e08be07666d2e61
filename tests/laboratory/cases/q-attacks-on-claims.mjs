// Published attacks on what a rightly signed token says, by the ids of docs/THREATS.md.

import assert from 'node:assert/strict';
import { attack, claim, named, noEmbed } from '../attack.mjs';
import { base64url, payloadOf, rs256 } from '../keys.mjs';
import { walk } from '../outcomes.mjs';

const text = (change) => (header, claims, x) => x.signText(header, change(JSON.stringify(claims), x.state.way));
const HOSTILE = '"},"account_type":"Admin","x":{"y":"\\\r\n\u2028</script>';
const DEEP = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const before = (member) => (json) => json.replace('{', `{${member},`);

export default {
  'tv-17': attack('claims that two readers may read in two ways, and what is no object of claims', {
    ways: {
      ...Object.fromEntries(
        ['iss', 'sub', 'aud', 'exp', 'nonce', 'email', 'email_verified', 'groups'].map((name) => [
          `${name} twice`,
          before(`"${name}":"x"`),
        ]),
      ),
      'a name twice, one escaped': before('"s\\u0075b":"u-bob"'),
      'a name twice, deep within': before('"a":{"b":[{"c":1,"c":2}]}'),
      'half a surrogate': before('"a":"\\ud800"'),
      'a raw control': before('"a":"\u0001"'),
      'a byte order mark': (json) => `\ufeff${json}`,
      'no UTF-8': (json) => Buffer.from(json.replace('Ana', 'J\u00f6rg'), 'latin1'),
      array: (json) => `[${json}]`,
      text: (json) => JSON.stringify(json),
      null: () => 'null',
      nothing: () => '',
      'something behind': (json) => `${json}{}`,
      '10 000 deep': before(`"a":${DEEP}`),
      '1 MiB': before(`"a":"${'a'.repeat(1 << 20)}"`),
      'a comment': (json) => `/**/${json}`,
      'a comma behind': (json) => json.replace(/}$/, ',}'),
      'an end beyond all numbers': (json) => json.replace(/"exp":\d+/, '"exp":1e400'),
    },
    sign: text((json, way) => way(json)),
    expected: '403 token_malformed',
    but: { '1 MiB': '502 token_exchange' },
  }),
  'tv-17-header': attack('a header that two readers may read in two ways', {
    ways: Object.fromEntries(
      [
        '"alg":"none"',
        '"kid":"k2"',
        '"typ":"at+jwt"',
        '"crit":["exp"]',
        '"b64":false',
        '"zip":"DEF"',
        '"a":{"b":1,"b":2}',
      ].map((member) => [member, before(member)]),
    ),
    sign: (header, claims, { state, pair }) => {
      const input = `${base64url(state.way(JSON.stringify(header)))}.${base64url(claims)}`;
      return `${input}.${rs256(input, pair)}`;
    },
    expected: '403 token_malformed',
  }),
  'tv-18': noEmbed('an address that nobody verified, or that is none of the domain', {
    good: { flag: true },
    ways: {
      ...Object.fromEntries(
        [undefined, false, null, 'true', 'false', 1, [true], {}].map((flag) => [
          `flag ${JSON.stringify(flag)}`,
          { flag },
        ]),
      ),
      ...Object.fromEntries(
        [
          'a@evil.test@example.com',
          '"a@example.com "@evil.test',
          'a@example.com\n',
          'A@Example.Com ',
          'a@example.com%00.evil.test',
          'a@notexample.com',
          'a@example.com.evil.test',
          'a@sub.example.com',
          'a@ex\u0430mple.com',
          '"a b"@example.com',
          '@example.com',
          'example.com',
          '',
          `${'a'.repeat(400)}@example.com`,
          ['ana@example.com'],
          { value: 'ana@example.com' },
          7,
        ].map((email) => [`address ${JSON.stringify(email)}`, { email, flag: true }]),
      ),
    },
    claims: ({ email, email_verified, ...all }, { state }) => ({
      ...all,
      email: state.way.email ?? email,
      ...(state.way.flag === undefined ? {} : { email_verified: state.way.flag }),
    }),
    userinfo: ({ plain }) => ({ sub: plain.sub }),
  }),
  'tv-19': noEmbed('groups in a form that is no list of names, and names that are nearly ours', {
    good: ['staff', 'finance'],
    ways: named([
      'staff,finance',
      'staff finance',
      '["finance"]',
      'not-finance',
      ['Finance'],
      ['finance '],
      ['\uff46inance'],
      [['finance']],
      [{ name: 'finance' }],
      { finance: true },
      Array.from({ length: 1500 }, (_, at) => `g${at}`),
      null,
      7,
      true,
      [''],
      [],
      undefined,
    ]),
    claims: claim('groups'),
    userinfo: ({ plain: { groups, ...others } }) => others,
  }),
  'rw-12-attribute': {
    about: 'a claim with quotes, braces and line ends as an attribute is one text in the token of the embed (I12)',
    claims: (all) => ({ ...all, partner: HOSTILE }),
    top: `[[mapping]]
name = "partner"
when = { provider = "rw-12-attribute" }
teams = ["Partner"]
account_type = "View"
user_attributes = { partner_id = "{partner}" }`,
    visit: async (world, browser) => {
      const { embed } = await walk(world, browser);
      const claims = payloadOf(decodeURIComponent(/:jwt=([^&"]+)/.exec(embed.text)[1]));
      assert.deepEqual(claims.user_attributes, { partner_id: HOSTILE });
      assert.equal(claims.account_type, 'View');
    },
  },
};
