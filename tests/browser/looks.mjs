// How NocoBase's pages look. Its theme editor, which this server does not have, reads a theme and gives it to the client by
// `useGlobalTheme`; a plugin of the tests does the same.

/**
 * How pages can look: algorithms and tokens of antd, as in the themes that NocoBase is installed with. «Compact» is its
 * default. NocoBase has no layout from right to left, not even in languages that are written so; here it is as antd has it.
 */
export const LOOKS = {
  dark: { algorithms: ['dark'] },
  compact: { algorithms: ['compact'], token: { fontSize: 16 } },
  'from right to left': { direction: 'rtl' },
};

const NAME = 'nocobase-dingtalk-test-theme';
const ADDRESS = `/static/plugins/${NAME}/index.js`;

/** The plugin, for both generations; it runs in the browser. */
function definePlugin(id, client, { algorithms = [], token, direction }) {
  define(id, ['react', 'antd', client], (React, antd, { Plugin, useGlobalTheme }) => {
    function Themed({ children }) {
      const { setTheme } = useGlobalTheme();
      React.useEffect(() => {
        setTheme({ algorithm: algorithms.map((name) => antd.theme[`${name}Algorithm`]), token: { ...token } });
        if (direction) document.documentElement.dir = direction;
      }, []);
      return direction ? React.createElement(antd.ConfigProvider, { direction }, children) : children;
    }
    return {
      default: class extends Plugin {
        async load() {
          this.app.addProvider(Themed);
        }
      },
    };
  });
}

/** From now on the pages of this context have one of the looks. */
export async function dress(context, look) {
  await context.route(/\/api\/pm:listEnabled/, async (route) => {
    // The connection is that of a story before, which the server may just be closing.
    const response = await route.fetch({ maxRetries: 2 });
    const { data } = await response.json();
    const plugin = { name: NAME, packageName: NAME, url: ADDRESS, clientV2Url: `${ADDRESS}?v2`, options: null };
    const isV2 = route.request().url().includes('listEnabledV2');
    await route.fulfill({ response, json: { data: [...data, isV2 ? { ...plugin, url: plugin.clientV2Url } : plugin] } });
  });
  await context.route((url) => url.pathname === ADDRESS, (route) => {
    const isV2 = route.request().url().endsWith('?v2');
    const names = isV2 ? [`${NAME}/client-v2`, '@nocobase/client-v2'] : [NAME, '@nocobase/client'];
    const given = [...names, look].map((value) => JSON.stringify(value));
    return route.fulfill({ contentType: 'text/javascript', body: `(${definePlugin})(${given.join(', ')});` });
  });
}
