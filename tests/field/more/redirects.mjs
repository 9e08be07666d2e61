// t7: where a browser goes, by `Location`, `Refresh` and `HX-Redirect`, as the URL standard reads what is there.

import { REVENUE, SIGMA } from '../config.mjs';
import { HTML, SLOT, answer, around, cases } from './bytes.mjs';

const PATH = REVENUE.slice(SIGMA.length);
const WILD = `${SIGMA}/acme/workbook/Q4-Forecast-1aB2cD3eF4gH5iJ6kL7mN8`;
const wild = (rest = '') => new RegExp(`/sigma/embed/any/1aB2cD3eF4gH5iJ6kL7mN8${rest}$`);

const location = (value, wanted = 'F', { start = 'HTTP/1.1 302 Found', ...more } = {}) => [
  answer([`Location: ${value}`], '', start),
  { headers: { location: wanted }, notes: 'any', ...more },
];
const with200 = (line, headers, more = {}) => [
  answer(['Content-Type: text/html', line], 'x'),
  { headers, notes: 'any', ...more },
];
const refresh = (value, wanted = 'F') => with200(`Refresh: ${value}`, { refresh: wanted });
const htmx = (value, wanted = 'F') => with200(`HX-Redirect: ${value}`, { 'hx-redirect': wanted }, { ask: 'fetch' });
const ajax = (line, wanted = 'F', more = []) => [
  answer(['Content-Type: text/xml', `${line}: ${wanted === '-' ? './page?2' : REVENUE}`, ...more], '<x/>'),
  { headers: { [line.toLowerCase()]: wanted }, ask: 'fetch' },
];
const posted = (start) =>
  location(REVENUE, 'F', { start, ask: 'form', isFollowed: true, status: [Number(start.split(' ')[1]), 303] });

export const REDIRECTS = cases('t7', '/r', {
  'post-302': posted('HTTP/1.1 302 Found'),
  'post-303': posted('HTTP/1.1 303 See Other'),
  'post-307': posted('HTTP/1.1 307 Temporary Redirect'),
  'post-308': posted('HTTP/1.1 308 Permanent Redirect'),
  'fetch-302': location(REVENUE, 'F', { ask: 'fetch' }),
  'fetch-307': location(REVENUE, 'F', { ask: 'fetch', start: 'HTTP/1.1 307 Temporary Redirect' }),
  // A head leads where its answer does.
  'head-302': location(REVENUE, 'F', { ask: 'head' }),
  'head-308': location(REVENUE, 'F', { ask: 'head', start: 'HTTP/1.1 308 Permanent Redirect' }),
  'head-own': location('/x', '-', { ask: 'head' }),
  'head-refresh': [
    answer(['Content-Type: text/html', `Refresh: 0; url=${REVENUE}`], ''),
    { headers: { refresh: 'F' }, ask: 'head' },
  ],
  relative: location('/x/y?z#f', '-'),
  'relative-query': location('?a=b', '-'),
  empty: location('', '-'),
  // Then browsers show what there is.
  'empty-page': [
    answer([`Content-Type: ${HTML}`, 'Location:'], around(SLOT), 'HTTP/1.1 302 Found'),
    { slots: 'L', headers: { location: '-' } },
  ],
  'own-link': location('/sigma/embed/revenue', '-'),
  'no-scheme': location(`sigma.localhost:39102${PATH}`, '-'),
  'one-slash': location(`http:/sigma.localhost:39102${PATH}`, '-'),
  'other-scheme': location(REVENUE.replace('http:', 'ftp:'), '-'),
  script: location('javascript:alert(1)', '-'),
  'other-host': location(REVENUE.replace('sigma.localhost', 'sigma.localhost.evil'), '-'),
  'other-host-user': location(REVENUE.replace('http://', 'http://sigma.localhost:39102@evil.localhost/'), '-'),
  'other-host-backslash': location(`http://evil.localhost\\@sigma.localhost:39102${PATH}`, '-'),
  'other-port': location(REVENUE.replace('39102', '39103'), '-'),
  'no-port': location(REVENUE.replace(':39102', ''), '-'),
  'workbook-unknown-organization': location(`${SIGMA}/other/workbook/X-1aB2cD3eF4gH5iJ6kL7mN8`, '-'),
  'no-document': location(`${SIGMA}/acme/`, '-'),
  'login-page': location(`${SIGMA}/acme/login?next=%2Facme`, '-'),
  'tab-host': location(REVENUE.replace('localhost', 'local\thost')),
  'spaces-before': location(`   ${REVENUE}`),
  'three-slashes-alone': location(`///sigma.localhost:39102${PATH}`),
  'slashes-mixed': location(`//\\sigma.localhost:39102${PATH}`),
  'four-slashes': location(REVENUE.replace('://', ':////')),
  'backslash-pair': location(REVENUE.replace('://', ':\\\\')),
  'backslash-relative': location(`\\\\sigma.localhost:39102${PATH}`),
  'slash-backslash-tab': location(`/\t\\sigma.localhost:39102${PATH}`),
  'dots-escaped-caps': location(REVENUE.replace('/acme/', '/acme/%2E%2E/acme/')),
  'dot-escaped': location(REVENUE.replace('/acme/', '/acme/%2e/')),
  'host-escaped': location(REVENUE.replace('sigma.', 'sigma%2e')),
  'fragment-query': location(`${REVENUE}?Region=EMEA#top`, 'revenue?Region=EMEA'),
  'query-empty': location(`${REVENUE}?`),
  'query-space': location(`${REVENUE}?Region=New York`, 'revenue?Region=New%20York'),
  'query-plus': location(`${REVENUE}?Region=New+York`, 'revenue?Region=New%20York'),
  'query-quotes': location(`${REVENUE}?Region="a"<b>`, 'revenue?Region=%22a%22%3Cb%3E'),
  'query-utf8': location(`${REVENUE}?Region=Z\xc3\xbcrich`, 'revenue?Region=Z%C3%BCrich'),
  'query-utf8-cjk': location(`${REVENUE}?Region=\xe6\x97\xa5\xe6\x9c\xac`, 'revenue?Region=%E6%97%A5%E6%9C%AC'),
  'query-latin1': location(`${REVENUE}?Region=Z\xfcrich`, /\/sigma\/embed\/revenue\?Region=Z(%FC|%C3%BC)rich$/i),
  'query-latin1-escaped': location(`${REVENUE}?Region=Z%FCrich`, 'revenue?Region=Z%C3%BCrich'),
  'query-latin1-other': location(`${REVENUE}?Other=\xfc&Region=EMEA`, 'revenue?Region=EMEA'),
  'path-latin1-name': location(REVENUE.replace('Revenue-', 'Ums\xe4tze-')),
  'path-utf8-name': location(REVENUE.replace('Revenue-', 'Ums\xc3\xa4tze-')),
  'fragment-latin1': location(`${REVENUE}#\xfc`),
  'other-latin1': location('/caf\xe9', '-'),
  'other-utf8': location('/caf\xc3\xa9?q=\xe2\x82\xac', '-'),
  // It arrives, whatever becomes of the byte.
  control: [answer(['Location: /a\x01b'], '', 'HTTP/1.1 302 Found'), { notes: 'any' }],
  'same-twice': [
    answer([`Location: ${REVENUE}`, `Location: ${REVENUE}`], '', 'HTTP/1.1 302 Found'),
    { headers: { location: 'F' }, notes: 'any' },
  ],
  'name-caps': [
    answer([`LOCATION: ${REVENUE}`], '', 'HTTP/1.1 302 Found'),
    { headers: { location: 'F' }, notes: 'any' },
  ],
  'explore-query': location(`${REVENUE}/explore?Region=EMEA`, 'revenue?Region=EMEA'),
  'explore-slash': location(`${REVENUE}/explore/`),
  'explore-fragment': location(`${REVENUE}/explore#x`),
  'explore-wild': location(`${WILD}/explore`, wild()),
  'wild-element': location(`${WILD}/element/e1`, wild('/element/e1')),
  'wild-tag': location(`${WILD}/tag/prod/page/p1`, wild('/tag/prod/page/p1')),
  'edit-slash': location(`${REVENUE}/edit/`, '-'),
  'name-other': location(REVENUE.replace('Revenue-', 'Renamed-Since-')),
  'id-only': location(REVENUE.replace('Revenue-', '')),
  'refresh-wait': refresh(`5; url=${REVENUE}`),
  'refresh-caps': refresh(`0;URL=${REVENUE}`),
  'refresh-quoted': refresh(`0; url="${REVENUE}"`),
  'refresh-single': refresh(`0;url='${REVENUE}'`),
  'refresh-no-url': refresh(`0; ${REVENUE}`),
  'refresh-comma': refresh(`3,url=${REVENUE}`),
  'refresh-only': refresh('30', '-'),
  'refresh-relative': refresh('0; url=/x', '-'),
  'refresh-other': refresh('0; url=https://other.localhost/', '-'),
  'refresh-one-slash': refresh(`0; url=http:/sigma.localhost:39102${PATH}`, '-'),
  'refresh-404': [
    answer(['Content-Type: text/html', `Refresh: 0; url=${REVENUE}`], 'x', 'HTTP/1.1 404 Not Found'),
    { headers: { refresh: 'F' }, notes: 'any' },
  ],
  inertia: [
    answer([`X-Inertia-Location: ${REVENUE}`], '', 'HTTP/1.1 409 Conflict'),
    { headers: { 'x-inertia-location': 'F' }, ask: 'fetch' },
  ],
  wicket: ajax('Ajax-Location'),
  'wicket-own': ajax('Ajax-Location', '-'),
  spring: ajax('Spring-Redirect-URL'),
  intercooler: ajax('X-IC-Redirect'),
  richfaces: ajax('Location', 'F', ['Ajax-Response: redirect']),
  'richfaces-none': [
    answer([`Location: ${REVENUE}`, 'Ajax-Response: true'], '<x/>'),
    { headers: { location: '-' }, ask: 'fetch', notes: 'any' },
  ],
  htmx: htmx(REVENUE),
  'htmx-one-slash': htmx(`http:sigma.localhost:39102${PATH}`, '-'),
  'htmx-relative': htmx('/x', '-'),
  'htmx-other': htmx('https://other.localhost/', '-'),
  'htmx-control': htmx(`${REVENUE}?Region=EMEA`, 'revenue?Region=EMEA'),
});
