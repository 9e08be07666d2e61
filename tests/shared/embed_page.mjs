// What the gateway answers a stable link with.

/// What the script of an embed page is told; throws where the text is no such page.
export function settingsOf(text) {
  const found = /<script type="application\/json" id="embed">(.*?)<\/script>/s.exec(text);
  if (!found) throw new Error(`no embed page: ${text.slice(0, 400)}`);
  return JSON.parse(found[1]);
}
