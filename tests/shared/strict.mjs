// HTTP/1.1 answers read by the letter (RFC 9112): whatever two readers could take differently is a fault. Text is bytes
// here: one character for each.

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e\x80-\xff]*$/;

/// The first answer of `text`, to a request of `method`: `{ status, headers, body, isWhole, taken, faults }`; null
/// before the end of its head. `headers` is a list of `[name in lower case, value]`.
export function readAnswer(text, method) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [start, ...lines] = text.slice(0, end).split('\r\n');
  const faults = [];
  const [, status] = STATUS_LINE.exec(start) ?? [];
  if (!status) faults.push(`status line ${JSON.stringify(start)}`);
  const headers = lines.map((line) => readLine(line, faults));
  const answer = { status: Number(status), headers, faults };
  const { body, taken, isWhole } = readBody(text, end + 4, framing(answer, method), faults);
  return { ...answer, body, taken, isWhole };
}

/// The values of a header.
export const valuesOf = ({ headers }, name) => headers.filter(([other]) => other === name).map(([, value]) => value);

function readLine(line, faults) {
  const at = line.indexOf(':');
  const [name, value] = [line.slice(0, at), line.slice(at + 1).replace(/^[\t ]+|[\t ]+$/g, '')];
  if (!TOKEN.test(name) || !VALUE.test(value)) faults.push(`header line ${JSON.stringify(line)}`);
  return [name.toLowerCase(), value];
}

/// How the body ends: `none`, `chunked`, or a number of bytes.
function framing(answer, method) {
  const { status, faults } = answer;
  const [codings, lengths] = ['transfer-encoding', 'content-length'].map((name) => valuesOf(answer, name));
  const isPlain = lengths.length === 0 || (lengths.length === 1 && /^(0|[1-9]\d{0,14})$/.test(lengths[0]));
  if (!isPlain) faults.push(`lengths ${JSON.stringify(lengths)}`);
  if (codings.length > 1 || (codings.length === 1 && codings[0] !== 'chunked'))
    faults.push(`codings ${JSON.stringify(codings)}`);
  if (codings.length > 0 && lengths.length > 0) faults.push('a length and a coding');
  const isBodiless = status < 200 || status === 204;
  if (isBodiless && codings.length + lengths.length > 0) faults.push(`framing of a ${status}`);
  if (status === 205 && lengths[0] !== '0') faults.push('a 205 that is not empty');
  if (isBodiless || status === 304 || method === 'HEAD') return 'none';
  if (codings.length > 0) return 'chunked';
  // To the end of the connection: nobody can tell whether that is the end of the body.
  if (lengths.length === 0) faults.push('no framing');
  return isPlain ? Number(lengths[0] ?? 0) : 0;
}

function readBody(text, start, framing, faults) {
  if (framing === 'none') return { body: '', taken: start, isWhole: true };
  if (framing === 'chunked') return readChunks(text, start, faults);
  const body = text.slice(start, start + framing);
  return { body, taken: start + body.length, isWhole: body.length === framing };
}

function readChunks(text, start, faults) {
  const pieces = [];
  const result = (taken, isWhole) => ({ body: pieces.join(''), taken, isWhole });
  for (let at = start; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return result(text.length, false);
    const size = text.slice(at, line);
    if (!/^(0|[1-9a-fA-F][0-9a-fA-F]{0,7})$/.test(size)) {
      faults.push(`chunk size ${JSON.stringify(size.slice(0, 40))}`);
      return result(text.length, false);
    }
    const end = line + 2 + Number.parseInt(size, 16);
    if (text.length < end + 2) {
      pieces.push(text.slice(line + 2, end));
      return result(text.length, false);
    }
    if (text.slice(end, end + 2) !== '\r\n') {
      // Also trailers: the gateway sends none.
      faults.push(`behind a chunk ${JSON.stringify(text.slice(end, end + 2))}`);
      return result(text.length, false);
    }
    if (size === '0') return result(end + 2, true);
    pieces.push(text.slice(line + 2, end));
    at = end + 2;
  }
}
