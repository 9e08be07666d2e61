// Sigma's side: a document that speaks Sigma's events, and keeps what it hears.

/// It says "workbook:loaded" once it has been drawn, as an application does that draws in animation frames.
export function sigmaPage() {
  return `<!doctype html><meta charset="utf-8"><title>Sigma</title><p id="seen">Sigma</p><input id="field"><script>
    window.heard = [];
    window.isDone = false;
    window.say = (message, transfer) => parent.postMessage(message, '*', transfer);
    addEventListener('message', (event) => {
      heard.push({ data: event.data, origin: event.origin, isParent: event.source === parent, ports: event.ports.length });
      if (event.ports[0]) event.ports[0].postMessage('by port');
      if (event.data.type === 'workbook:variables:list') say({ type: 'workbook:variables:current', variables: { Region: 'EMEA' } });
    });
    const isQuiet = location.pathname.includes('quiet');
    const code = new URLSearchParams(location.search).get('fails');
    const wait = location.pathname.includes('slow') ? 1000 : 0;
    requestAnimationFrame(() => setTimeout(requestAnimationFrame, wait, () => {
      window.isDone = true;
      if (isQuiet) return;
      say(code ? { type: 'workbook:error', code } : { type: 'workbook:loaded', workbook: { variables: { Region: 'EMEA', Year: '2026' } } });
    }));
  </script>`;
}
