// The setup guide at the top of the form, and the redirect URL with its copy button.

define('dingtalk/guide', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/shared',
], ({ useState, useEffect, useId, Fragment }, antd, icons, { h, useT, useGrey }) => {
  async function copyText(text) {
    // The clipboard API is missing in old browsers, and on pages that use plain http on another host than localhost.
    if (navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        return;
      } catch (error) {
        // The browser may refuse to copy.
      }
    }
    copySelection(text);
  }

  function copySelection(text) {
    const focused = document.activeElement;
    const area = document.createElement('textarea');
    area.value = text;
    // The helper element is added beside the focused one, because a drawer keeps the focus inside itself.
    focused.after(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    focused.focus();
  }

  /**
   * The redirect URL to enter in the DingTalk console. The server computes it; it is shown and copied, but not
   * submitted.
   */
  function RedirectUrl({ app, property, fetchSchema, callbackOrigin, onCopied }) {
    const t = useT();
    const { message } = antd.App.useApp();
    const [url, setUrl] = useState(property.const);
    useEffect(() => {
      let outdated = false;
      const show = (found) => outdated || setUrl(found.properties.redirectUrl.const);
      // Waits, because somebody may still be typing.
      const timer = setTimeout(() => fetchSchema(app, { callbackOrigin }).then(show, () => {}), callbackOrigin ? 300 : 0);
      return () => {
        outdated = true;
        clearTimeout(timer);
      };
    }, [callbackOrigin]);
    const copy = () => copyText(url).then(() => {
      onCopied();
      message.success(t('Copied'));
    });
    const hint = useId();
    const color = useGrey();
    return h(Fragment, null,
      h(antd.Space.Compact, { block: true },
        h(antd.Input, { value: url, readOnly: true, 'aria-label': t(property.title), 'aria-describedby': hint }),
        h(antd.Button, { icon: h(icons.CopyOutlined), onClick: copy, 'aria-label': t('Copy') })),
      h('div', { id: hint, style: { color } }, t(property.description)));
  }

  /** How a step of the guide is drawn, by what is known of it. */
  const STATUS = { Done: 'finish', Copied: 'finish', 'To be put right': 'error' };

  /**
   * The steps as the server describes them. `states` holds what is known of each, and `go` leads to the places where some
   * are done. The guide is folded when an existing authenticator is edited.
   */
  function Guide({ help: { url, permissions, steps }, isKept, states, go }) {
    const t = useT();
    const { token: { colorText, colorTextSecondary: color } } = antd.theme.useToken();
    const [chosen, setChosen] = useState(null);
    // The default colour of links has too little contrast.
    const link = { color: colorText, textDecoration: 'underline' };
    const permission = ({ name, description }) => h('li', { key: name }, h('code', null, name), ' – ', t(description));
    const next = steps.findIndex(({ key }) => !states[key] || states[key] === 'To be put right');
    const items = steps.map(({ key, title, text, link: label }, index) => {
      const state = states[key] || (index === next ? 'Now' : 'To do');
      return {
        status: STATUS[state] || (index === next ? 'process' : 'wait'),
        title: h('span', { style: { color: colorText } }, t(title)),
        subTitle: h('span', { style: { color } }, t(state)),
        description: h('div', { style: { color, paddingBottom: 8 } },
          t(text), ' ',
          index === 0 && h('ul', { style: { margin: '4px 0', paddingInlineStart: 20 } }, permissions.map(permission)),
          label && (go[key]
            ? h(antd.Button, { type: 'link', size: 'small', style: { ...link, padding: 0 }, onClick: go[key] }, t(label))
            : h('a', { href: url, target: '_blank', rel: 'noreferrer', style: link }, t(label)))),
      };
    });
    const isOpen = chosen === null ? !isKept : chosen;
    return h(antd.Collapse, {
      size: 'small',
      style: { marginBottom: 24 },
      activeKey: isOpen ? ['guide'] : [],
      onChange: (keys) => setChosen([].concat(keys).length > 0),
      items: [{
        key: 'guide',
        label: t('How to set it up'),
        children: h(antd.Steps, { direction: 'vertical', size: 'small', items }),
      }],
    });
  }

  return { Guide, RedirectUrl };
});
