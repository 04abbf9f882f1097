// The tab «People»: who is bound to which account.

define('dingtalk/people', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/parts',
], (React, antd, icons, parts) => {
  const { h, t, ask, moment, useGrey, NoAuthenticator, Row, wide, RowButton, column, List, AuthenticatorSelect, AccountSelect, nameOf } = parts;
  const HOW = { linked: 'Linked', signedUp: 'Signed up', byHand: 'By hand' };

  function BindForm({ authenticators, open, initial, onClose, onDone }) {
    const grey = useGrey();
    const { message } = antd.App.useApp();
    const [form] = antd.Form.useForm();
    const [saving, setSaving] = React.useState(false);
    const authenticator = antd.Form.useWatch('authenticator', form);
    const submit = async () => {
      const values = await form.validateFields();
      setSaving(true);
      try {
        await ask({ url: 'dingtalkPeople:bind', method: 'post', data: values });
        message.success(t('The account is bound.'));
        onDone(values.authenticator);
      } catch (error) {
        // The client shows the reason.
      }
      setSaving(false);
    };
    const Item = antd.Form.Item;
    const rules = [{ required: true }];
    const hint = (text) => h('span', { style: { color: grey } }, t(text));
    return h(antd.Modal, {
      open, title: t('Bind by hand'), okText: t('Bind'), cancelText: t('Cancel'), destroyOnClose: true,
      confirmLoading: saving, onCancel: onClose, onOk: () => submit().catch(() => {}),
    }, h(antd.Form, { form, layout: 'vertical', initialValues: initial, preserve: false },
      h(Item, { name: 'authenticator', label: t('Authenticator'), rules }, h(AuthenticatorSelect, { authenticators })),
      h(Item, { name: 'userId', label: t('Account'), rules }, h(AccountSelect, { authenticator })),
      h(Item, {
        name: 'person', label: t('User ID at DingTalk'), rules: [{ required: true, whitespace: true }],
        extra: hint("It stands in DingTalk's admin console, in the details of the person."),
      }, h(antd.Input, { autoComplete: 'off', maxLength: 255 }))));
  }

  /** Asks for confirmation before a binding is removed, and whether the sessions end with it. */
  function Unbind({ row, onClose, onDone }) {
    const [ends, setEnds] = React.useState(true);
    const [saving, setSaving] = React.useState(false);
    const unbind = () => {
      setSaving(true);
      const data = { authenticator: row.authenticator, userId: row.userId, endSessions: ends };
      ask({ url: 'dingtalkPeople:unbind', method: 'post', data })
        .then(onDone, () => {})
        .then(() => setSaving(false));
    };
    return h(antd.Modal, {
      open: Boolean(row), title: row && `${t('Remove binding')}: ${nameOf(accountOf(row))}`, onCancel: onClose, onOk: unbind,
      okText: t('Remove binding'), cancelText: t('Cancel'), confirmLoading: saving,
    },
    h('p', null, t('The account stays. The person cannot sign in to it through DingTalk any more.')),
    h(antd.Checkbox, { checked: ends, onChange: (event) => setEnds(event.target.checked) }, t('Also end all sessions')));
  }

  function accountOf({ account, userId }) {
    return { ...account, userId };
  }

  function People({ authenticators, given }) {
    const { modal, message } = antd.App.useApp();
    const first = (authenticators[0] || {}).name;
    const asked = given.bind && { ...given.bind, authenticator: given.bind.authenticator || first };
    const [authenticator, setAuthenticator] = React.useState(first);
    const [search, setSearch] = React.useState(given.search || '');
    const [version, setVersion] = React.useState(0);
    const [binding, setBinding] = React.useState(asked || null);
    const [leaving, setLeaving] = React.useState(null);
    const again = () => setVersion(version + 1);
    const endSessions = (row) => modal.confirm({
      title: `${t('End all sessions')}: ${nameOf(accountOf(row))}`,
      content: t('Everybody who is signed in to this account has to sign in again.'),
      okText: t('End all sessions'),
      cancelText: t('Cancel'),
      onOk: () => ask({ url: 'dingtalkPeople:endSessions', method: 'post', data: { userId: row.userId } })
        .then(() => message.success(t('All sessions have ended.')), () => {}),
    });
    const columns = [
      column('Account', 'account', (account, row) => (account ? nameOf(accountOf(row)) : `#${row.userId}`)),
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
        h(antd.Input.Search, {
          allowClear: true, defaultValue: search, placeholder: t('Name, user name, email, phone number or ID'),
          'aria-label': t('Person'), style: wide(320),
          onSearch: (text) => setSearch(text.trim()),
        }),
        h(antd.Button, {
          type: 'primary', icon: h(icons.PlusOutlined), disabled: !authenticator, onClick: () => setBinding({ authenticator }),
        }, t('Bind by hand'))),
      !authenticator && h(NoAuthenticator),
      authenticator && h(List, {
        url: 'dingtalkPeople:list', params: { authenticator, search }, version, rowKey: 'userId', columns,
        empty: search ? t('Nobody found') : t('Nobody is bound yet.'),
      }),
      h(BindForm, {
        authenticators, open: Boolean(binding), initial: binding || {}, onClose: () => setBinding(null),
        onDone: (name) => {
          setBinding(null);
          setAuthenticator(name);
          again();
        },
      }),
      h(Unbind, {
        row: leaving, onClose: () => setLeaving(null),
        onDone: () => {
          setLeaving(null);
          message.success(t('The binding is removed.'));
          again();
        },
      }));
  }

  return { People };
});
