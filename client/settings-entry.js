// Adds the settings page «DingTalk» and the type of notification channels. The modules of the page and of the form of
// messages are loaded when one of them is opened (settings/index.js).

// While this file runs, the current script is the plugin's index.js, as the server sent it.
define('dingtalk/settings-entry', [
  'require', 'react', 'antd', 'dingtalk/shared',
], ((moduleAddress) => (require, { useState, useEffect }, antd, { AUTH_TYPE, NAMESPACE, h, useT }) => {
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

  /** What stands in place of the page when something failed. */
  function NotLoaded({ again }) {
    const t = useT();
    return h(antd.Result, { status: 'warning', title: t('This page could not be loaded.'), extra: h(antd.Button, { onClick: again }, t('Try again')) });
  }

  /** The page. Until its modules are loaded, it says that they are on their way, or why they failed to load. */
  function pageOf(app) {
    return function DingTalkSettings() {
      const [loaded, setLoaded] = useState({});
      const begin = () => {
        setLoaded({});
        load().then(({ Page }) => setLoaded({ Page }), (error) => setLoaded({ error }));
      };
      useEffect(begin, []);
      if (loaded.Page) return h(loaded.Page, { app });
      if (!loaded.error) return h(antd.Card, { bordered: false, loading: true });
      return h(NotLoaded, { again: () => location.reload() });
    };
  }

  const titleIn = (app) => app.i18n.t('DingTalk', { ns: NAMESPACE });

  /** Adds the type of notification channels. The form of their messages is loaded with the modules of the page. */
  function addChannelType(app, components) {
    const manager = app.pm.get('notification-manager');
    const MessageConfigFormLoader = () => load().then(({ messageForm }) => messageForm(app));
    if (manager) manager.registerChannelType({ type: AUTH_TYPE, title: titleIn(app), components: { ...components, MessageConfigFormLoader } });
  }

  /** Adds the page to the settings menu of the first generation, and to the plugin's card. */
  function addToV1(app) {
    app.pluginSettingsManager.add(NAME, {
      title: titleIn(app),
      icon: 'DingtalkOutlined',
      aclSnippet: SNIPPET,
      Component: pageOf(app),
    });
  }

  /** Adds the page in the second generation. */
  function addToV2(app) {
    const title = titleIn(app);
    const settings = app.pluginSettingsManager;
    settings.addMenuItem({ key: NAME, title, icon: 'DingtalkOutlined', aclSnippet: SNIPPET });
    const componentLoader = async () => ({ default: pageOf(app) });
    settings.addPageTabItem({ menuKey: NAME, key: 'index', title, aclSnippet: SNIPPET, componentLoader });
  }

  return { NotLoaded, addToV1, addToV2, addChannelType };
})(document.currentScript.src));
