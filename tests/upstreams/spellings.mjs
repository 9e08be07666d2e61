// The names by which an application knows who is asking and through what, and the ways to write them.

/// Headers of each preset: user, email, groups, name.
export const PRESETS = {
  'x-forwarded': ['X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Preferred-Username'],
  'x-auth-request': [
    'X-Auth-Request-User',
    'X-Auth-Request-Email',
    'X-Auth-Request-Groups',
    'X-Auth-Request-Preferred-Username',
  ],
  remote: ['Remote-User', 'Remote-Email', 'Remote-Groups', 'Remote-Name'],
};

/// Every name whose value an application may believe.
export const NAMES = [
  ...Object.values(PRESETS).flat(),
  'X-Remote-User',
  'X-User',
  'X-Email',
  'X-Groups',
  'OIDC_CLAIM_email',
  'OIDC_CLAIM_sub',
  'X-Sigma-User',
  'X-Forwarded-Access-Token',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Real-IP',
  'Forwarded',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Request-Id',
  'Proxy',
];

/// What only a forger says.
export const FORGED = 'forged-ceo';

const each = (write) => (names) => names.map(write).join('');
const written = (change) => each((name) => `${change(name)}: ${FORGED}\r\n`);
const marks = [...".!#$%&'*+^`|~"];

/// A spelling gives header lines for names. `isGood`: whether HTTP allows the lines, and the gateway forwards the rest
/// of the request.
export const SPELLINGS = [
  ['as it is', written((name) => name)],
  ['lower case', written((name) => name.toLowerCase())],
  ['upper case', written((name) => name.toUpperCase())],
  ['mixed case', written((name) => [...name.toLowerCase()].map((c, at) => (at % 2 ? c.toUpperCase() : c)).join(''))],
  ['every - as _', written((name) => name.replaceAll('-', '_'))],
  ['the first - as _', written((name) => name.replace('-', '_'))],
  ['the last - as _', written((name) => name.replace(/-(?=[^-]*$)/, '_'))],
  ['_ and upper case', written((name) => name.replaceAll('-', '_').toUpperCase())],
  ...marks.map((mark) => [`every - as ${mark}`, written((name) => name.replaceAll(/[-_]/g, mark))]),
  ['with HTTP_ before it', written((name) => `HTTP_${name.replaceAll('-', '_').toUpperCase()}`)],
  ['with HTTP- before it', written((name) => `HTTP-${name}`)],
  ['doubled -', written((name) => name.replaceAll('-', '--'))],
  ['_ behind it', written((name) => `${name}_`)],
  ['- behind it', written((name) => `${name}-`)],
  ['two lines', each((name) => `${name}: ${FORGED}\r\n${name}: ${FORGED}\r\n`)],
  ['two lines, one with _', each((name) => `${name}: ${FORGED}\r\n${name.replaceAll('-', '_')}: ${FORGED}\r\n`)],
  ['a tab before the value', each((name) => `${name}:\t${FORGED}\r\n`)],
  ['nothing before the value', each((name) => `${name}:${FORGED}\r\n`)],
  ['behind a bare line feed', each((name) => `A: b\n${name}: ${FORGED}\r\n`)],
  [
    'named by Connection',
    (names) => `Connection: ${names.join(', ')}\r\n${names.map((name) => `${name}: ${FORGED}\r\n`).join('')}`,
  ],
]
  .map(([name, lines]) => ({ name, lines, isGood: true }))
  .concat(
    [
      ['a space behind the name', each((name) => `${name} : ${FORGED}\r\n`)],
      ['a tab behind the name', each((name) => `${name}\t: ${FORGED}\r\n`)],
      ['a carriage return behind the name', each((name) => `${name}\r: ${FORGED}\r\n`)],
      ['a NUL behind the name', each((name) => `${name}\0: ${FORGED}\r\n`)],
      ['a space before the name', each((name) => `A: b\r\n ${name}: ${FORGED}\r\n`)],
      ['a value on the next line', each((name) => `${name}:\r\n ${FORGED}\r\n`)],
      ['behind a bare carriage return', each((name) => `A: b\r${name}: ${FORGED}\r\n`)],
      ['a space for every -', written((name) => name.replaceAll('-', ' '))],
      ['a byte above 127 for every -', written((name) => name.replaceAll('-', '\xad'))],
      ['/ for every -', written((name) => name.replaceAll('-', '/'))],
    ].map(([name, lines]) => ({ name, lines, isGood: false })),
  );

const folded = (name) => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
const believed = new Set(NAMES.map(folded));

/// What an application may take for the identity, reading carelessly: `{ X_FORWARDED_USER: value }`. Every name counts
/// that is one of ours once its marks are folded.
export function identityIn(report, { folds }) {
  const found = {};
  for (const [key, value] of Object.entries(report.env)) {
    const isHeader = !folds || key.startsWith('HTTP_') || key === 'REMOTE_USER';
    const name = folded(folds ? key.replace(/^HTTP_/, '') : key);
    if (isHeader && believed.has(name)) found[name] = name in found ? `${found[name]} and ${value}` : value;
  }
  return found;
}

/// The names whose forged value an application reads that asks for exactly the name, as its language has it.
export function forgedIn(report, { folds }) {
  const asked = (name) => (folds ? `HTTP_${folded(name)}` : name.toLowerCase());
  const read = new Map(Object.entries(report.env).map(([key, value]) => [folds ? key : key.toLowerCase(), value]));
  // A name without a hyphen is the same in many spellings.
  return NAMES.filter((name) => name.includes('-') && read.get(asked(name))?.includes(FORGED));
}
