// Where two answers to one question differ. What is another in each answer of one and the same server is not looked at.

/** Of one connection, or of one answer. */
const OF_THE_MOMENT = new Set([
  'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date', 'x-request-id', 'x-new-token', 'set-cookie', 'etag', 'last-modified',
]);
/** What a number is from that counts milliseconds since the epoch. */
const MILLISECONDS = 1_000_000_000_000;

const VARYING = [
  [/\b[\w-]{20,}\.[\w-]{20,}\.[\w-]*/g, '<token>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+00:00)?/g, '<date>'],
  [/\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, '<date>'],
];

/**
 * Places at which they differ: `status`, which makes the bodies incomparable, `header …`, `cookies`, `text`, and pointers
 * into the body, with `-` for an item more.
 */
export function differingPlaces(direct, gateway, recorded) {
  const found = new Set();
  if (direct.status !== gateway.status) found.add('status');
  for (const name of new Set([...Object.keys(direct.headers), ...Object.keys(gateway.headers)])) {
    const [one, other] = [direct, gateway].map((answer) => steady(String(answer.headers[name]), answer));
    if (!OF_THE_MOMENT.has(name) && one !== other) found.add(`header ${name}`);
  }
  if ('x-new-token' in direct.headers !== 'x-new-token' in gateway.headers) found.add('header x-new-token');
  if (cookies(direct) !== cookies(gateway)) found.add('cookies');
  if (direct.status !== gateway.status) return [...found].sort();
  if (direct.json !== undefined && gateway.json !== undefined) {
    compareValues('', direct.json, gateway.json, recorded, { direct, gateway, found });
  } else if (steady(direct.text, direct) !== steady(gateway.text, gateway)) {
    found.add('text');
  }
  return [...found].sort();
}

function compareValues(place, one, other, recorded, context) {
  // Another in each answer, as the recording says.
  if (recorded === '<any>') return;
  const { direct, gateway, found } = context;
  if (Array.isArray(one) && Array.isArray(other)) {
    const common = Math.min(one.length, other.length);
    for (let at = 0; at < common; at += 1) compareValues(`${place}/${at}`, one[at], other[at], recorded?.[at], context);
    if (one.length !== other.length) found.add(`${place}/-`);
  } else if (isObject(one) && isObject(other)) {
    const inBoth = (keys) => keys.filter((key) => key in one && key in other).join();
    if (inBoth(Object.keys(one)) !== inBoth(Object.keys(other))) found.add(`${place}: order`);
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      compareValues(`${place}/${key}`, one[key], other[key], recorded?.[key], context);
    }
  } else if (typeof one === 'string' && typeof other === 'string') {
    if (steady(one, direct) !== steady(other, gateway)) found.add(place);
  } else if (one !== other && !(isMoment(one) && isMoment(other))) {
    found.add(place);
  }
}

const isObject = (value) => typeof value === 'object' && value !== null;
const isMoment = (value) => typeof value === 'number' && value > MILLISECONDS;

/** Tokens that cookies hold are others each time. */
function cookies(answer) {
  const all = answer.headers['set-cookie'] ?? [];
  return all.map((cookie) => steady(cookie.replace(/^(\w*token\w*)=[^;]+/, '$1=<token>'), answer)).join('\n');
}

function steady(text, { origin }) {
  const here = text.replaceAll(origin, '<origin>').replaceAll(new URL(origin).host, '<host>');
  return VARYING.reduce((known, [pattern, name]) => known.replace(pattern, name), here);
}
