// What is odd and good all the same: each of these must be served, or real people are shut out.

const list = (of) => Object.entries(of).map(([id, [about, tell, lines]]) => ({ id, about, tell, lines }));
const claims = (more) => (it, standIn) => Object.assign(it.claims, more(it, standIn));
const head = (more) => (it, standIn) => Object.assign(it.head, more(it, standIn));

const everybody = list({
  'just-ended': [
    'it ended twenty seconds ago, by our clock',
    (it) => {
      it.claims.exp = it.now - 20;
      if (it.head.exp !== undefined) it.head.exp = it.now - 20;
    },
  ],
  'just-made': ['it is made in twenty seconds, by our clock', claims(({ now }) => ({ iat: now + 20, nbf: now + 20 }))],
  'with-fraction': ['with a fraction of a second', claims(({ claims: { exp } }) => ({ exp: exp + 0.5 }))],
  'claims-unknown': ['with claims that nobody knows', claims(() => ({ 'https://x.example/y': { z: [1, null] } }))],
});

const bearers = list({
  'scheme-case': ['the scheme in other letters', undefined, (token) => [['authorization', `bEARER ${token}`]]],
  'name-case': ['the name of the header in capitals', undefined, (token) => [['AUTHORIZATION', `Bearer ${token}`]]],
  'scheme-blanks': ['two blanks behind the scheme', undefined, (token) => [['authorization', `Bearer  ${token}`]]],
});

const OWN = {
  alb: list({
    'verified-boolean': ['a flag as other providers have it', claims(() => ({ email_verified: true }))],
    'claims-bare': [
      'the claims say neither issuer nor end, as in the example of AWS',
      (it) => {
        delete it.claims.iss;
        delete it.claims.exp;
      },
    ],
  }),
  cloudflare: list({ 'nbf-missing': ['not before nothing', (it) => delete it.claims.nbf] }),
  rfc9068: list({
    'typ-long': ['its type by its long name', head(() => ({ typ: 'application/at+jwt' }))],
    'typ-case': ['its type in capitals', head(() => ({ typ: 'AT+JWT' }))],
    'aud-among': ['for another as well', claims((_, { audience }) => ({ aud: ['other', audience] }))],
    'kid-missing': ['its only key is not named', (it) => delete it.head.kid],
  }),
  entra: list({ 'scp-among': ['with another scope as well', claims(() => ({ scp: 'User.Read reports.read' }))] }),
  'oauth2-proxy': list({
    'aud-list': ['in a list of one', claims((_, { audience }) => ({ aud: [audience] }))],
    'kid-missing': ['its only key is not named', (it) => delete it.head.kid],
    'typ-missing': ['of no type', (it) => delete it.head.typ],
    'typ-id': ['of a type of its own', head(() => ({ typ: 'id_token+jwt' }))],
  }),
  custom: list({ 'name-case': ['the name in capitals', undefined, (token) => [['OIDC_ID_TOKEN', token]]] }),
};

/// What this stand-in can say that is so.
export function variantsOf(standIn) {
  return [...everybody, ...(standIn.isBearer ? bearers : []), ...(OWN[standIn.name] ?? [])];
}
