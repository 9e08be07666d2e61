// t1: labels of charsets and types, as browsers read them: what no browser knows is as if it were not there.

import { REVENUE } from '../config.mjs';
import { HTML, SLOT, answer, around, bare, cases, page, utf16, utf16be } from './bytes.mjs';

const FILLED = { slots: 'F' };
const CHARSET = { same: true, notes: ['charset'] };
const NOT_HTML = { same: true, notes: 'any' };

/// Labels of the Encoding standard, and words that are none: in either case ASCII is ASCII.
const READ = [
  'ISO-8859-15',
  'iso8859-2',
  'iso-8859-8-i',
  'Windows-1251',
  'cp1251',
  'x-cp1252',
  'KOI8-R',
  'koi8-u',
  'ks_c_5601-1987',
  'x-euc-jp',
  'x-sjis',
  'MS_Kanji',
  'windows-31j',
  'ms932',
  'Big5-HKSCS',
  'x-x-big5',
  'gb18030',
  'x-gbk',
  'gb_2312-80',
  'tis-620',
  'windows-874',
  'unicode-1-1-utf-8',
  'x-user-defined',
  'macintosh',
  'x-mac-cyrillic',
  'us-ascii',
  'l1',
  'iso-ir-100',
  'windows1252',
  'cp936',
  'cp949',
  'cp950',
  'utf_8',
  'UTF-8_bin',
  'utf-7',
  'utf-32',
  'ucs-4',
  'iso-8859-99',
  'viscii',
  'hp-roman8',
  'cp037',
  'IBM850',
  'cp437',
  'euc_jp',
  'shift-jisx0213',
  'MacRoman',
  'ANSI_1252',
  'binary',
  '8bit',
  'default',
  'null',
  'undefined',
  '%charset%',
  '{{charset}}',
  'de',
  'en_US',
  '1252',
  '65001',
  '-',
  'x',
  'utf-8?',
  'utf-8)',
];
/// Labels of UTF-16, of ISO-2022-JP, whose bytes change their meaning, and of encodings that browsers replace.
const SPECIAL = [
  'utf-16le',
  'UTF-16BE',
  'unicode',
  'ucs-2',
  'iso-10646-ucs-2',
  'csUnicode',
  'unicodeFFFE',
  'iso-2022-jp',
  'csISO2022JP',
  'iso-2022-kr',
  'csiso2022kr',
  'hz-gb-2312',
  'iso-2022-cn',
  'iso-2022-cn-ext',
  'replacement',
];

const labels = Object.fromEntries([
  ...READ.map((label) => [`charset-${label}`, [page(SLOT, `text/html; charset=${label}`), FILLED]]),
  ...SPECIAL.map((label) => [`charset-${label}`, [page(SLOT, `text/html; charset=${label}`), CHARSET]]),
]);

const TYPES = {
  quoted: 'text/html; charset="utf-8"',
  'quote-open': 'text/html; charset="utf-8',
  'single-quoted': "text/html; charset='iso-8859-1'",
  caps: 'TEXT/HTML; CHARSET=UTF-8',
  semicolon: 'text/html;',
  semicolons: 'text/html;;charset=utf-8',
  'space-before': 'text/html ;charset=utf-8',
  'space-around': 'text/html; charset = utf-8',
  'space-behind': 'text/html; charset=utf-8 ',
  level: 'text/html;level=1',
  'charset-twice': 'text/html; charset=utf-8; charset=iso-2022-jp',
  'charset-quoted-before': 'text/html; x=";charset=utf-16"; charset=utf-8',
  'charset-second': 'text/html; version=1; charset=windows-1251',
  'charset-colon': 'text/html; charset:utf-8',
  'charset-list': 'text/html; charset=ISO-8859-1,utf-8',
  'list-charset': 'text/html, text/html; charset=utf-8',
  'list-three': 'text/html; charset=utf-8, text/html; charset=utf-8, text/html',
  'list-plain-first': 'text/plain, text/html',
  'list-any-behind': 'text/html, */*',
  'list-broken-behind': 'text/html, nonsense',
  xhtml: 'application/xhtml+xml; charset=utf-8',
};
const types = Object.fromEntries(
  Object.entries(TYPES).map(([name, type]) => [`type-${name}`, [page(SLOT, type), FILLED]]),
);

/// Without a type that says anything, a browser looks (MIME Sniffing 7.1, 5.1).
const untyped = (body, lines = []) => answer(lines, body);
const sniffed = {
  'sniff-empty-type': [untyped(around(SLOT), ['Content-Type:']), FILLED],
  'sniff-any': [untyped(around(SLOT), ['Content-Type: */*']), FILLED],
  'sniff-unknown': [untyped(around(SLOT), ['Content-Type: unknown/unknown']), FILLED],
  'sniff-application-unknown': [untyped(around(SLOT), ['Content-Type: application/unknown']), FILLED],
  'sniff-no-slash': [untyped(around(SLOT), ['Content-Type: html']), FILLED],
  'sniff-doctype': [untyped(around(SLOT)), FILLED],
  'sniff-space-html': [untyped(`\r\n\t <HTML>${SLOT}</HTML>`), FILLED],
  'sniff-comment': [untyped(`<!-- old --><body>${SLOT}`), FILLED],
  'sniff-table': [untyped(`<TABLE border=1><tr><td>${SLOT}</table>`), FILLED],
  'sniff-h1': [untyped(`<h1>t</h1>${SLOT}`), FILLED],
  'sniff-frame': [untyped(SLOT), FILLED],
  'sniff-script': [untyped(`<script>1</script>${SLOT}`), FILLED],
  'sniff-p': [untyped(`<p>t${SLOT}`), FILLED],
  // Text, XML, and nothing to look for.
  'sniff-text': [untyped(`Hello ${SLOT}`), NOT_HTML],
  'sniff-section': [untyped(`<section>${SLOT}</section>`), NOT_HTML],
  'sniff-xml': [untyped(`<?xml version="1.0"?><r>${SLOT}</r>`), NOT_HTML],
  'sniff-nosniff': [untyped(around(SLOT), ['X-Content-Type-Options: nosniff']), NOT_HTML],
  plain: [page(SLOT, 'text/plain'), NOT_HTML],
  'list-plain-last': [page(SLOT, 'text/html, text/plain'), NOT_HTML],
  'type-twice': [untyped(around(SLOT), ['Content-Type: text/html', 'Content-Type: text/html']), FILLED],
};

/// A control's value in the page's charset: Sigma is told the letters that were meant.
const control = (value, wanted, type, { before = '', head = '' } = {}) => [
  bare(before + around(`<iframe src="${REVENUE}?Region=${value}"></iframe>`, head), type),
  { slots: 'F', links: [`revenue?Region=${wanted}`] },
];
const declaration = (charset) => ({ before: `<?xml version="1.0" encoding="${charset}"?>` });
const controls = {
  'control-unnamed': control('Z\xfcrich', 'Z%C3%BCrich', 'text/html'),
  'control-unnamed-utf8': control('Z\xc3\xbcrich', 'Z%C3%BCrich', 'text/html'),
  'control-unknown': control('Z\xfcrich\x80', 'Z%C3%BCrich%E2%82%AC', 'text/html; charset=ansi'),
  'control-utf8-not': control('Z\xfcrich', 'Z%C3%BCrich', HTML),
  'control-escaped': control('Z%FCrich', 'Z%C3%BCrich', HTML),
  'control-escaped-sjis': control('%83e%83X%83g', '%E3%83%86%E3%82%B9%E3%83%88', 'text/html; charset=Shift_JIS'),
  'control-escaped-meta': control('%CC%EE', '%D0%9C%D0%BE', 'text/html', { head: '<meta charset=windows-1251>' }),
  'control-meta': control('\xe9', '%D0%B9', 'text/html', { head: '<meta charset=windows-1251>' }),
  'control-declared': control('\xe9', '%D0%B9', 'text/html', declaration('windows-1251')),
  'control-declared-xhtml': control('\xe9', '%D0%B9', 'application/xhtml+xml', declaration('windows-1251')),
  'control-declared-and-named': control('\xe9', '%C3%A9', 'text/html; charset=latin1', declaration('windows-1251')),
  'control-declared-and-meta': control('\xe9', '%D0%B9', 'text/html', {
    ...declaration('latin1'),
    head: '<meta charset=windows-1251>',
  }),
};

const head = (head, type = 'text/html') => bare(around(SLOT, head), type);
const inside = {
  'meta-utf16': [head('<meta charset=utf-16>'), FILLED],
  'meta-iso-2022-jp': [head('<meta charset="iso-2022-jp">'), CHARSET],
  'meta-hz': [head('<meta charset=hz-gb-2312>'), CHARSET],
  'meta-unknown': [head('<meta charset=nonsense>'), FILLED],
  'meta-user-defined': [head('<meta charset=x-user-defined>'), FILLED],
  'meta-http-equiv': [head('<META HTTP-EQUIV="Content-Type" CONTENT="text/html;charset=x-sjis">\x95\x5c'), FILLED],
  'meta-under-header': [head('<meta charset="iso-2022-jp">', HTML), FILLED],
  'meta-in-comment': [head('<!-- <meta charset="iso-2022-jp"> -->'), FILLED],
  'xml-declaration': [bare(`<?xml version="1.0" encoding="iso-8859-1"?>${around(`\xe9${SLOT}`)}`, 'text/html'), FILLED],
  'declared-iso-2022-jp': [bare(`<?xml version="1.0" encoding="iso-2022-jp"?>${around(SLOT)}`, 'text/html'), CHARSET],
  'declared-under-header': [bare(`<?xml version="1.0" encoding="iso-2022-jp"?>${around(SLOT)}`), FILLED],
  'bom-over-header': [bare(`\xef\xbb\xbf${around(SLOT)}`, 'text/html; charset=iso-2022-jp'), FILLED],
  'bom-utf16-over-header': [bare(utf16(around(SLOT))), CHARSET],
  'bom-utf16be': [bare(utf16be(around(SLOT)), 'text/html'), CHARSET],
  'bom-utf16be-unknown': [bare(utf16be(around(SLOT)), 'text/html; charset=nonsense'), CHARSET],
  'sjis-trail-quote': [
    bare(
      around(`<img alt="\x83\x5c"><iframe title="\x94\x5c" data-sigma-embed="revenue"></iframe>`),
      'text/html; charset=Shift_JIS',
    ),
    FILLED,
  ],
  'big5-trail-bar': [bare(around(`\xa1\x7c\xa4\x7c${SLOT}\xa1\x5c`), 'text/html; charset=big5'), FILLED],
  'gb18030-four': [bare(around(`\x81\x30\x81\x30${SLOT}`), 'text/html; charset=gb18030'), FILLED],
};

export const CHARSETS = cases('t1', '/c', { ...labels, ...types, ...sniffed, ...inside, ...controls });
