// t3: elements whose end tag is not there, decoys, and what cannot hold a frame. trees.mjs judges by parse5's tree.

import { REVENUE } from '../config.mjs';
import { SLOT, answer, bare, cases, coded, gzip } from './bytes.mjs';

const D = 'id=dashboard';
const doctype = (body) => `<!DOCTYPE html><body>${body}</body></html>`;
const quirks = (body) => `<body>${body}</body></html>`;
const XHTML = (body) => `<html xmlns="http://www.w3.org/1999/xhtml"><body>${body}</body></html>`;
const long = 'x'.repeat(2 << 20);

/// Pages in which the frame has its place.
const PLACED = {
  'p-eof': `<p ${D}>old`,
  'p-div-end': `<div><p ${D}>old</div><p>x`,
  'p-ul': `<p ${D}>old<ul><li>x</ul>y`,
  'p-h1': `<p ${D}>old<h1>x</h1>y`,
  'p-hr': `<p ${D}>old<hr>y`,
  'p-form': `<p ${D}>old<form><input></form>`,
  'p-section': `<p ${D}>old<section>x</section>`,
  'p-pre': `<p ${D}>old<pre>x</pre>`,
  'p-table': `<p ${D}>old<table><tr><td>x</table>y`,
  'p-dl': `<p ${D}>old<dl><dt>x</dl>`,
  'p-center': `<p ${D}>old<center>x</center>`,
  'p-span': `<p ${D}>old<span>x</span>y<p>z`,
  'p-bold': `<p ${D}>old<b>x<p>y</b>z`,
  'p-button': `<p ${D}>old<button><p>x</p></button>y<p>z`,
  'p-object': `<p ${D}>old<object><p>x</object>y<p>z`,
  'p-cell-end': `<table><tr><td><p ${D}>old<td>x</table>`,
  'p-nested': `<div><p>a<p ${D}>old<div>b</div></div>c`,
  'li-list-end': `<ul><li>a<li ${D}>old</ul>x`,
  'li-nested': `<ul><li ${D}>old<ul><li>a<li>b</ul><li>c</ul>x`,
  'li-div': `<ul><li ${D}>old<div>x</div><li>y</ul>`,
  'li-parent-end': `<div><ul><li ${D}>old</div>x`,
  'li-caps': `<UL><LI ID="dashboard">old<LI>two</UL>`,
  'dt-dd': `<dl><dt ${D}>old<dd>x<dt>y</dl>`,
  'dd-dt': `<dl><dt>x<dd ${D}>old<dt>y</dl>z`,
  'dd-end': `<dl><dt>x<dd ${D}>old</dl>z`,
  'dd-nested': `<dl><dd ${D}>old<dl><dt>a<dd>b</dl><dt>c</dl>`,
  'td-row': `<table><tr><td ${D}>old<tr><td>x</table>y`,
  'td-th': `<table><tr><td ${D}>old<th>x</table>`,
  'td-table-end': `<table><tr><td>x<td ${D}>old</table>y`,
  'td-row-end': `<table><tr><td ${D}>old</tr><tr><td>x</table>`,
  'td-body': `<table><tbody><tr><td ${D}>old<tbody><tr><td>x</table>`,
  'td-foot': `<table><tr><td ${D}>old<tfoot><tr><td>x</table>`,
  'td-body-end': `<table><tbody><tr><td ${D}>old</tbody></table>x`,
  'td-nested-table': `<table><tr><td ${D}><table><tr><td>in</table>old<td>x</table>y`,
  'td-eof': `<table><tr><td ${D}>old`,
  'th-td': `<table><tr><th ${D}>old<td>x</table>`,
  'th-row': `<table><tr><th ${D}>old<tr><th>x</table>`,
  caption: `<table><caption ${D}>old<tr><td>x</table>`,
  rt: `<ruby>a<rt ${D}>old<rt>b</ruby>c`,
  'div-parent-end': `<section><div ${D}>old</section>x`,
  'div-slash': `<div ${D} /><p>after</p>`,
  'div-stray-ends': `<div ${D}>a</span></section>b</div>c`,
  'div-stray-p': `<div ${D}>a</p>b</div>c`,
  'div-spaces': `<div ${D}>old</div \n >x`,
  'div-nested': `<div ${D}><div>a</div><div>b</div></div>c`,
  'div-comment': `<div ${D}><!-- </div> -->x</div>y`,
  'div-style': `<div ${D}><style>/* </div> */</style>x</div>y`,
  'div-textarea': `<div ${D}><textarea></div></textarea>x</div>y`,
  'div-attribute': `<div ${D}><i title="</div>">x</i></div>y`,
  'div-unclosed-b': `<div ${D}><b>x</div>y`,
  'div-in-b': `<b><div ${D}>x</b>y</div>z`,
  'div-svg': `<div ${D}><svg><g></g></svg></div>y`,
  'div-empty': `<div ${D}></div>x`,
  'div-body-end': `<div ${D}>old</body><p>more</p></div>x`,
  'div-html-end': `<div ${D}>old</body></html><script>1</script><p>more`,
  'div-open-comment': `<div ${D}>old</body><!-- </div> --></html>`,
  'span-formatting-end': `<b>a<div><span ${D}>old</b>x</span></div>`,
  'p-formatting-end': `<font>a<div>b<p ${D}>old<i>x</font>y</div>z`,
  'dialog-formatting-end': `<em><dialog ${D}>old</em>x</dialog>`,
  'select-within': `<div ${D}>old<select><option>a</div>b</select>c</div>d`,
  'select-formatting': `<b ${D}>old<select><option>a</b>b</select>c</b>d`,
  'select-input': `<div ${D}>old<select><option>a<input>b</div>c`,
  'select-select': `<div ${D}>old<select><option>a<select>b</div>c`,
  'div-cell': `<div ${D}>old<td>more<tr>and</tbody>more</div>x`,
  'page-in-div': `<div ${D}>old<html><head><title>t</title></head><body><p>x</p></body></html></div>y`,
  'page-in-cell': `<table><tr><td ${D}>old<html><body>x</body></html></td><td>y</td></tr></table>z`,
  'page-in-item': `<ul><li ${D}>old<html><p>x</html><li>y</ul>z`,
  'body-in-div': `<div ${D}>old<body bgcolor=white><p>x</p></body></div>y`,
  'form-form': `<form ${D}>old<form action=/x><input></form>y</form>z`,
  'form-paragraph': `<form><p ${D}>old</form>x<p>y`,
  'form-div-end': `<div><form></div><div ${D}>old<form><li>x</form>y</div>z`,
  'caption-body-end': `<table><caption ${D}>old</tbody>more</tr></caption><tr><td>x</table>`,
  'rt-no-ruby': `<rt ${D}>old<rtc>x</rtc></rt>y`,
  'rt-paragraph': `<ruby>a<rt ${D}>old<p>x<rt>b</ruby>c`,
  span: `<p><span ${D}>old</span>x`,
  center: `<center ${D}>old</center>x`,
  details: `<details ${D}><summary>s</summary>old</details>x`,
  main: `<main ${D}><p>old</main>x`,
  'large-before': `<form><input type=hidden value="${long}"></form><div ${D}>old</div>`,
  'large-inside': `<div ${D}><input type=hidden value="${long}"></div>x`,
  'large-text': `<p>${long}</p><table><tr><td ${D}>old<td>x</table>`,
  'open-before': `${'<div>'.repeat(4500)}<p ${D}>old<p>x`,
  'rows-before': `<table>${'<tr><td>x<td>y'.repeat(4000)}<tr><td ${D}>old<td>z</table>`,
};
/// Elements that come first, and hold no frame, or are none: the insert is not used up.
const DECOYS = {
  'decoy-input': `<input type=hidden ${D}><div ${D}>real</div>`,
  'decoy-img': `<img ${D} src=/a.png><div ${D}>real</div>`,
  'decoy-br': `<br ${D}><div ${D}>real</div>`,
  'decoy-textarea': `<textarea><div ${D}></textarea><div ${D}>real</div>`,
  'decoy-script': `<script>'<div ${D}></div>'</script><div ${D}>real</div>`,
  'decoy-style': `<style>/*<div ${D}>*/</style><div ${D}>real</div>`,
  'decoy-attribute': `<i title="<div ${D}>">x</i><div ${D}>real</div>`,
  'decoy-comment-bang': `<!--<div ${D}>--!><div ${D}>real</div>`,
  'decoy-template-nested': `<template><template></template><p ${D}></template><div ${D}>real</div>`,
  'decoy-template-open-p': `<template><p ${D}>x</template><div ${D}>real</div>`,
  'decoy-svg': `<svg><g ${D}></g></svg><div ${D}>real</div>`,
  'decoy-math': `<math><mrow ${D}></mrow></math><div ${D}>real</div>`,
  'decoy-textarea-own': `<textarea ${D}>x</textarea><div ${D}>real</div>`,
  'decoy-select': `<select><option ${D}>x</select><div ${D}>real</div>`,
  'decoy-table': `<table ${D}><tr><td>x</table><div ${D}>real</div>`,
  'decoy-canvas': `<canvas ${D}></canvas><div ${D}>real</div>`,
  'decoy-video': `<video ${D}></video><audio ${D}></audio><div ${D}>real</div>`,
  'decoy-meter': `<meter ${D}></meter><progress ${D}></progress><datalist ${D}></datalist><div ${D}>real</div>`,
  'decoy-noscript': `<noscript><div ${D}></div></noscript><div ${D}>real</div>`,
  'decoy-iframe': `<iframe><div ${D}></iframe><div ${D}>real</div>`,
};
/// The same, or it is said that there is no place.
const HOLDS_NONE = ['decoy-svg', 'decoy-math', 'decoy-textarea-own', 'decoy-select', 'decoy-table'];
/// No element of a page that holds a frame is selected.
const NONE = {
  none: '<p>nothing of that name</p>',
  'none-comment': `<p>x</p><!-- <div ${D}>y</div>`,
  'none-template': `<template><div ${D}>x</div></template><p>y`,
  'none-script': `<script>document.write('<div ${D}></div>')</script>`,
  'none-input': `<input ${D}><p>x`,
  'none-id-caps': '<div id=Dashboard>old</div>',
  'none-image': `<img ${D}>`,
  'none-textarea': `<textarea ${D}>x</textarea>`,
  'none-form-form': `<form><form ${D}>x</form></form>`,
  'none-cell': `<td ${D}>old</td><p>x`,
  'none-select': `<select ${D}><option>x</select>`,
  'none-in-select': `<select><option><span ${D}>x</span></select>`,
  'none-canvas': `<canvas ${D}></canvas>`,
};
/// A frame at the end of these is none, or nobody sees it.
const HIDDEN = {
  'template-open': `<div ${D}>old<template></div>x`,
  'svg-open': `<div ${D}>old<svg><path d=M0></div>x`,
  'select-open': `<div ${D}>old<select><option>x`,
  'math-open': `<p ${D}>old<math><mrow><p>x`,
};
/// Whatever the table or list makes of a frame.
const PERHAPS = {
  tr: `<table><tr ${D}><td>x<tr><td>y</table>`,
  tbody: `<table><tbody ${D}><tr><td>x</table>`,
  option: `<select><option ${D}>x<option>y</select>`,
  // A frame before the next cell would stand in the list.
  'select-cell': `<table><tr><td ${D}>old<select><option>a<td>b</table>c`,
  'h1-h2': `<h1 ${D}>old<h2>x</h2>y`,
  'a-a': `<a ${D}>old<a href=/x>y</a>`,
};
const X = (body) => bare(XHTML(body), 'application/xhtml+xml');
const selfClosed = (body) => [X(body), { isSelfClosed: true }];

function table(place) {
  const placed = { insert: place };
  const noted = { same: true, notes: 'some' };
  const pages = (all, expect, wrap = doctype) =>
    Object.fromEntries(Object.entries(all).map(([name, body]) => [name, [bare(wrap(body), 'text/html'), expect]]));
  return {
    ...pages(PLACED, placed),
    'quirks-p-table': [bare(quirks(PLACED['p-table']), 'text/html'), placed],
    'quirks-li': [bare(quirks(PLACED['li-list-end']), 'text/html'), placed],
    ...pages(DECOYS, { ...placed, notes: 'any' }),
    ...pages(pick(DECOYS, HOLDS_NONE), { either: [{ ...placed, notes: 'any' }, noted] }),
    ...pages(NONE, noted),
    ...(place === 'append' ? pages(HIDDEN, noted) : {}),
    ...pages(PERHAPS, { either: [placed, noted] }),
    'body-open': [bare(`<body ${D}>old`, 'text/html'), placed],
    gzip: [coded('gzip', gzip(doctype(PLACED['li-list-end'])), 'text/html'), placed],
    sjis: [bare(doctype(`\x83\x5c<td><p ${D}>\x95\x5c<p>\x94\x5c`), 'text/html; charset=Shift_JIS'), placed],
    'links-before': [
      bare(doctype(`${`<a href="${REVENUE}">r</a>`.repeat(120)}<p ${D}>old<p>x`), 'text/html'),
      { ...placed, slots: 'F'.repeat(120) },
    ],
    'slot-before': [bare(doctype(`${SLOT}<ul><li ${D}>old<li>x</ul>`), 'text/html'), { ...placed, slots: 'F' }],
    'status-404': [answer(['Content-Type: text/html'], doctype(PLACED['p-ul']), 'HTTP/1.1 404 Not Found'), placed],
    'xhtml-self-closed-first': selfClosed('<div id="dashboard"/><div/>'),
    'xhtml-self-closed-space': selfClosed('<p>x</p><div id="dashboard" /><p/>'),
    'xhtml-void': [X('<hr id="dashboard"/><p>x</p>'), noted],
  };
}

const pick = (all, names) => Object.fromEntries(names.map((name) => [name, all[name]]));

const withPlace = (place) => {
  const all = cases('t3', `/ins/${place}`, table(place)).map((one) => ({
    ...one,
    name: one.name.replace('more_', `more_${place}_`),
  }));
  return all.map((one) => (one.expect.isSelfClosed ? { ...one, expect: { ...one.expect, insert: place } } : one));
};

export const INSERTS = ['append', 'replace'].flatMap(withPlace);
