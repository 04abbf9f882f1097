// The tab «Messages»: the messages to people with their states, and the NocoBase channels that are also sent to
// DingTalk.

define('dingtalk/messages', [
  'react', 'antd', 'dingtalk/parts', 'dingtalk/connection',
], ({ useState }, antd, parts, { SendTest }) => {
  const { MOST_COUNTED, h, theApp, t, post, useAnswer, moment, useGrey, NoAuthenticator, Row, wide, column, List, AuthenticatorSelect, AccountSelect, choices } = parts;
  const STATES = {
    claimed: 'Waiting',
    sending: 'Being sent',
    sent: 'Sent',
    delivered: 'Delivered',
    unknown: 'May have arrived',
    failed: 'Not sent',
    left: 'Has left',
    notBound: 'Not bound',
  };
  const BADGES = { delivered: 'success', sent: 'processing', claimed: 'default', sending: 'processing', unknown: 'warning' };

  const outcome = (state, { explanation }) => h(antd.Badge, {
    status: BADGES[state] || 'error', text: t(STATES[state] || state) + (explanation ? ` (${explanation})` : ''),
  });

  /** The in-app channels of NocoBase, each with the authenticator that also sends its messages to DingTalk. */
  function Channels({ authenticators }) {
    const grey = useGrey();
    const { message } = antd.App.useApp();
    const { rows: channels, again } = useAnswer({ url: 'dingtalkMessages:channels' });
    if (channels.length === 0) return null;
    const save = (channel, authenticator) => post('dingtalkMessages:saveChannel', { channel, authenticator: authenticator || null })
      .then(() => message.success(t('Saved')), () => {}).then(again);
    return h('div', { style: { marginBottom: 24 } },
      h(antd.Typography.Title, { level: 5 }, t('Channels of in-app messages')),
      h('p', { style: { color: grey } }, t('These messages can also go to DingTalk.')),
      channels.map(({ channel, title, authenticator }) => h(Row, { key: channel },
        h('span', { style: wide(240) }, title || channel),
        h(AuthenticatorSelect, {
          authenticators, allowClear: true, placeholder: t('Only in NocoBase'), 'aria-label': `${title || channel}: ${t('Also to DingTalk')}`,
          value: authenticator || undefined, onChange: (name) => save(channel, name),
        }))));
  }

  /** Sends a test message through an authenticator to whoever clicks. */
  function Test({ authenticators, onSent }) {
    const [chosen, choose] = useState(authenticators[0].name);
    return h(Row, { 'data-test-message': '' },
      authenticators.length > 1 && h(AuthenticatorSelect, {
        authenticators, value: chosen, onChange: choose,
      }),
      h(SendTest, { app: theApp(), authenticator: chosen, key: chosen, onSent }));
  }

  function Messages({ authenticators }) {
    const [{ userId, state }, setWanted] = useState({});
    const [version, setVersion] = useState(0);
    const filter = { ...(userId && { userId }), ...(state && { state }) };
    const want = (key) => (value) => setWanted((before) => ({ ...before, [key]: value }));
    const columns = [
      column('Time', 'createdAt', moment),
      column('Person', 'userName'),
      column('Title', 'title', undefined, { width: 320 }),
      column('Result', 'state', outcome),
    ];
    return h('div', null,
      h(Channels, { authenticators }),
      authenticators.length === 0 ? h(NoAuthenticator) : h(Test, { authenticators, onSent: () => setVersion((before) => before + 1) }),
      h(Row, null,
        h(AccountSelect, { value: userId, onChange: want('userId'), 'aria-label': t('Person'), style: wide(260) }),
        h(antd.Select, {
          allowClear: true, placeholder: t('Result'), 'aria-label': t('Result'), value: state, onChange: want('state'),
          options: choices(STATES), style: wide(180),
        })),
      h(List, {
        url: 'dingtalkMessages:list', filter, sort: '-id', version, columns, mostCounted: MOST_COUNTED,
        empty: !userId && !state && t('No messages yet'),
      }));
  }

  return { Messages };
});
