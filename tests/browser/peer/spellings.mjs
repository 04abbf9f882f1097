// Random spellings of requests about authenticators and plugins.

const SHOWING = ['list', 'get', 'publicList', 'query', 'export', 'move', 'list/'];
const SAVING = ['update', 'create', 'firstOrCreate', 'updateOrCreate', 'update/'];
const METHODS = ['GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'OPTIONS', 'HEAD'];

/** One request: `{ target, method, headers, body }`. It neither removes authenticators nor switches plugins. */
export function spelling(dice, { saves, id, name }) {
  const action = dice.pick(saves ? SAVING : SHOWING);
  const query = [];
  if (dice.chance(0.7)) query.push(keyOf(dice, id, name));
  while (dice.chance(0.4)) query.push(parameter(dice, id, name));
  const path = pathOf(dice, action, id);
  const request = { target: query.length > 0 ? `${path}?${query.join('&')}` : path, method: dice.pick(METHODS), headers: headersOf(dice) };
  if (saves || action === 'query') Object.assign(request, body(dice, request.headers, id, action));
  return request;
}

function pathOf(dice, action, id) {
  const resource = dice.pick(['authenticators', 'authenticators', 'authenticators', 'authenticators', '%61uthenticators', 'authenticator%73', 'Authenticators', 'authenticators ', 'pm']).replace(' ', '%20');
  const colon = dice.pick([':', ':', ':', ':', ':', '%3A', '%3a', '::', '.']);
  const base = dice.pick([
    '/api/', '/api/', '/api/', '/api/', '/api/__app/main/', '/api/__app/main/', '/api//', '//api/', '/api/./', '/api/x/../', '/api\\', '/api\\__app\\main\\',
    '//a@b/api/', '//a@b/api/__app/main/', '/API/', '/%61pi/', '/api/__app//', '/api/%5F_app/main/', '/api/__app/nope/', '/api/__app/main%20/', '/x/../api/',
  ]);
  if (dice.chance(0.15)) return `${base}${resource}${dice.pick(['', '/', `/${id}`, `/${id}/`, `%2F${id}`])}`;
  const key = dice.chance(0.15) ? `/${dice.pick([id, 999, `${id}%20`, `%3${id}`])}` : '';
  return `${base}${resource}${colon}${action}${key}${dice.pick(['', '', '', '', ';x=1', '.json', '%20', '#x'])}`;
}

function keyOf(dice, id, name) {
  return dice.pick([
    `filterByTk=${id}`, `filterByTk=${id}`, `filterByTk[]=${id}`, `filterByTk[0]=${id}`, `filterByTk%5B%5D=${id}`, `[filterByTk]=${id}`, `filterByTk=[${id}]`,
    `filterByTk=999&filterByTk=${id}`, `filterByTk=+${id}`, `filterByTk=${id}.0`, `filterByTk=0x${id}`, `filterByT%6b=${id}`, `filterByTk[id]=${id}`, `filterByTk={"id":${id}}`,
    `filter={"id":${id}}`, `filter={"name":"${name}"}`, `filter[id]=${id}`, `%66ilter={"id":${id}}`, `filter[name][$eq]=${name}`, `filter[$or][0][id]=${id}`, `[filter][id]=${id}`,
    'filter={"authType":"dingtalk"}', 'filter={"enabled.$ne":true}', 'forceUpdate=true', 'force%55pdate=1', `filterByTk=x]=${id}`,
  ]);
}

function parameter(dice) {
  return dice.pick([
    '__appName=main', '__appName=nope', '__appName[]=main', '__appName[0]=main', '%5F_appName=main', '[__appName]=main', '__appName=', '__appName=nope]=x',
    'fields[]=options', 'fields=options', 'fields[]=id&fields[]=options', 'except=name', 'except[]=authType&except[]=name', 'appends[]=users', 'paginate=false', 'pageSize=50',
    'sort=id', 'sort=-createdAt', 'whitelist[]=options', 'blacklist[]=enabled', 'blacklist=name,title', 'filterKeys[]=name', 'targetCollection=authenticators',
    'updateAssociationValues[]=users', '__proto__[x]=1', 'constructor[prototype][x]=1', 'values[authType]=dingtalk', 'tree=true', 'a=%zz', 'token=x', '&&', 'a[b', 'a=1;b=2',
  ]);
}

function headersOf(dice) {
  const headers = {};
  const sometimes = (part, name, values) => {
    if (dice.chance(part)) headers[name] = dice.pick(values);
  };
  sometimes(0.15, 'X-App', ['main', 'nope', 'Main', '', 'main, main', ' main']);
  sometimes(0.1, 'X-Hostname', ['127.0.0.1', 'nope.example', '']);
  sometimes(0.1, 'X-Data-Source', ['main', 'nope', '']);
  sometimes(0.1, 'X-HTTP-Method-Override', ['GET', 'POST', 'PUT']);
  sometimes(0.1, 'Connection', ['close', 'close, X-App', 'keep-alive, Authorization', 'X-Data-Source']);
  sometimes(0.1, 'Accept-Encoding', ['gzip', 'br, gzip', 'identity;q=0, *']);
  sometimes(0.05, 'Range', ['bytes=0-', 'bytes=10-20']);
  sometimes(0.05, 'X-With-ACL-Meta', ['true']);
  if (dice.chance(0.05)) Object.assign(headers, { Origin: 'https://other.example', 'Access-Control-Request-Method': 'POST' });
  return headers;
}

/** Values that would make whoever signs in an administrator. */
function body(dice, headers, id, action) {
  const options = { clientId: 'evil', newUserRoles: ['admin'], linkAdministrators: true, public: { autoSignup: true }, dingtalkGateway: { enabled: true } };
  const type = dice.pick([{}, {}, { authType: 'dingtalk' }, { authType: ['dingtalk'] }, { authType: 'dingtalk ' }, { authType: 'DingTalk' }, { auth_type: 'dingtalk' }, { authType: 'Email/Password' }]);
  const row = { ...dice.pick([{}, { name: `n${Math.floor(dice.pick([1, 2, 3, 4, 5, 6, 7]))}` }, { id }, { id: String(id) }]), ...type, enabled: true, options };
  const values = dice.pick([row, row, row, [row], { values: row, filterKeys: ['name'] }, { ...row, __collection: 'authenticators' }, { 'options.newUserRoles': ['admin'], enabled: true }, row]);
  if (action === 'query') return { body: JSON.stringify({ dimensions: [{ field: ['options'], alias: 'x' }], measures: [] }), headers: { ...headers, 'Content-Type': 'application/json' } };
  let text = JSON.stringify(values);
  if (dice.chance(0.1)) text = text.replace('{', '{"__proto__":{"authType":"dingtalk"},');
  if (dice.chance(0.1)) text = text.replace('"enabled":true', '"enabled":false,"enabled":true');
  if (dice.chance(0.05)) text = `{"a":${'['.repeat(300)}${']'.repeat(300)},${text.slice(1)}`;
  if (dice.chance(0.1)) text = text.replaceAll('authType', 'auth\\u0054ype');
  const kind = dice.pick(['application/json', 'application/json', 'application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.api+json', 'application/json-patch+json', 'text/plain', 'application/x-www-form-urlencoded', 'application/csp-report']);
  if (kind.endsWith('urlencoded')) text = 'enabled=true&options[clientId]=evil&options[newUserRoles][]=admin&authType=dingtalk&name=form';
  return { body: text, headers: { ...headers, 'Content-Type': kind, ...(dice.chance(0.03) && { 'Content-Encoding': 'identity' }) } };
}
