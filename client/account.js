// The window «DingTalk» in the account menu: it shows the user's bindings, binds and unbinds, and ends all sessions.

define('dingtalk/account', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/shared',
], ({ useState, useEffect, useId, Fragment }, antd, icons, { AUTH_TYPE, h, useT, Stack, called, ask, failureText, refusalOf, takeRefusal, webAddress }) => {
  /** A mark in the session storage: this window has gone to DingTalk to bind an account and is not back yet. */
  const BINDING = 'nocobase-dingtalk-binding';

  /** After binding, DingTalk leads back to the page where it began. A refusal is a parameter in the page's address. */
  const returned = takeReturn();

  function takeReturn() {
    const refusal = takeRefusal('dingtalkBindError');
    let name = null;
    try {
      name = sessionStorage.getItem(BINDING);
      sessionStorage.removeItem(BINDING);
    } catch (error) {
      // Without session storage, only a refusal can be shown.
    }
    return refusal || name !== null ? { name, refusal } : null;
  }

  /** Opens the window. It is set when the application has been drawn. */
  let show = () => {};
  const open = () => show();

  /** The DingTalk authenticators that are offered. They are requested once for each page load. */
  let asked = null;
  function offered(app) {
    if (asked === null) {
      asked = ask(app, 'authenticators:publicList', undefined, {})
        .then((all) => all.filter(({ authType }) => authType === AUTH_TYPE));
      asked.catch(() => {
        asked = null;
      });
    }
    return asked;
  }

  /** Whether the menu shows the entry. It does until the answer is there, because the menu does not wait for it. */
  let isOfferedHere = true;
  function mayBeOffered(app) {
    offered(app).then((found) => {
      isOfferedHere = found.length > 0;
    }, () => {});
    return isOfferedHere;
  }

  /** The user's binding at one authenticator, which has a title if there are several. */
  function Binding({ app, name, title }) {
    const t = useT();
    const [binding, setBinding] = useState(null);
    const [password, setPassword] = useState('');
    const [isBusy, setBusy] = useState(false);
    const [notice, setNotice] = useState(null);
    const label = useId();
    const refuse = (refusal) => setNotice({ type: 'error', message: refusal.message || failureText(refusal, t) });
    const own = (action, body) => ask(app, `${AUTH_TYPE}:${action}`, { authenticator: name }, body);
    const load = () => own('binding').then(setBinding, (error) => refuse(refusalOf(error)));
    useEffect(() => {
      load();
      if (returned === null || (returned.name !== name && !(returned.name === null && !title))) return;
      if (returned.refusal) refuse(returned.refusal);
      else setNotice({ type: 'success', message: t('Your account is bound now.') });
    }, []);

    const act = async (action, proceed) => {
      setBusy(true);
      setNotice(null);
      try {
        const body = { redirect: location.pathname + location.search };
        if (password !== '') body.password = password;
        await proceed(await own(action, body));
      } catch (error) {
        refuse(refusalOf(error));
      }
      setPassword('');
      setBusy(false);
    };
    const bind = () => act('bind', (address) => {
      const { href } = webAddress(address);
      try {
        sessionStorage.setItem(BINDING, name);
      } catch (error) {
        // Without session storage, the page cannot report the success later.
      }
      location.assign(href);
      // The promise never ends, because the browser leaves the page.
      return new Promise(() => {});
    });
    const unbind = () => act('unbind', async () => {
      await load();
      setNotice({ type: 'success', message: t('The binding is removed.') });
    });

    const state = () => {
      const values = { name: binding.nickname || t('DingTalk'), date: new Date(binding.boundAt).toLocaleDateString(app.i18n.language, { dateStyle: 'medium' }) };
      const plain = { ...values, interpolation: { escapeValue: false } };
      return binding.bound ? t('Bound to {{name}} since {{date}}.', plain) : t('Your account is not bound to a DingTalk user here.');
    };
    return h('section', null,
      title && h(antd.Typography.Title, { level: 5, style: { marginTop: 0 } }, title),
      h('div', { role: 'status' }, notice && h(antd.Alert, { ...notice, showIcon: true, style: { marginBottom: 12 } })),
      !binding && !notice && h(antd.Spin),
      binding && h(Stack, null,
        h('div', null, state()),
        !binding.bound && h(antd.Typography.Text, null, t('Then you need no password.')),
        binding.passwordRequired && h('label', { htmlFor: label }, t('Password, to confirm that it is you')),
        binding.passwordRequired && h(antd.Input.Password, {
          id: label,
          value: password,
          autoComplete: 'current-password',
          onChange: (event) => setPassword(event.target.value),
          onPressEnter: binding.bound ? unbind : bind,
        }),
        binding.bound
          ? h(antd.Button, { loading: isBusy, onClick: unbind }, t('Remove the binding'))
          : h(antd.Button, { loading: isBusy, onClick: bind, icon: h(icons.DingtalkOutlined, { 'aria-hidden': true }) }, t('Bind'))));
  }

  /** Ends all sessions of the account, including this one. */
  function EndSessions({ app }) {
    const t = useT();
    const [refusal, setRefusal] = useState(null);
    const end = async () => {
      try {
        await ask(app, `${AUTH_TYPE}:signOutEverywhere`, undefined, {});
        const { auth } = app.apiClient;
        auth.setToken('');
        auth.setRole('');
        // Without a session, the client opens its sign-in page.
        location.reload();
      } catch (error) {
        setRefusal(refusalOf(error));
      }
    };
    const text = t('All your sessions end.');
    return h('section', null,
      refusal && h(antd.Alert, { type: 'error', showIcon: true, message: refusal.message || failureText(refusal, t), style: { marginBottom: 12 } }),
      h('div', { style: { marginBottom: 8 } }, text),
      h(antd.Popconfirm, { title: t('Sign out everywhere'), description: text, onConfirm: end },
        h(antd.Button, null, t('Sign out everywhere'))));
  }

  /**
   * Leads back to the menu of the account, from which the window was opened. In the first generation it can have the focus
   * only with a tabindex. On a phone it is inside another menu.
   */
  function toMenu() {
    const menu = document.querySelector('[data-testid=user-center-button]');
    if (!menu) return;
    menu.setAttribute('tabindex', menu.tabIndex);
    menu.focus();
  }

  function Account({ app }) {
    const t = useT();
    const [authenticators, setAuthenticators] = useState(null);
    useEffect(() => {
      offered(app).then(setAuthenticators, () => setAuthenticators([]));
    }, []);
    if (authenticators === null) return h(antd.Spin);
    return h(Stack, { size: 'large', split: h(antd.Divider, { style: { margin: 0 } }) },
      authenticators.length === 0 && t('Sign-in via DingTalk is not offered here.'),
      authenticators.map(({ name }) => h(Binding, { key: name, app, name, title: authenticators.length > 1 && called(authenticators, name, t) })),
      h(EndSessions, { app }));
  }

  /**
   * Wraps the application and adds the window, which the menu opens. It also opens when a binding at DingTalk has
   * ended.
   */
  function provider(app) {
    return function DingTalkAccount({ children }) {
      const t = useT();
      const [isOpen, setOpen] = useState(() => returned !== null && Boolean(app.apiClient.auth.getToken()));
      useEffect(() => {
        show = () => setOpen(true);
      }, []);
      return h(Fragment, null, children, h(antd.Modal, {
        open: isOpen,
        title: t('DingTalk'),
        footer: null,
        destroyOnClose: true,
        onCancel: () => setOpen(false),
        afterClose: toMenu,
      }, h(Account, { app })));
    };
  }

  return { open, offered, mayBeOffered, provider };
});
