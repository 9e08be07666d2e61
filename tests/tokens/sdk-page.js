// In the host application's page, before its frame: Sigma's own SDK listens to the frame that the gateway filled, and
// writes to it. An event that came before its listener would be lost.

const sdk = window.sigmaSdk;
const frame = () => document.getElementById('embed');
const heard = [];
window.heard = heard;
const hear = (message) => heard.push(message);

const LISTENERS = [
  sdk.workbookLoadedListener,
  sdk.workbookErrorListener,
  sdk.workbookVariableCurrentListener,
  sdk.workbookVariableChangeListener,
];

addEventListener('message', (event) => {
  for (const listener of LISTENERS) listener(event, frame(), hear);
});

window.listVariables = () => sdk.workbookVariablesList(frame());
window.updateVariables = (variables) => sdk.workbookVariablesUpdate(frame(), variables);
/// The SDK with a message from the right window, but of another origin.
window.hearFrom = (origin) => {
  const before = heard.length;
  sdk.workbookLoadedListener(
    { source: frame().contentWindow, origin, data: { type: 'workbook:loaded' } },
    frame(),
    hear,
  );
  return heard.length - before;
};
