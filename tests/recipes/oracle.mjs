// What the application may have got, by what it believes: names are folded as CGI does it, paths are read in every way
// that some server reads them.

import { FAMILY, FORGED, OTHERS } from './inputs.mjs';
import { ANA, SUBJECT } from './world.mjs';

/// What the application may be told of Ana, by name.
const TOLD = {
  X_FORWARDED_USER: [SUBJECT],
  X_FORWARDED_EMAIL: [ANA.email],
  X_FORWARDED_GROUPS: [ANA.groups.join(',')],
  X_FORWARDED_PREFERRED_USERNAME: [ANA.preferred_username, ''],
};
/// What has to be there.
const NEEDED = ['X_FORWARDED_USER', 'X_FORWARDED_EMAIL', 'X_FORWARDED_GROUPS'];

export const folded = (name) => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
const believed = new Set([...FAMILY, ...OTHERS].map(folded));

/// What is wrong with a request that Ana made.
export function faultsOfAna({ lines }) {
  const faults = forged(lines);
  for (const name of NEEDED) {
    const count = lines.filter(([other]) => folded(other) === name).length;
    if (count !== 1) faults.push(`${name} is there ${count} times`);
  }
  for (const [name, value] of lines) {
    const told = TOLD[folded(name)];
    if (told && !told.includes(value)) faults.push(`${name}: ${value}`);
  }
  return faults;
}

/// What is wrong with a request that nobody signed in for: it may be of a public part only, and names nobody.
export function faultsOfNobody({ method, target, lines }) {
  const faults = forged(lines);
  for (const [name, value] of lines) if (folded(name) in TOLD && value !== '') faults.push(`${name}: ${value}`);
  if (method === '?') faults.push(`bytes that are no request (${target})`);
  const strays = readings(target).filter((path) => !path.startsWith('/public/'));
  if (strays.length > 0) faults.push(`${target} reads as ${strays[0]}`);
  return faults;
}

const forged = (lines) =>
  lines
    .filter(([name, value]) => believed.has(folded(name)) && value.includes(FORGED))
    .map(([name, value]) => `forged ${name}: ${value}`);

/// The path of a target as servers read it: decoded once, twice or not at all; with `\` as `/`, without parameters
/// behind `;`, cut at a NUL or `#`, with doubled slashes as one; then with `.` and `..` resolved.
function readings(target) {
  const raw = target.replace(/^https?:\/\/[^/]*/i, '').split('?')[0];
  const decoded = [raw, decode(raw), decode(decode(raw)), careless(decode(raw))];
  const changed = decoded.flatMap((path) => [
    path,
    path.replaceAll('\\', '/'),
    path.replaceAll(/;[^/]*/g, ''),
    path.split('\0')[0],
    path.replaceAll('\0', ''),
    path.split('#')[0],
    path.replaceAll(/\/{2,}/g, '/'),
    path
      .replaceAll('\\', '/')
      .replaceAll(/;[^/]*/g, '')
      .replaceAll(/\/{2,}/g, '/'),
  ]);
  return [...new Set(changed.map(resolved))];
}

/// Overlong UTF-8, and the encoding of old scripts, for `.` and `/`.
const careless = (text) =>
  text.replaceAll(/\xc0\xae|\xe0\x80\xae|%u002e/gi, '.').replaceAll(/\xc0\xaf|\xe0\x80\xaf|%u002f/gi, '/');

/// Percent-encoding that is none stays.
const decode = (text) =>
  text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));

function resolved(path) {
  const segments = [];
  const all = path.split('/').slice(1);
  for (const segment of all) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  if (['.', '..'].includes(all.at(-1))) segments.push('');
  return `/${segments.join('/')}`;
}
