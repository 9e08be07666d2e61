// t6: JSON as a script of the page reads it (`response.json()`, `JSON.parse`); what that refuses is no JSON.

import { REVENUE, SIGMA } from '../config.mjs';
import { answer, bare, brotli, cases, coded, deflate, gzip, utf16, utf16be, zstd } from './bytes.mjs';

const URL = JSON.stringify(REVENUE);
const BODY = `{"url":${URL}}`;
const JSON_TYPE = 'application/json';
const json = (slots, more = {}) => ({ json: true, slots, ask: 'fetch', ...more });
const ONE = json('F');
const NOTED = { same: true, notes: 'some', ask: 'fetch' };
const EVENT_STREAM = { same: true, notes: ['event_stream'], ask: 'fetch' };
const UNMATCHED = { notes: ['json_unmatched'] };
const PASSED = { same: true, notes: 'any', ask: 'fetch' };
/// A browser's script may read it; what does not has to say so.
const EITHER = { either: [json('F'), { same: true, notes: 'some' }], ask: 'fetch' };
const of = (body, expect = ONE, type = JSON_TYPE) => [bare(body, type), expect];

const types = Object.fromEntries(
  [
    'application/problem+json',
    'application/vnd.api+json',
    'application/ld+json',
    'application/hal+json;charset=UTF-8',
    'text/javascript',
    'application/javascript; charset=utf-8',
    'application/x-javascript',
    'application/x-json',
    'text/x-json',
    'APPLICATION/JSON',
    'application/json, application/json',
    'application/json; charset=windows-1252',
    'application/json; charset="UTF-8"',
    'application/json; charset=utf8',
    'application/json; charset=nonsense',
    'application/json; charset=',
    'application/json;odata=verbose',
    'application/json-rpc',
    'application/jsonrequest; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'binary/octet-stream',
    'application/text',
    'application/plain; charset=utf-8',
    'application/html',
    'text/xml',
    'application/xml; charset=utf-8',
    'text/json; charset=utf-8',
    'text/html; charset=iso-8859-1',
    'text/plain; charset=us-ascii',
    'application/json; charset=shift_jis',
  ].map((type) => [`type-${type.replaceAll(/[/; ]+/g, '_')}`, of(BODY, ONE, type)]),
);

const shapes = {
  'type-octets': of(BODY, EITHER, 'application/octet-stream'),
  'type-none': [answer([], BODY), ONE],
  // ASP.NET's Web API answers a text so, and PHP calls it a page.
  'top-text': of(JSON.stringify(BODY)),
  'top-text-html': of(JSON.stringify(BODY), ONE, 'text/html'),
  'value-one-slash': of(`{"url":"${REVENUE.replace('://', ':/')}"}`, json('', { notes: 'some' })),
  spaces: of(` \r\n\t{ "url" :\n ${URL} }\r\n `),
  'bom-spaces': of(`\xef\xbb\xbf\r\n${BODY}`),
  'bom-gzip': [coded('gzip', gzip(`\xef\xbb\xbf${BODY}`), JSON_TYPE), ONE],
  br: [coded('br', brotli(BODY), JSON_TYPE), ONE],
  zstd: [coded('zstd', zstd(BODY), JSON_TYPE), ONE],
  deflate: [coded('deflate', deflate(BODY), JSON_TYPE), ONE],
  'gzip-caps': [coded('GZIP', gzip(BODY), JSON_TYPE), ONE],
  'coding-none': [coded('none', Buffer.from(BODY), JSON_TYPE), ONE],
  'utf8-beside': of(`{"a":"Gr\xc3\xb6\xc3\x9fe \xf0\x9f\x98\x80","url":${URL}}`),
  'windows-1252-beside': of(`{"a":"\x80\x93","url":${URL}}`, EITHER, 'application/json; charset=windows-1252'),
  surrogates: of(`{"a":"\\ud83d\\ude00","b":"\\ude00\\ud83d","url":${URL}}`),
  'key-escaped': of(`{"\\u0075rl":${URL}}`),
  'key-twice': of(`{"url":${URL},"url":${URL}}`, json('FF')),
  'key-caps': of(`{"URL":${URL}}`, json('-', UNMATCHED)),
  'key-elsewhere': of(`{"href":${URL},"a":{"url":${URL}}}`, json('--', UNMATCHED)),
  'value-null': of('{"url":null}', json('')),
  'value-other': of('{"url":"https://other.localhost/x"}', json('')),
  'value-object': of(`{"url":{"href":${URL}}}`, json('-', UNMATCHED)),
  'value-array': of(`{"url":[${URL}]}`, json('-', UNMATCHED)),
  'value-html': of('{"html":"<iframe src=\\"//sigma.localhost:39102/acme\\"></iframe>"}', json('', UNMATCHED)),
  'value-empty': of('{"url":""}', json('')),
  'value-caps': of(`{"url":"HTTP://SIGMA.localhost:39102${REVENUE.slice(SIGMA.length)}"}`),
  'value-scheme-relative': of(`{"url":"${REVENUE.slice('http:'.length)}"}`),
  'value-backslashes': of(`{"url":"http:\\\\\\\\sigma.localhost:39102${REVENUE.slice(SIGMA.length)}"}`),
  'value-escaped-caps': of(`{"url":"http:\\u002F\\u002Fsigma.localhost:39102${REVENUE.slice(SIGMA.length)}"}`),
  'value-all-escaped': of(`{"url":"${[...REVENUE].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('')}"}`),
  'value-percent-escaped': of(`{"url":"${REVENUE.replace('sigma.', 'sigma\\u00252e')}"}`),
  'value-ampersand': of(
    `{"url":"${REVENUE}?Region=EMEA\\u0026Other=1"}`,
    json('F', { links: ['revenue?Region=EMEA'] }),
  ),
  'value-tab': of(`{"url":"${REVENUE}\\t"}`),
  'widgets-many': of(
    `{"widgets":[${Array(120).fill(`{"url":${URL}}`).join(',')}]}`,
    json('?'.repeat(120), { notes: 'any' }),
  ),
  'widgets-three': of(`{"widgets":[{"url":${URL}},{"id":1},{"url":${URL}}],"url":${URL}}`, json('FFF')),
  'widgets-object': of(`{"widgets":{"a":{"url":${URL}}}}`, json('?')),
  'deep-200': of(`{"a":${'['.repeat(200)}${']'.repeat(200)},"url":${URL}}`),
  'deep-objects': of(`{"a":${'{"a":'.repeat(300)}1${'}'.repeat(300)},"url":${URL}}`),
  'large-beside': of(`{"a":"${'x'.repeat(1 << 20)}","url":${URL}}`),
  'too-large': of(`{"a":"${'x'.repeat(5 << 20)}","url":${URL}}`, { same: true, notes: ['too_large'], ask: 'fetch' }),
  'numbers-odd': of(`{"a":[0.0,-0,1E+400,1e-400,123456789012345678901234567890],"url":${URL}}`),
  // No script that asks saves a file.
  attachment: [bare(BODY, JSON_TYPE, ['Content-Disposition: attachment; filename="f.txt"']), ONE],
  'too-large-html': of(`{"a":"${'x'.repeat(1 << 19)}","url":${URL}}`, NOTED, 'text/html'),
  'status-404': [answer([`Content-Type: ${JSON_TYPE}`], BODY, 'HTTP/1.1 404 Not Found'), ONE],
  'top-string': of(URL, json('-', { notes: 'any' })),
  'top-null': of('null', json('', { notes: 'any' })),
  empty: of('', PASSED),
};

const wrapped = {
  'xssi-angular': of(`)]}',\n${BODY}`),
  'xssi-angular-crlf': of(`)]}',\r\n${BODY}`),
  'xssi-short': of(`)]}'\n${BODY}`),
  'xssi-no-line': of(`)]}',${BODY}`, EITHER),
  'xssi-while': of(`while(1);${BODY}`, EITHER),
  'xssi-for': of(`for(;;);${BODY}`, EITHER),
  'xssi-and': of(`{}&&${BODY}`, EITHER),
  'xssi-bom': of(`\xef\xbb\xbf)]}',\n${BODY}`, EITHER),
  'lines-crlf': of(`${BODY}\r\n${BODY}\r\n`, json('FF')),
  'lines-no-end': of(`${BODY}\n${BODY}`, json('FF'), 'application/x-ndjson'),
  'lines-blank': of(`${BODY}\n\n${BODY}\n`, json('FF'), 'application/x-ndjson'),
  'lines-jsonl': of(`${BODY}\n${BODY}\n`, json('FF'), 'application/jsonl'),
  'lines-json-lines': of(`${BODY}\n${BODY}\n`, json('FF'), 'application/json-lines'),
  'lines-ndjson': of(`${BODY}\n{"x":1}\n${BODY}\n`, json('FF'), 'application/ndjson'),
  'lines-one': of(`${BODY}\n`, ONE, 'application/x-ndjson'),
  'lines-bad': of(
    `${BODY}\nnot json\n${BODY}\n`,
    {
      either: [json('FF', { notes: 'some' }), json('F-', { notes: 'some' }), { same: true, notes: 'some' }],
      ask: 'fetch',
    },
    'application/x-ndjson',
  ),
  'lines-together': of(`${BODY}${BODY}`, { either: [json('FF'), { same: true, notes: 'some' }], ask: 'fetch' }),
  sequence: of(
    `\x1e${BODY}\n\x1e${BODY}\n`,
    { either: [json('FF'), { same: true, notes: 'some' }], ask: 'fetch' },
    'application/json-seq',
  ),
};

const refused = Object.fromEntries(
  Object.entries({
    'jsonp-comment': `/**/cb(${BODY});`,
    'jsonp-guard': `typeof cb === 'function' && cb(${BODY});`,
    'jsonp-dotted': `jQuery.cb_1(${BODY})`,
    assignment: `var data = ${BODY};`,
    comment: `/* v1 */ ${BODY}`,
    'keys-bare': `{url:${URL}}`,
    undefined: `{"a":undefined,"url":${URL}}`,
    infinity: `{"a":-Infinity,"url":${URL}}`,
    'zero-first': `{"a":01,"url":${URL}}`,
    'number-dot': `{"a":1.,"url":${URL}}`,
    hex: `{"a":0x1,"url":${URL}}`,
    'line-in-string': `{"a":"x\ny","url":${URL}}`,
    'escape-x': `{"a":"\\x41","url":${URL}}`,
    'escape-quote': `{"a":"it\\'s","url":${URL}}`,
    'cut-off': `{"url":${URL},"a":[1,`,
    behind: `${BODY}]`,
    'nul-behind': `${BODY}\0`,
    'trailing-comma-array': `{"a":[1,],"url":${URL}}`,
    single: `{'url':'${REVENUE}'}`,
  }).map(([name, body]) => [`no-${name}`, of(body, NOTED)]),
);

const apart = {
  'utf16-bom': of(utf16(BODY), NOTED),
  'utf16be-bom': of(utf16be(BODY), NOTED),
  'utf16-charset': of(utf16(BODY).slice(2), NOTED, 'application/json; charset=utf-16le'),
  'jsonp-html': of(`cb(${BODY})`, NOTED, 'text/html'),
  'jsonp-no-type': [answer([], `cb(${BODY})`), NOTED],
  'warning-before': of(`<br />\n<b>Warning</b>: x on line 3<br />\n${BODY}`, NOTED, 'text/html'),
  'textarea-around': of(`<textarea>${BODY}</textarea>`, NOTED, 'text/html'),
  'jsonp-text-javascript': of(`cb(${BODY})`, NOTED, 'text/javascript'),
  'html-page': of('<!DOCTYPE html><title>Signed out</title><p>x', { ...PASSED, notes: 'any' }, 'text/html'),
  xml: of('<a>x</a>', json(''), 'application/xml'),
  'xml-text': of(`<string xmlns="http://tempuri.org/">${BODY}</string>`, NOTED, 'text/xml; charset=utf-8'),
  'text-no-transform': [
    bare(BODY, 'text/plain', ['Cache-Control: no-transform']),
    { same: true, notes: ['no_transform'], ask: 'fetch' },
  ],
  'none-partial': [answer([], BODY, 'HTTP/1.1 206 Partial Content'), { same: true, notes: ['partial'], ask: 'fetch' }],
  image: of('\x89PNG\r\n\x1a\n\0', PASSED, 'image/png'),
  'event-stream': of(`data: ${BODY}\n\n`, EVENT_STREAM, 'text/event-stream'),
};

/// ASP.NET's `d`: a JSON text in a string, which a rule goes into.
const text = JSON.stringify(BODY);
const asmx = {
  object: of(`{"d":${BODY}}`),
  text: of(`{"d":${text}}`),
  'text-slashes': of(`{"d":${text.replaceAll('/', '\\\\/')}}`),
  'text-spaces': of(`{"d":${JSON.stringify(` ${BODY} `)}}`),
  'text-array': of(`{"d":${JSON.stringify(`[${BODY}]`)}}`),
  'text-beside': of(`{"d":${JSON.stringify(`{"a":"x\\"y","url":${URL}}`)},"x":1}`),
  'text-none': of('{"d":"no json"}', json('', { notes: 'any' })),
  'text-no-json': of('{"d":"{url:1}"}', json('', { notes: 'any' })),
  'text-type': of(`{"d":${text}}`, ONE, 'application/json; charset=utf-8'),
};

export const JSONS = [
  ...cases('t6', '/api', { ...types, ...shapes, ...wrapped, ...refused, ...apart }),
  ...cases('t6', '/asmx', asmx).map((one) => ({ ...one, name: one.name.replace('more_', 'more_asmx-') })),
];
