// The tab «People»: who is bound to which account.

define('dingtalk/people', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/shared', 'dingtalk/parts',
], ({ useState, useRef }, antd, icons, { errorsOf }, parts) => {
  const { h, t, post, moment, NoAuthenticator, Row, Search, RowButton, column, List, AuthenticatorSelect, AccountSelect, PersonInput, Dialog, Empty, nameOf } = parts;
  const HOW = { linked: 'Linked', signedUp: 'Signed up', byHand: 'By hand', directory: 'Directory' };

  function BindForm({ authenticators, initial, onDone, ...props }) {
    const { message } = antd.App.useApp();
    const [form] = antd.Form.useForm();
    const authenticator = antd.Form.useWatch('authenticator', form);
    const act = async () => {
      const data = await form.validateFields();
      await post('dingtalkPeople:bind', data, { skipNotify: true }).catch((error) => {
        form.setFields([{ name: 'person', errors: [(errorsOf(error)[0] || error).message] }]);
        throw error;
      });
      message.success(t('The account is bound.'));
      onDone(data.authenticator);
    };
    const Item = antd.Form.Item;
    const rules = [{ required: true }];
    return h(Dialog, { title: t('Bind by hand'), okText: t('Bind'), act, ...props }, h(antd.Form, { form, layout: 'vertical', initialValues: initial, preserve: false },
      h(Item, { name: 'authenticator', label: t('Authenticator'), rules }, h(AuthenticatorSelect, { authenticators })),
      h(Item, { name: 'userId', label: t('Account'), rules }, h(AccountSelect, { authenticator })),
      h(Item, {
        name: 'person', label: t('User ID at DingTalk'), rules: [{ required: true, whitespace: true }],
        extra: h(Empty, { text: t("It stands in DingTalk's admin console.") }),
      }, h(PersonInput, { authenticator }))));
  }

  /** Asks for confirmation before a binding is removed, and whether the sessions end with it. */
  function Unbind({ row, onDone, ...props }) {
    const [ends, setEnds] = useState(true);
    const act = () => {
      const data = { authenticator: row.authenticator, userId: row.userId, endSessions: ends };
      return post('dingtalkPeople:unbind', data).then(onDone);
    };
    return h(Dialog, {
      open: Boolean(row), title: row && `${t('Remove binding')}: ${nameOf(accountOf(row))}`, okText: t('Remove binding'), act, ...props,
    },
    h('p', null, t('The account stays.')),
    h(antd.Checkbox, { checked: ends, onChange: (event) => setEnds(event.target.checked) }, t('Also end all sessions')));
  }

  function accountOf({ account, userId }) {
    return { ...account, userId };
  }

  function People({ authenticators, given }) {
    const { modal, message } = antd.App.useApp();
    const first = (authenticators[0] || {}).name;
    const asked = given.bind && { ...given.bind, authenticator: given.bind.authenticator || first };
    const [authenticator, setAuthenticator] = useState(first);
    const [search, setSearch] = useState(given.search || '');
    const [version, setVersion] = useState(0);
    const [binding, setBinding] = useState(asked || null);
    // The binding that is about to go; false when it went.
    const [leaving, setLeaving] = useState(null);
    const begin = useRef(null);
    const toBegin = () => begin.current.focus();
    const again = () => setVersion(version + 1);
    const endSessions = (row) => modal.confirm({
      title: `${t('End all sessions')}: ${nameOf(accountOf(row))}`,
      content: t('All have to sign in again.'),
      okText: t('End all sessions'),
      cancelText: t('Cancel'),
      onOk: () => post('dingtalkPeople:endSessions', { userId: row.userId })
        .then(() => message.success(t('All sessions have ended.')), () => {}),
    });
    const columns = [
      column('Account', 'account', (_, row) => nameOf(accountOf(row))),
      column('DingTalk', 'name', (name, { subject }) => (name ? `${name} · ${subject}` : subject)),
      column('Since', 'boundAt', moment, { responsive: ['md'] }),
      column('How', 'how', (how) => t(HOW[how]), { responsive: ['sm'] }),
      column('Actions', 'actions', (_, row) => h(antd.Space, { wrap: true, size: 'small' },
        h(RowButton, { onClick: () => setLeaving(row) }, t('Remove binding')),
        h(RowButton, { onClick: () => endSessions(row) }, t('End all sessions')))),
    ];
    return h('div', null,
      h(Row, null,
        authenticators.length > 1 && h(AuthenticatorSelect, {
          authenticators, value: authenticator, onChange: setAuthenticator,
        }),
        h(Search, {
          label: 'Person', defaultValue: search, placeholder: t('Name, email or ID'), onSearch: setSearch,
        }),
        h(antd.Button, {
          ref: begin, type: 'primary', icon: h(icons.PlusOutlined), disabled: !authenticator, onClick: () => setBinding({ authenticator }),
        }, t('Bind by hand'))),
      !authenticator && h(NoAuthenticator),
      authenticator && h(List, {
        url: 'dingtalkPeople:list', params: { authenticator, search }, version, rowKey: 'userId', columns,
        empty: search ? t('Nobody found') : t('Nobody is bound yet.'),
      }),
      h(BindForm, {
        authenticators, open: Boolean(binding), initial: binding || {}, onCancel: () => setBinding(null),
        // The window may have been opened in another tab.
        afterClose: toBegin,
        onDone: (name) => {
          setBinding(null);
          setAuthenticator(name);
          again();
        },
      }),
      h(Unbind, {
        row: leaving, onCancel: () => setLeaving(null),
        // The button that opened the window goes with the binding.
        afterClose: () => leaving === false && toBegin(),
        onDone: () => {
          setLeaving(false);
          message.success(t('The binding is removed.'));
          again();
        },
      }));
  }

  return { People };
});
