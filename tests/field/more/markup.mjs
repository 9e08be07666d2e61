// t1: where a browser shows a frame, and where it sees text. The HTML standard says it (13.2); parse5 agrees.

import { REVENUE, SIGMA } from '../config.mjs';
import { SLOT, answer, around, bare, cases, page } from './bytes.mjs';

const A = `<a href="${REVENUE}">r</a>`;
const frame = (attributes, slots = 'F', more = {}) => [page(`<iframe ${attributes}></iframe>`), { slots, ...more }];
const src = (url) => frame(`src="${url}"`);
const markup = (text, slots, more = {}) => [page(text), { slots, ...more }];
const xhtml = (body, slots) => [
  bare(`${XHTML_START}<head><title>t</title></head><body>${body}</body></html>`, 'application/xhtml+xml'),
  { slots },
];
const xml = (type, text, slots) => [bare(text, type), { slots }];
const XHTML_START = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">';
const XSLOT = '<iframe data-sigma-embed="revenue"/>';
const NO_EMBED = { notes: ['no_embed'] };
const PATH = '/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe';
const WILD = `${SIGMA}/acme/workbook/Q4-Forecast-1aB2cD3eF4gH5iJ6kL7mN8`;

/// Letters of a control's value, as attributes spell them.
const LETTERS = [
  'Z%C3%BCrich',
  'Z%C3%BC',
  'Z%C3%BCrich',
  'Z%C4%8Cx',
  'Z%C3%BCrich',
  'a%E2%80%93b%E2%82%AC',
  'a%EF%BF%BDb%EF%BF%BDc',
];
const controls = (spellings) =>
  Object.fromEntries(
    Object.entries(spellings).map(([name, value], index) => [
      `control-${name}`,
      frame(`src="${REVENUE}?Region=${value}"`, 'F', { links: [`revenue?Region=${LETTERS[index]}`] }),
    ]),
  );

const slots = {
  'frame-caps': [bare(`<HTML><FRAMESET ROWS="*"><FRAME SRC="${REVENUE}"></FRAMESET></HTML>`), { slots: 'F' }],
  'frame-named': [bare('<frameset cols=*><frame data-sigma-embed=revenue></frameset>'), { slots: 'F' }],
  'frame-nested': [
    bare(
      `<frameset cols=*,*><frame src=/menu><frameset rows=*><frame src='${REVENUE}' noresize></frameset></frameset>`,
    ),
    { slots: 'F' },
  ],
  'frame-noframes': [
    bare(`<frameset cols=*><frame src="${REVENUE}"><noframes><body>${SLOT}</body></noframes></frameset>`),
    { slots: 'F-' },
  ],
  object: markup(`<object data='${REVENUE}' type='text/html' width=1></object>`, 'F'),
  'object-caps': markup(`<OBJECT TYPE="text/html" DATA=${REVENUE}></OBJECT>`, 'F'),
  'object-fallback': markup(`<object data="${REVENUE}"><iframe src="${REVENUE}"></iframe></object>`, 'F?'),
  embed: markup(`<embed src='${REVENUE}' type=text/html height=5>`, 'F'),
  'embed-closed': markup(`<embed src="${REVENUE}"/>`, 'F'),
  area: markup(`<map name=m><area shape=rect coords=0,0,1,1 href="${REVENUE}"><area href=/x></map>`, 'F'),
  'area-caps': markup(`<MAP><AREA HREF='${REVENUE}' TARGET=_blank></MAP>`, 'F'),
  'anchor-target': markup(`<a href="${REVENUE}" target="main">r</a>`, 'F'),
  form: markup(`<form action="${REVENUE}"><input name=Region value=EMEA><input type=submit></form>`, 'F'),
  'form-caps': markup(`<FORM METHOD=GET ACTION='${REVENUE}' TARGET=f></FORM>`, 'F'),
  'form-query': markup(`<form action="${REVENUE}?Region=EMEA"></form>`, 'F', {
    links: [/\/sigma\/embed\/revenue(\?Region=EMEA)?$/],
  }),
  // Browsers drop a form within another.
  'form-within': markup(`<form action=/x><form action="${REVENUE}"></form>`, '-'),
  'form-elsewhere': markup('<form action="/search"></form>', ''),
  'refresh-caps': [bare(around('x', `<META HTTP-EQUIV="Refresh" CONTENT="5; URL='${REVENUE}'">`)), { slots: 'F' }],
  'refresh-no-url': [bare(around('x', `<meta http-equiv="refresh" content="0;${REVENUE}">`)), { slots: 'F' }],
  'refresh-comma': [bare(around('x', `<meta http-equiv="refresh" content="0, url=${REVENUE}">`)), { slots: 'F' }],
  'refresh-content-first': [bare(around('x', `<meta content="0;url=${REVENUE}" http-equiv=refresh>`)), { slots: 'F' }],
  'refresh-quotes': [bare(around('x', `<meta http-equiv=refresh content="0; URL='${REVENUE}' ">`)), { slots: 'F' }],
  'refresh-frameset': [
    bare(`<frameset rows=*><meta http-equiv=refresh content="0;url=${REVENUE}"><frame src="${REVENUE}"></frameset>`),
    { slots: '-F' },
  ],
  'refresh-none': [bare(around('x', `<meta name="refresh" content="0;url=${REVENUE}">`)), { slots: '-' }],
  'refresh-elsewhere': [bare(around('x', '<meta http-equiv=refresh content="0;url=/x">')), { slots: '' }],
  'own-link-target': markup(
    '<a href="/sigma/embed/revenue" target="_top">r</a><iframe src="/sigma/embed/revenue"></iframe>',
    '',
  ),
  'name-unknown': frame('data-sigma-embed="nobody"', '-', { notes: ['unknown_embed'] }),
  'name-reference': frame('data-sigma-embed="rev&#101;nue"'),
  'name-refused': frame('data-sigma-embed=pipeline', 'L', { links: ['pipeline'] }),
  'name-wild': frame(`data-sigma-embed="any" src="${WILD}"`, 'F', { links: ['any/1aB2cD3eF4gH5iJ6kL7mN8'] }),
  'url-wild': frame(`src="${WILD}/page/p1"`, 'F', { links: ['any/1aB2cD3eF4gH5iJ6kL7mN8/page/p1'] }),
  'url-control': frame(`src="${REVENUE}?Region=EMEA&amp;Other=1&amp;:theme=Dark"`, 'F', {
    links: ['revenue?Region=EMEA'],
  }),
  ...controls({
    named: 'Z&uuml;rich',
    'named-alone': 'Z&uuml',
    'named-caps': 'Z&uuml;rich&AMP;Other=1',
    'named-later': 'Z&Ccaron;x',
    numbered: 'Z&#252;rich',
    'numbered-windows': 'a&#150;b&#x80;',
    'numbered-none': 'a&#0;b&#xD800;c',
  }),
  'url-other-organization': frame(`src="${SIGMA}/other/workbook/Revenue-28xgywpg21TkRWtz3jVRCe"`, '-', NO_EMBED),
  'url-other-address': frame(`src="${SIGMA}/acme"`, '-', NO_EMBED),
  'url-other-kind': frame(`src="${SIGMA}/acme/dataset/Orders-28xgywpg21TkRWtz3jVRCe"`, '-', NO_EMBED),
  'url-within': frame(`src="/proxy?to=${REVENUE}"`, ''),
  'anchor-other-kind': markup(`<a href="${SIGMA}/acme/ask">r</a>`, '-', NO_EMBED),
  'anchor-home': markup(`<a href="${SIGMA}/acme">r</a><a href="${SIGMA}/">s</a>`, '--'),
};

const spellings = {
  'tag-newlines': markup(`<iframe\n\tdata-sigma-embed\r\n=\n"revenue"\n></iframe>`, 'F'),
  'tag-slashes': markup('<iframe/width="1"/data-sigma-embed="revenue"/></iframe>', 'F'),
  'tag-single': frame("data-sigma-embed='revenue'"),
  'tag-mixed': markup('<IfRaMe dAtA-sIgMa-EmBeD=revenue></iFrAmE>', 'F'),
  'tag-many-attributes': frame(
    `${Array.from({ length: 60 }, (_, index) => `data-a${index}="b>c"`).join(' ')} data-sigma-embed=revenue`,
  ),
  'tag-form-feed': markup('<iframe\fdata-sigma-embed=revenue></iframe>', 'F'),
  'tag-two-names': frame('data-sigma-embed="revenue" DATA-SIGMA-EMBED="any"'),
  'tag-unclosed': [bare(`<body>x<iframe data-sigma-embed="revenue"`), { slots: '' }],
  'tag-no-end': [bare('<body>x<iframe data-sigma-embed="revenue">'), { slots: 'F' }],
  'tag-end-only': [bare('<body></iframe><iframe data-sigma-embed="revenue"></iframe>'), { slots: 'F' }],
  'url-caps': src(REVENUE.replace('http://sigma.localhost', 'HTTP://Sigma.LocalHost')),
  'url-scheme-relative': src(`//sigma.localhost:39102${PATH}`),
  'url-backslash-references': src(`http:&bsol;&bsol;sigma.localhost:39102${PATH}`),
  'url-backslashes': src(`http:\\\\sigma.localhost:39102${PATH}`),
  'url-slash-backslash': src(`/\\sigma.localhost:39102${PATH}`),
  'url-spaces': src(` \t${REVENUE}\n`),
  'url-newline': src(REVENUE.replace('acme', 'ac\nme')),
  'url-named-references': src(`http&colon;&sol;&sol;sigma&period;localhost&colon;39102${PATH}`),
  'url-numeric': src(REVENUE.replace('sigma.', 's&#105;gma&#x2E;')),
  'url-numeric-no-semicolon': src(REVENUE.replace('sigma.', 'sigma&#46')),
  'url-numeric-zeros': src(REVENUE.replace('sigma.', 'sigma&#00000046;')),
  'url-escaped-host': src(REVENUE.replace('sigma.', 'sigma%2E')),
  'url-three-slashes': src(REVENUE.replace('://', ':///')),
  'url-three-slashes-alone': src(`///sigma.localhost:39102${PATH}`),
  'url-slashes-mixed': src(`//\\/sigma.localhost:39102${PATH}`),
  'url-one-backslash': frame(`src="http:\\sigma.localhost:39102${PATH}"`, ''),
  'url-one-slash': frame(`src="http:/sigma.localhost:39102${PATH}"`, ''),
  'url-user': frame(`src="${REVENUE.replace('://', '://sigma.localhost@evil.')}"`, ''),
  'url-dots': src(`${SIGMA}/acme/x/../workbook/Revenue-28xgywpg21TkRWtz3jVRCe`),
  'anchor-entity': markup(`<a href="${REVENUE.replace('.', '&#46;')}">r</a>`, 'F'),
  'anchor-caps': markup(`<A HREF=${REVENUE}>r</A>`, 'F'),
  'base-none': [bare(around(SLOT, '<base target=_blank>')), { slots: 'F' }],
  'base-own': [bare(around(SLOT, '<base href="/app/">')), { slots: 'F' }],
  'base-caps': [bare(around(SLOT + A, "<BASE HREF='http://other.localhost/x/'>")), { slots: 'FF' }],
  'data-src': frame(`data-src="${REVENUE}"`, ''),
};

/// A slot here is text, or hidden, to a browser; the next one is not.
const hides = (before, after = '') => markup(`${before}${SLOT}${after}${SLOT}`, '-F');
const shows = (before, after = '') => markup(`${before}${SLOT}${after}`, 'F');
const contexts = {
  'comment-dashes': hides('<!-- a -- > ', ' -->'),
  'comment-nested': markup(`<!-- <!-- ${SLOT} --> ${SLOT} -->`, '-F'),
  'comment-empty': shows('<!-->'),
  'comment-short': shows('<!--->'),
  'comment-end-dash': hides('<!--', '--->'),
  'comment-unclosed': markup(`${SLOT}<!-- ${SLOT}`, 'F-'),
  'comment-bogus': shows('<!x>'),
  'comment-question': shows('<?php echo 1 >', '?>'),
  'comment-end-tag': shows('</ x>'),
  'cdata-html': shows('<pre><![CDATA[ > ', ' ]]></pre>'),
  'cdata-html-hidden': hides('<![CDATA[', '>'),
  'cdata-svg': hides('<svg><text><![CDATA[', ']]></text></svg>'),
  'script-template': hides('<script type="text/template">', '</script>'),
  'script-json': hides('<script type=application/json>["', '"]</script>'),
  'script-escaped': hides('<script><!-- <script></script> ', ' --></script>'),
  'script-comment': hides('<script><!--\n', '\n//--></script>'),
  'script-caps': hides('<SCRIPT>', '</SCRIPT >'),
  style: hides('<style>', '</style>'),
  'iframe-content': markup(`<iframe>${SLOT}${SLOT}`, '-F'),
  noembed: hides('<noembed>', '</noembed>'),
  noframes: hides('<noframes>', '</noframes>'),
  'xmp-caps': hides('<XMP>', '</XMP>'),
  'textarea-caps': hides('<TEXTAREA rows=2>', '</TextArea>'),
  'textarea-unclosed': markup(`${SLOT}<textarea>${SLOT}`, 'F-'),
  'textarea-inner-script': hides('<textarea><script>', '</textarea>'),
  plaintext: markup(`${SLOT}<plaintext>${SLOT}</plaintext>${SLOT}`, 'F--'),
  'title-in-body': hides('<title>', '</title>'),
  'template-nested': markup(`<template><template>${SLOT}</template>${SLOT}</template>${SLOT}`, '--F'),
  'template-caps': hides('<TEMPLATE>', '</TEMPLATE>'),
  'template-in-table': hides('<table><template><tr><td>', '</td></tr></template></table>'),
  'template-unclosed': markup(`${SLOT}<template>${SLOT}`, 'F-'),
  // A shadow root is shown.
  'template-shadow': markup(`<div><template shadowrootmode=open>${SLOT}</template></div>${SLOT}`, '?F'),
  'table-foster': shows('<table>', '</table>'),
  'table-row': shows('<table><tr>', '</table>'),
  listing: shows('<listing>', '</listing>'),
  pre: shows('<pre>', '</pre>'),
  button: shows('<button>', '</button>'),
  details: shows('<details><summary>x</summary>', '</details>'),
  marquee: shows('<marquee>', '</marquee>'),
  dialog: shows('<dialog open>', '</dialog>'),
  'svg-title': shows('<svg><title>', '</title></svg>'),
  'svg-desc': shows('<svg><desc>', '</desc></svg>'),
  'svg-foreign-caps': shows('<SVG><FOREIGNOBJECT>', '</FOREIGNOBJECT></SVG>'),
  'svg-style': hides('<svg><style>', '</style></svg>'),
  'svg-group': hides('<svg><g>', '</g></svg>'),
  'svg-break-out': shows('<svg><p>', '</svg>'),
  'svg-body-end': hides('<svg></body>', '</svg>'),
  'svg-after': shows('<svg><path d="M0"/></svg>'),
  'svg-self-closed': shows('<svg/>'),
  math: hides('<math>', '</math>'),
  'math-mi': shows('<math><mi>', '</mi></math>'),
  'math-annotation-html': shows('<math><annotation-xml encoding="text/html">', '</annotation-xml></math>'),
  'math-annotation': hides('<math><annotation-xml>', '</annotation-xml></math>'),
  'conditional-revealed': markup(`<!--[if !IE]><!-->${SLOT}<!--<![endif]-->`, 'F'),
  'conditional-hidden': hides('<!--[if IE]><!--', '<![endif]-->'),
  'xhtml-cdata-script': xhtml(`<script><![CDATA[ "${XSLOT}" ]]></script>${XSLOT}`, '-F'),
  'xhtml-cdata-brackets': xhtml(`<p><![CDATA[ ]] > ${XSLOT} ]]]></p>${XSLOT}`, '-F'),
  'xhtml-instruction': xhtml(`<?php > ${XSLOT} ?>${XSLOT}`, '-F'),
  'xhtml-comment': xhtml(`<!-- > ${XSLOT} -->${XSLOT}`, '-F'),
  'xhtml-textarea': xhtml(`<textarea/>${XSLOT}`, 'F'),
  'xhtml-style': xhtml(`<style/>${XSLOT}`, 'F'),
  'xhtml-empty-elements': xhtml(`<p/>${XSLOT}<div/>${XSLOT}`, 'FF'),
  'xml-text': xml(
    'text/xml; charset=utf-8',
    `${XHTML_START}<body>${XSLOT}<x xmlns="urn:x">${XSLOT}</x></body></html>`,
    'F-',
  ),
  'xml-application': xml('application/xml', `${XHTML_START}<body>${XSLOT}</body></html>`, 'F'),
  'xml-svg': xml(
    'image/svg+xml',
    `<svg xmlns="http://www.w3.org/2000/svg">${XSLOT}<foreignObject>` +
      `<p xmlns="http://www.w3.org/1999/xhtml">${XSLOT}</p></foreignObject></svg>`,
    '-F',
  ),
  'xml-none': xml('application/xml', `<r>${XSLOT}</r>`, '-'),
  'xhtml-object': xhtml(`<object data="${REVENUE}" type="text/html"/>${XSLOT}`, 'FF'),
};

const long = 'x'.repeat(2 << 20);
const amounts = {
  'links-150': markup(A.repeat(150) + SLOT, 'F'.repeat(151)),
  'links-1000': markup(A.repeat(1000) + SLOT, 'F'.repeat(1001)),
  'frames-105': markup(SLOT.repeat(105), 'F'.repeat(100) + '-'.repeat(5), { notes: ['too_many_slots'] }),
  'open-tables': shows('<table><tr><td>'.repeat(1500)),
  'open-rows': shows(`<table>${'<tr><td>x<td>y'.repeat(4000)}<tr><td>`),
  'open-divs': shows('<div>'.repeat(4500)),
  'open-fonts': shows('<font color=red><b>'.repeat(2500)),
  'open-items': shows(`<ul>${'<li><p>x'.repeat(4500)}`),
  'open-unknown': shows('<x-a>'.repeat(4500)),
  'large-viewstate': shows(`<form><input type=hidden name=__VIEWSTATE value="${long}">`, '</form>'),
  'large-image': shows(`<img src="data:image/png;base64,${long}">`),
  'large-script': shows(`<script>var x = '${long}';</script>`),
  'large-comment': shows(`<!-- ${long} -->`),
  'large-text': shows(`<p>${long}</p>`),
  'large-attribute-behind': markup(`${SLOT}<input type=hidden value='${long}'>${SLOT}`, 'FF'),
  'large-srcdoc': markup(`<iframe srcdoc="${long}"></iframe>${SLOT}`, 'F'),
};

const status = (start, slots, more = []) => [
  answer(['Content-Type: text/html; charset=utf-8', ...more], around(SLOT), start),
  { slots },
];
const heads = {
  'status-404': status('HTTP/1.1 404 Not Found', 'F'),
  'status-403': status('HTTP/1.1 403 Forbidden', 'F'),
  'status-503': status('HTTP/1.1 503 Busy', 'F'),
  'status-203': status('HTTP/1.1 203 Other', 'F'),
  'disposition-inline': status('HTTP/1.1 200 OK', 'F', ['Content-Disposition: inline; filename=a.html']),
  'no-transform-caps': [
    bare(around(SLOT), 'text/html', ['Cache-Control: No-Transform']),
    { same: true, notes: ['no_transform'] },
  ],
  'no-transform-second': [
    bare(around(SLOT), 'text/html', ['Cache-Control: private', 'Cache-Control: max-age=5, no-transform']),
    { same: true, notes: ['no_transform'] },
  ],
  nothing: [bare(around('<p>nothing here')), { slots: '' }],
  'no-name': [bare(around('<p data-sigma-embed="revenue">no frame</p>')), { slots: '' }],
};

export const MARKUP = cases('t1', '/c', { ...slots, ...spellings, ...contexts, ...amounts, ...heads });
