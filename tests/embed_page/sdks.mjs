// Sigma's embed SDK and React SDK, unchanged, in the page around the frame: every listener and every call, before and
// after a renewal, and after Back. They take events of two domains of Sigma only: the browser finds one here.

import assert from 'node:assert/strict';
import { renew } from './messages.mjs';

/// Which listener, and which hook, is for a type of event.
const EVENTS = [
  ['workbook:loaded', 'workbookLoadedListener', 'useWorkbookLoaded', { workbook: { variables: { Region: 'EMEA' } } }],
  ['workbook:dataloaded', 'workbookDataLoadedListener', 'useWorkbookDataLoaded', {}],
  ['workbook:error', 'workbookErrorListener', 'useWorkbookError', { code: 'ETIMEDOUT', message: 'late' }],
  [
    'workbook:chart:error',
    'workbookChartErrorListener',
    'useWorkbookChartError',
    { nodeId: 'n', code: 'E', message: 'm' },
  ],
  [
    'workbook:chart:onvalueselect',
    'workbookChartValueSelectListener',
    'useWorkbookChartValueSelect',
    { values: [{ a: 1 }] },
  ],
  ['workbook:table:oncellselect', 'workbookTableCellSelectListener', 'useTableCellSelect', { cells: [{ value: 1 }] }],
  [
    'workbook:pivottable:oncellselect',
    'workbookPivotTableCellSelectListener',
    'useWorkbookPivotTableCellSelect',
    { cells: [] },
  ],
  [
    'workbook:variables:onchange',
    'workbookVariableChangeListener',
    'useVariableChange',
    { workbook: { variables: { Region: 'X' } } },
  ],
  [
    'workbook:variables:current',
    'workbookCurrentVariablesListener',
    'useWorkbookCurrentVariables',
    { variables: { Region: 'X' } },
  ],
  ['workbook:variables:current', 'workbookVariableCurrentListener', null, { variables: { Region: 'Y' } }],
  [
    'workbook:exploreKey:onchange',
    'workbookExploreKeyOnChangeListener',
    'useWorkbookExploreKeyOnChange',
    { exploreKey: 'k' },
  ],
  ['workbook:bookmark:oncreate', 'workbookBookmarkCreateListener', 'useWorkbookBookmarkOnCreate', { bookmarkId: 'b' }],
  [
    'workbook:bookmark:onchange',
    'workbookBookmarkOnChangeListener',
    'useWorkbookBookmarkOnChange',
    { bookmarkId: 'b' },
  ],
  ['workbook:bookmark:onupdate', 'workbookBookmarkOnUpdateListener', 'useWorkbookBookmarkOnUpdate', { isShared: true }],
  [
    'workbook:bookmark:ondelete',
    'workbookBookmarkOnDeleteListener',
    'useWorkbookBookmarkOnDelete',
    { bookmarkId: 'b' },
  ],
  ['workbook:fullscreen:onchange', 'workbookFullScreenListener', 'useWorkbookFullScreen', { fullScreen: true }],
  ['workbook:pageheight:onchange', 'workbookPageHeightListener', 'useWorkbookPageHeight', { pageHeight: 900 }],
  [
    'workbook:selectednodeid:onchange',
    'workbookSelectedNodeListener',
    'useWorkbookSelectedNode',
    { nodeType: 'element' },
  ],
  ['workbook:published', 'workbookPublishedListener', 'useWorkbookPublished', { workbookId: 'w' }],
  ['workbook:id:onchange', 'workbookIdOnChangeListener', 'useWorkbookIdOnChange', { id: 'i' }],
  ['workbook:sharinglink:update', 'workbookLinkSharingUpdateListener', null, { variables: {} }],
  ['url:onchange', 'urlOnChangeListener', 'useUrlOnChange', { url: '/acme/workbook/x' }],
  ['action:outbound', 'actionOutboundListener', 'useActionOutbound', { name: 'n', values: { a: 'b' } }],
];

/// The function of each package, its values, and what Sigma has to hear.
const CALLS = [
  ['workbookVariablesList', 'getWorkbookVariables', [], { type: 'workbook:variables:list' }],
  [
    'workbookVariablesUpdate',
    'updateWorkbookVariables',
    [{ A: '1' }],
    { type: 'workbook:variables:update', variables: { A: '1' } },
  ],
  [
    'workbookBookmarkCreate',
    'createWorkbookBookmark',
    [{ name: 'n', isDefault: false, isShared: true }],
    { type: 'workbook:bookmark:create', name: 'n', isDefault: false, isShared: true },
  ],
  ['workbookBookmarkUpdate', 'updateWorkbookBookmark', [], { type: 'workbook:bookmark:update' }],
  ['workbookBookmarkSelect', 'selectWorkbookBookmark', ['b'], { type: 'workbook:bookmark:select', bookmarkId: 'b' }],
  ['workbookBookmarkDelete', 'deleteWorkbookBookmark', ['b'], { type: 'workbook:bookmark:delete', bookmarkId: 'b' }],
  ['workbookFullscreenUpdate', 'updateWorkbookFullscreen', ['n'], { type: 'workbook:fullscreen:update', nodeId: 'n' }],
  [
    'workbookSelectedNodeIdUpdate',
    'updateWorkbookSelectedNodeId',
    ['n', 'element'],
    { type: 'workbook:selectednodeid:update', selectedNodeId: 'n', nodeType: 'element' },
  ],
  [
    'workbookSharingLinkUpdate',
    'updateWorkbookSharingLink',
    ['https://a.example', null],
    { type: 'workbook:sharinglink:update', sharingLink: 'https://a.example', sharingExplorationLink: null },
  ],
];

export const sdks = [
  {
    name: 'embed-sdk: all 23 listeners and 9 calls, before and after a renewal and after Back',
    run: embedSdk,
    sdk: true,
  },
  {
    name: 'react-embed-sdk: all 21 hooks and 9 calls, before and after a renewal and after Back',
    run: reactSdk,
    sdk: true,
  },
];

async function embedSdk(reader, world) {
  const names = EVENTS.map((one) => one[1]);
  const open = () => reader.open(world.link(), { sdk: 'js' });
  await throughTime(reader, world, open, { column: 1, names, call: 0 });
}

async function reactSdk(reader, world) {
  const names = EVENTS.map((one) => one[2]).filter(Boolean);
  const query = new URLSearchParams({ sdk: 'react', link: world.link() });
  const open = () => reader.page.goto(`${world.origin}/page?${query}`);
  await throughTime(reader, world, open, { column: 2, names, call: 1, also: reactState });
}

async function throughTime(reader, world, open, columns) {
  await open();
  await reader.up(1);
  await everything(reader, columns);
  await renew(reader);
  await everything(reader, columns);
  await reader.page.goto(`${world.origin}/elsewhere`);
  await reader.page.evaluate(() => void setTimeout(() => history.back()));
  await reader.up(3);
  await everything(reader, columns);
}

async function everything(reader, { column, names, call, also }) {
  await reader.until('the SDK to listen', () => reader.page.evaluate(() => window.isListening));
  assert.deepEqual((await reader.page.evaluate(() => Object.keys(got))).sort(), [...names].sort());
  for (const event of EVENTS.filter((one) => one[column])) await isHeard(reader, event, event[column]);
  await also?.(reader);
  for (const one of CALLS) await isCalled(reader, one[call], one[2], one[3]);
}

async function isHeard(reader, [type, , , payload], name) {
  await reader.sigmaSays({ type, ...payload });
  const last = await reader.until(`${name} to be called`, async () => {
    const data = await reader.page.evaluate((which) => got[which].at(-1), name);
    return JSON.stringify(data) === JSON.stringify({ type, ...payload }) && data;
  });
  assert.equal(last.type, type);
}

async function isCalled(reader, name, values, expected) {
  const before = (await reader.sigmaHeard()).length;
  await reader.page.evaluate((which, all) => call(which, ...all), name, values);
  const heard = await reader.until(`Sigma to hear of ${name}`, async () => (await reader.sigmaHeard())[before]);
  assert.deepEqual([heard.data, heard.origin, heard.isParent], [expected, reader.world.origin, true]);
}

async function reactState(reader) {
  const { loading, height, variables } = await reader.page.evaluate(() => state);
  assert.deepEqual([loading, height, variables], [false, 900, { Region: 'EMEA' }]);
  const listed = await reader.page.evaluate(() => getVariables());
  assert.deepEqual(listed, { Region: 'EMEA' });
}
