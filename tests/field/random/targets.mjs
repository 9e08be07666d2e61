// Where headers, links and JSON lead, in spellings out of a seed: `new URL` says where a browser goes.

import { SIGMA } from '../config.mjs';
import { Random } from './random.mjs';

const PATH = '/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe';
const repeated = (count, one, others) => [...Array(count).fill(one), ...others];
const SCHEMES = repeated(4, 'http:', ['HTTP:', '', 'https:', 'ftp:', 'http']);
const SLASHES = repeated(5, '//', ['/', '///', '\\\\', '/\\', '////', '', '\\']);
const USERS = repeated(7, '', ['u@', 'u:p@', '@', ':@', 'sigma.localhost@']);
const HOSTS = repeated(4, 'sigma.localhost', [
  'SIGMA.localhost',
  'sigma%2Elocalhost',
  's%69gma.localhost',
  'sigma.localhost.',
  'sigma.localhost.evil',
  'evil',
  'sigma.localhost%00',
]);
const PORTS = repeated(5, ':39102', [':39103', '', ':']);
const PATHS = repeated(4, PATH, [
  PATH.replace('/acme', '/acme/.'),
  PATH.replace('/acme', '/x/../acme'),
  PATH.replace('/acme', '/x/%2e%2E/acme'),
  PATH.replaceAll('/', '\\'),
  PATH.replace('/workbook', '//workbook'),
  PATH.replace('Revenue-', ''),
  PATH.replace('Revenue-', 'a%20b-'),
  PATH.replace('Revenue-', 'a|b^c-'),
  PATH.replace('Revenue-', 'Revenue/'),
  PATH.replace('/acme', '/other'),
  ...['/', '/explore', '/explore/', '//', '/edit', '/x', '/.', '/..'].map((end) => PATH + end),
]);
const QUERIES = repeated(3, '', [
  '?Region=EMEA',
  '?Region=a%20b',
  '?Region=a+b',
  '?Region=Z%FCrich',
  '?Region=Z%C3%BCrich',
  '?x=1&Region=EMEA&y',
  '?Region=EMEA#f',
  '#f',
  '#?Region=x',
  '?',
  '?Region=a,b%2Cc',
  '?%52egion=EMEA',
  '?Region=a;b',
  '?Region=a%26b%3Dc',
  '?:theme=Dark&Region=EMEA&:jwt=zz',
]);
const DOCUMENT = /^\/acme\/workbook\/(?:[\w.~%!$&'()*+,;=:@-]*-|[^/]+\/)?28xgywpg21TkRWtz3jVRCe(?:\/explore)?\/?$/;

export class Targets {
  #random;

  constructor(seed) {
    this.#random = new Random(seed);
  }

  next() {
    const parts = [SCHEMES, SLASHES, USERS, HOSTS, PORTS, PATHS, QUERIES];
    return parts.map((part) => this.#random.oneOf(part)).join('');
  }
}

/// Whether a browser that is at `page` goes to the embed there, and with which control.
export function embedAt(text, page) {
  let url;
  try {
    url = new URL(text, page);
  } catch {
    return undefined;
  }
  const isEmbed = url.origin === SIGMA && !url.username && !url.password && DOCUMENT.test(url.pathname);
  return isEmbed ? { control: controlOf(url.search) } : undefined;
}

/// What is no UTF-8 is an old application's.
export const controlOf = (query) => new URLSearchParams(query.replaceAll('%FC', '%C3%BC')).get('Region');
