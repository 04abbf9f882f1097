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

  /** The steps, each with what to do and its state. The guide is folded when an existing authenticator is edited. */
  function Guide({ help, isKept, hasId, hasKeys, isRegistered, tested, onTest, isEnabled }) {
    const t = useT();
    const { token } = antd.theme.useToken();
    const [chosen, setChosen] = useState(null);
    // The default colour of links has too little contrast.
    const link = { color: token.colorText, textDecoration: 'underline' };
    const console = (label) => h('a', { href: help.url, target: '_blank', rel: 'noreferrer', style: link }, t(label));
    const permission = ({ name, description }) => h('li', { key: name }, h('code', null, name), ' – ', t(description));
    const steps = [
      {
        title: 'Create an app at DingTalk',
        isDone: hasId,
        todo: h('div', null,
          t('Create an internal app in the developer console, and grant it these permissions.'),
          h('ul', { style: { margin: '4px 0', paddingInlineStart: 20 } }, help.permissions.map(permission)),
          console('Open the DingTalk developer console')),
      },
      {
        title: 'Copy its keys here',
        isDone: hasKeys,
        todo: h('div', null,
          t('Client ID and Client Secret stand on the page of the app, under credentials.'), ' ', console('Show the apps')),
      },
      {
        title: 'Register this address there',
        isDone: isRegistered,
        todo: h('div', null,
          t('Enter the Redirect URL in the security settings of the app, exactly as it stands here.'), ' ', console('Show the apps')),
      },
      {
        title: 'Test',
        isDone: tested === 'good',
        isWrong: tested === 'bad',
        todo: h('div', null,
          t('The test says what is missing, before anybody signs in.'), ' ',
          h(antd.Button, { type: 'link', size: 'small', style: { ...link, padding: 0 }, onClick: onTest },
            t('Go to the test'))),
      },
      {
        title: 'Enable it',
        isDone: isEnabled,
        todo: t('Check «Enabled» above and submit this form. Then the button is on the sign-in page.'),
      },
    ];
    const next = steps.findIndex(({ isDone }) => !isDone);
    const stateOf = ({ isDone, isWrong }, index) => {
      if (isWrong) return ['error', 'To be put right'];
      if (isDone) return ['finish', 'Done'];
      return index === next ? ['process', 'Next'] : ['wait', 'To do'];
    };
    const items = steps.map((step, index) => {
      const [status, state] = stateOf(step, index);
      const color = token.colorText;
      return {
        status,
        title: h('span', { style: { color } }, t(step.title)),
        subTitle: h('span', { style: { color: token.colorTextSecondary } }, t(state)),
        description: h('div', { style: { color: token.colorTextSecondary, paddingBottom: 8 } }, step.todo),
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
