// The tab «Overview»: the state of each authenticator.

define('dingtalk/overview', [
  'react', 'antd', 'dingtalk/connection', 'dingtalk/parts', 'dingtalk/chart', 'dingtalk/cures',
], ({ useState }, antd, { Checks }, { h, theApp, t, post, titled, moment, useGrey, Empty, NoAuthenticator }, { Chart }, { Cure }) => {
  function Connection({ name, check, onTested }) {
    const [testing, setTesting] = useState(false);
    const test = () => {
      setTesting(true);
      post('dingtalk:checkConnection', { authenticator: name })
        .then(onTested, () => {})
        .then(() => setTesting(false));
    };
    const status = check ? (check.ok ? 'success' : 'error') : 'default';
    const state = check ? `${check.ok ? t('Works') : t('Does not work')} · ${moment(check.testedAt)}` : t('Not tested yet');
    return h('div', { style: { marginBottom: 16 } },
      h(antd.Space, { wrap: true },
        h(antd.Badge, { status, text: `${t('Connection')}: ${state}` }),
        h(antd.Button, { size: 'small', loading: testing, onClick: test }, t('Test connection'))),
      check && h(Checks, { checks: check.messages.filter(({ level }) => !check.ok || level !== 'success') }));
  }

  function Authenticator({ overview, authenticator, onTested }) {
    const { name, enabled, bound, check, days } = authenticator;
    const state = h(antd.Badge, {
      status: enabled ? 'success' : 'default', text: enabled ? t('Enabled') : t('Disabled'),
    });
    return h(antd.Card, { size: 'small', title: titled(overview.authenticators, name), extra: state, style: { marginBottom: 16 } },
      !enabled && h(antd.Alert, { type: 'warning', showIcon: true, style: { marginBottom: 16 }, message: t('Not enabled: nobody sees the button.') }),
      h(Connection, { name, check, onTested }),
      h('div', { style: { marginBottom: 16 } }, `${t('People who are bound')}: ${bound.toLocaleString(theApp().i18n.language)}`),
      h('div', { style: { fontWeight: 600, marginBottom: 8 } }, t('Sign-ins of the last 30 days')),
      h(Chart, { firstDay: overview.firstDay, days: overview.days, counted: days }));
  }

  function Problems({ overview: { problems, authenticators }, go }) {
    const grey = useGrey();
    const item = (problem) => h(antd.List.Item, { key: `${problem.reason} ${problem.authenticator}` },
      h('div', { style: { width: '100%' } },
        h('div', { style: { fontWeight: 600 } }, problem.text),
        h('div', null, problem.advice),
        h('div', { style: { color: grey } },
          [problem.authenticator && titled(authenticators, problem.authenticator), `${problem.count} ×`, moment(problem.lastAt)].filter(Boolean).join(' · ')),
        h(Cure, { reason: problem.reason, authenticator: problem.authenticator, go })));
    return h(antd.Card, { size: 'small', title: t('Problems of the last week') },
      problems.length === 0
        ? h(Empty, { text: t('There are none.') })
        : h(antd.List, { size: 'small', dataSource: problems, renderItem: item }));
  }

  function Overview({ overview, reload, go }) {
    const { authenticators, unassigned } = overview;
    return h('div', null,
      authenticators.length === 0 && h(NoAuthenticator),
      authenticators.map((authenticator) => h(Authenticator, {
        key: authenticator.name, overview, authenticator, onTested: reload,
      })),
      unassigned.length > 0 && h(antd.Card, {
        size: 'small', title: t('Without an authenticator'), style: { marginBottom: 16 },
      }, h(Chart, { firstDay: overview.firstDay, days: overview.days, counted: unassigned })),
      h(Problems, { overview, go }));
  }

  return { Overview };
});
