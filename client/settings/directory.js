// The tab «Directory»: sources, previews, runs and their findings, and the organization as it was last read.

define('dingtalk/directory', [
  'react', 'antd', 'dingtalk/parts', 'dingtalk/runs', 'dingtalk/source-form',
], ({ useState, useEffect }, antd, parts, { LastRun, Runs }, { SourceForm }) => {
  const { h, theApp, t, post, useAnswer, moment, NoAuthenticator, Row, Search, RowButton, column, List, AuthenticatorSelect, Switch } = parts;
  /** How often the page asks for the progress of a run. */
  const LOOK_MS = 1000;
  /** How often the page asks how events come. */
  const EVENTS_MS = 5000;
  /** The most departments whose names the page loads. */
  const MOST_DEPARTMENTS = 1000;

  function Members({ sourceId, version, nameOf, bind }) {
    const [search, setSearch] = useState('');
    const [without, setWithout] = useState(false);
    const filter = {
      sourceId, ...(search && { 'name.$includes': search }), ...(without && { userId: { $empty: true }, isGone: false }),
    };
    const columns = [
      column('Person', 'name', (name, { externalId }) => `${name} · ${externalId}`),
      column('Departments', 'departments', (all) => all.map(({ department }) => nameOf(department)).join(', '), { responsive: ['sm'] }),
      column('Account', 'userName', (name, { externalId, isGone }) => {
        if (name) return name;
        return isGone ? '–' : h(RowButton, { onClick: () => bind(externalId) }, t('Bind by hand'));
      }),
      column('Gone since', 'goneAt', (at) => (at ? moment(at) : '–')),
    ];
    return h('div', null,
      h(Row, null, h(Search, { label: 'Person', onSearch: setSearch }), h(antd.Checkbox, { onChange: (event) => setWithout(event.target.checked) }, t('Without an account'))),
      h(List, {
        url: 'dingtalkDirectory:members', filter, sort: 'name', version, columns, rowKey: 'person',
      }));
  }

  function Departments({ sourceId, version, nameOf }) {
    const columns = [
      column('Department', 'title'),
      column('ID', 'externalId'),
      column('Part of', 'parentId', (id) => (id ? nameOf(id) : '–')),
    ];
    return h(List, {
      url: 'dingtalkDirectory:departments', filter: { sourceId }, sort: 'externalId', version, columns,
      rowKey: 'externalId',
    });
  }

  /** Loads the data of one source. */
  function Known({ source, version, departments, bind }) {
    const [view, setView] = useState('runs');
    const nameOf = (id) => (departments.find(({ externalId }) => externalId === id) || { title: id }).title;
    const texts = { runs: 'Runs', people: 'People', departments: 'Departments' };
    const View = { runs: Runs, people: Members, departments: Departments }[view];
    return h('div', null,
      h(Switch, { label: 'Directory', texts, value: view, onChange: setView }),
      h(View, { sourceId: source.id, version, nameOf, bind }));
  }

  /** One source: its actions, its last run, and the tables of its data. */
  function Source({ row, again, go }) {
    const { modal } = antd.App.useApp();
    const [editing, setEditing] = useState(false);
    const { authenticator, source, lastRun } = row;
    // With a NocoBase, sources are rows of its own page «Synchronize», which would not notice a change that is made
    // here.
    const isElsewhere = Boolean(theApp().pm.get('user-data-sync'));
    const running = Boolean(lastRun) && lastRun.state === 'running';
    const version = lastRun ? `${lastRun.id} ${lastRun.state}` : '';
    const { rows: departments } = useAnswer(source && {
      url: 'dingtalkDirectory:departments', params: { filter: JSON.stringify({ sourceId: source.id }), pageSize: MOST_DEPARTMENTS },
    }, version);
    useEffect(() => {
      const timer = (running || row.events) && setTimeout(again, running ? LOOK_MS : EVENTS_MS);
      return () => clearTimeout(timer);
    }, [row]);
    const act = (action, data) => post(`dingtalkDirectory:${action}`, data).then(again, () => {});
    const sure = (action, title, content, data) => modal.confirm({
      title, content, okText: title, cancelText: t('Cancel'), onOk: () => act(action, data),
    });
    const button = (text, onClick, props) => h(antd.Button, { onClick, ...props }, t(text));
    // Without a run, nobody has seen yet what is done. The button that was pressed keeps the focus. Its sign for «loading»
    // must not become a part of its name.
    const begin = (action, text, props) => button(text, () => (action === 'run' && !lastRun
      ? sure(action, t(text), t('A preview changes nothing.'), { authenticator })
      : act(action, { authenticator })), {
      'aria-label': t(text), loading: running && lastRun.kind === action, disabled: running && lastRun.kind !== action, ...props,
    });
    return h('div', null,
      !source && h('p', null, t('People and departments can be copied.')),
      isElsewhere && h('p', null, t('The source is set up in NocoBase.')),
      h(Row, null,
        !isElsewhere && button(source ? 'Settings' : 'Set up', () => setEditing(true), { type: source ? 'default' : 'primary' }),
        source && begin('preview', 'Preview'),
        source && begin('run', 'Synchronize now', { type: 'primary' }),
        // The button goes with the run, and the one that began it takes the focus.
        running && button('Stop', () => {
          act('cancel', { runId: lastRun.id });
          document.querySelector('.ant-btn-loading').focus();
        }, { disabled: lastRun.cancelRequested }),
        source && !isElsewhere && button('Delete the source', () => sure('destroySource', t('Delete the source'),
          t('The source goes, accounts stay.'), { authenticator }),
        { disabled: running })),
      row.events && h('p', null, row.events.text.replace(/\d{4}-\S+Z/g, (at) => moment(at))),
      source && h(LastRun, {
        run: lastRun,
        onAgree: () => sure('run', t('Apply anyway'), t('All of it is done.'),
          { authenticator, agreed: lastRun.fingerprint }),
      }),
      source && h(Known, {
        source, version, departments, bind: (person) => go('people', { bind: { authenticator, person } }),
      }),
      h(SourceForm, {
        row, departments, open: editing, onClose: () => setEditing(false),
        onDone: () => {
          setEditing(false);
          again();
        },
      }));
  }

  function Directory({ go }) {
    const { answer, rows, failed, again } = useAnswer({ url: 'dingtalkDirectory:sources' });
    const [chosen, choose] = useState(null);
    if (!answer) {
      if (!failed) return h(antd.Skeleton, { active: true });
      return h(antd.Alert, { type: 'warning', showIcon: true, message: t('This needs a permission.') });
    }
    const row = rows.find(({ authenticator }) => authenticator === chosen) || rows[0];
    if (!row) return h(NoAuthenticator);
    return h('div', null,
      rows.length > 1 && h(Row, null, h(AuthenticatorSelect, {
        authenticators: rows.map(({ authenticator: name, title }) => ({ name, title })), value: row.authenticator,
        onChange: choose,
      })),
      h(Source, { key: row.authenticator, row, again, go }));
  }

  return { Directory };
});
