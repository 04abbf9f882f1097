// What the server sends as one file, see src/edge/browser_half/mod.rs: addresses, and files of client/ in their order.

const SHARED = ['in-app', 'shared', 'qr-code', 'sign-in', 'account', 'guide', 'connection', 'form', 'settings-entry'];
const PAGE = ['parts', 'cures', 'chart', 'overview', 'sign-ins', 'people', 'messages', 'message-preview', 'message-form', 'runs', 'source-form', 'directory', 'page'];
const PLUGIN = '/static/plugins/@nocobase/plugin-auth-dingtalk/dist';
const SHELL = '/static/plugins/nocobase-dingtalk-shell/dist';
const files = (names) => names.map((name) => `${name}.js`);

export const SENT = {
  [`${PLUGIN}/client/index.js`]: files([...SHARED, 'v1']),
  [`${PLUGIN}/client-v2/index.js`]: files([...SHARED, 'v2']),
  [`${PLUGIN}/settings/index.js`]: files(PAGE.map((name) => `settings/${name}`)),
  [`${SHELL}/client/index.js`]: files(['shell', 'shell-v1']),
  [`${SHELL}/client-v2/index.js`]: files(['shell', 'shell-v2']),
};
