// Adds the settings page «DingTalk». The modules of the page itself are loaded when it is opened (settings/index.js).
'use strict';

// While this file runs, the current script is the plugin's index.js, as the server sent it.
define('nocobase-dingtalk/settings-entry', [
  'require', 'react', 'antd', 'nocobase-dingtalk/shared',
], ((moduleAddress) => (require, React, antd, { useT }) => {
  const h = React.createElement;
  const NAME = 'auth-dingtalk';
  const SNIPPET = `pm.${NAME}`;

  /** The address of the page's modules, which changes whenever this script changes. */
  function address() {
    const here = new URL(moduleAddress);
    const there = new URL('../settings/index.js', here);
    there.search = here.search;
    return there.href;
  }

  function load() {
    return new Promise((resolve, reject) => {
      require([address()], (page) => (page ? resolve(page) : reject(new Error('no page'))), reject);
    });
  }

  /** The page. Until its modules are loaded, it says that they are on their way, or why they failed to load. */
  function pageOf(app) {
    return function DingTalkSettings() {
      const t = useT();
      const [loaded, setLoaded] = React.useState({});
      const begin = () => {
        setLoaded({});
        load().then(({ Page }) => setLoaded({ Page }), (error) => setLoaded({ error }));
      };
      React.useEffect(begin, []);
      if (loaded.Page) return h(loaded.Page, { app });
      if (!loaded.error) return h(antd.Card, { bordered: false, loading: true });
      return h(antd.Result, {
        status: 'warning',
        title: t('This page could not be loaded.'),
        extra: h(antd.Button, { onClick: () => window.location.reload() }, t('Try again')),
      });
    };
  }

  /** Adds the page to the settings menu of the first generation, and to the plugin's card. */
  function addToV1(app) {
    app.pluginSettingsManager.add(NAME, {
      title: app.i18n.t('DingTalk', { ns: '@nocobase/plugin-auth-dingtalk' }),
      icon: 'DingtalkOutlined',
      aclSnippet: SNIPPET,
      Component: pageOf(app),
    });
  }

  /** Adds the page in the second generation. */
  function addToV2(app) {
    const title = app.i18n.t('DingTalk', { ns: '@nocobase/plugin-auth-dingtalk' });
    const settings = app.pluginSettingsManager;
    settings.addMenuItem({ key: NAME, title, icon: 'DingtalkOutlined', aclSnippet: SNIPPET });
    const componentLoader = async () => ({ default: pageOf(app) });
    settings.addPageTabItem({ menuKey: NAME, key: 'index', title, aclSnippet: SNIPPET, componentLoader });
  }

  return { addToV1, addToV2 };
})(document.currentScript.src));
