// Forms of a page, as a browser would send them: hidden fields and all, then what a person typed and which button was
// pressed.

/// The first form whose markup holds `mark`: where it goes and what it sends with `typed` filled in.
export function fillForm(html, mark, typed) {
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)];
  const found = forms.find(([whole]) => whole.includes(mark));
  if (!found) throw new Error(`no form with ${mark} among ${forms.length}`);
  const [, head, body] = found;
  const fields = new Map();
  for (const [tag] of body.matchAll(/<input\b[^>]*>/gi)) addInput(fields, tag);
  for (const [, tag, text] of body.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/gi)) {
    fields.set(attribute(tag, 'name'), decode(text.replace(/^\r?\n/, '')));
  }
  for (const [name, value] of Object.entries(typed)) fields.set(name, value);
  fields.delete(undefined);
  return {
    action: attribute(head, 'action') ?? '',
    method: (attribute(head, 'method') ?? 'get').toUpperCase(),
    fields: [...fields],
  };
}

/// Like `application/x-www-form-urlencoded` of a page in that character set.
export function urlEncoded(fields, charset = 'utf-8') {
  const bytes = charset === 'utf-8' ? 'utf8' : 'latin1';
  const one = (text) => [...Buffer.from(text, bytes)].map(encodeByte).join('');
  return fields.map(([name, value]) => `${one(name)}=${one(value)}`).join('&');
}

export function decode(text) {
  const names = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#039': "'", '#39': "'" };
  return text.replace(/&(amp|lt|gt|quot|apos|#0?39);/g, (_, name) => names[name]);
}

/// An attribute's value in a tag; `undefined` where it is missing.
export function attribute(tag, name) {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  return found ? decode(found[1] ?? found[2] ?? found[3]) : undefined;
}

function addInput(fields, tag) {
  const type = (attribute(tag, 'type') ?? 'text').toLowerCase();
  const isPicked = !/^(checkbox|radio)$/.test(type) || /\schecked\b/i.test(tag);
  if (isPicked && !/^(submit|button|image|file|reset)$/.test(type)) {
    fields.set(attribute(tag, 'name'), attribute(tag, 'value') ?? '');
  }
}

function encodeByte(byte) {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9*._-]/.test(character)) return character;
  return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
