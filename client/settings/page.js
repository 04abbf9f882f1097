// The settings page «DingTalk» with its tabs. docs/architecture.md says what a new tab needs. The form of messages is
// loaded together with the page.

// The module has no id, because it is requested by the address of the whole file.
define([
  'react', 'antd', 'dingtalk/settings-entry', 'dingtalk/parts',
  'dingtalk/overview', 'dingtalk/sign-ins',
  'dingtalk/people', 'dingtalk/directory', 'dingtalk/messages', 'dingtalk/message-form',
], ({ useState }, antd, { NotLoaded }, { h, begin, t, useAnswer }, { Overview }, { SignIns }, { People }, { Directory }, { Messages }, { messageForm }) => {
  const TABS = [
    { key: 'overview', title: 'Overview', Tab: Overview },
    { key: 'sign-ins', title: 'Sign-ins', Tab: SignIns },
    { key: 'people', title: 'People', Tab: People },
    { key: 'directory', title: 'Directory', Tab: Directory },
    { key: 'messages', title: 'Messages', Tab: Messages },
  ];

  /**
   * The page. Each tab receives the overview (`overview`, and `reload` to request it again), the authenticators, and
   * `go(key, given)`, which opens another tab with these values.
   */
  function Page({ app }) {
    begin(app);
    const { token } = antd.theme.useToken();
    const isNarrow = !antd.Grid.useBreakpoint().md;
    // White text is on the darkest colour of the theme, and other text has the colour of text, in light and dark themes:
    // the usual colours have too little contrast.
    const { colorText: text, colorPrimaryActive: dark } = token;
    const theme = {
      components: {
        Button: { colorPrimary: dark, colorPrimaryHover: dark, defaultHoverColor: text, defaultActiveColor: text },
        Pagination: { colorPrimary: text, colorPrimaryHover: text },
        Radio: { buttonSolidCheckedBg: dark, buttonSolidCheckedHoverBg: dark },
        Tabs: { itemSelectedColor: text, itemHoverColor: text, itemActiveColor: text },
      },
    };
    // The address names the tab, so that the page comes back to it when it is loaded or drawn anew.
    const named = TABS.find((tab) => `#${tab.key}` === location.hash) || TABS[0];
    const [{ key, given }, setOpen] = useState({ key: named.key, given: {} });
    const { answer, loading, again } = useAnswer({ url: 'dingtalk:overview' });
    const go = (next, with_ = {}) => {
      history.replaceState(history.state, '', `#${next}`);
      setOpen({ key: next, given: with_ });
    };
    if (!answer) {
      if (loading) return h(antd.Card, { bordered: false, loading: true });
      return h(NotLoaded, { again });
    }
    const overview = answer.data;
    const { authenticators } = overview;
    const items = TABS.map(({ key: own, title, Tab }) => ({
      key: own,
      label: t(title),
      children: own === key && h(Tab, { overview, authenticators, reload: again, go, given }),
    }));
    return h(antd.ConfigProvider, { theme },
      h(antd.Card, {
        bordered: false, styles: { body: isNarrow ? { padding: 8 } : { paddingTop: 8 } }, 'data-dingtalk-settings': '',
      }, h(antd.Tabs, { activeKey: key, onChange: (next) => go(next), items, tabBarGutter: isNarrow ? 12 : undefined })));
  }

  return { Page, messageForm };
});
