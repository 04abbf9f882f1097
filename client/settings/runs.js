// Runs and previews of a source: their progress, results and findings.

define('dingtalk/runs', [
  'react', 'antd', 'dingtalk/parts',
], ({ useState, useRef }, antd, { h, t, moment, useGrey, RowButton, column, List, Switch, Details }) => {
  const KINDS = {
    run: 'Synchronization',
    preview: 'Preview',
  };
  const STATES = {
    running: 'Running',
    succeeded: 'Succeeded',
    failed: 'Failed',
    cancelled: 'Cancelled',
    stopped: 'Stopped by the safety limit',
  };
  const BADGES = { running: 'processing', succeeded: 'success', failed: 'error', cancelled: 'default', stopped: 'warning' };
  /** After so long, the page knows how fast a step goes. */
  const KNOWN_AFTER_MS = 5000;
  const PHASES = {
    departments: 'Departments are read',
    people: 'People are read',
    plan: 'The plan is made',
    apply: 'Changes are made',
  };
  /** The numbers about the organization. */
  const SIZES = {
    people: 'People',
    departments: 'Departments',
  };
  const SEVERITIES = {
    '': 'All',
    change: 'Changes',
    conflict: 'Conflicts',
    error: 'Errors',
    note: 'Notes',
  };

  function State({ run }) {
    return h(antd.Badge, { status: BADGES[run.state], text: t(STATES[run.state]) });
  }

  /** The numbers of a run: first the organization, then the changes. */
  function Counts({ run: { counts, tally, kind, state } }) {
    const tag = (text, count) => h(antd.Tag, { key: text, style: { whiteSpace: 'normal' } }, `${text}: ${count}`);
    const nothing = kind === 'preview' ? t('Nothing would be changed.') : t('Nothing was changed.');
    return h(antd.Space, { wrap: true, size: [0, 8] },
      Object.keys(SIZES).filter((key) => counts[key] > 0).map((key) => tag(t(SIZES[key]), counts[key])),
      tally.map(({ text, count }) => tag(text, count)), tally.length === 0 && state === 'succeeded' && nothing);
  }

  /**
   * How many minutes the step of a run takes from now on, if it goes on as fast as since the page was opened. NaN as long
   * as that is not known, and while departments are read: how many there are shows only at the end.
   */
  function useMinutesLeft({ id, phase, done, total, updatedAt }) {
    const seen = useRef({});
    const step = `${id} ${phase}`;
    const now = Date.parse(updatedAt);
    if (seen.current.step !== step) seen.current = { step, since: now, before: done };
    const { since, before } = seen.current;
    if (now - since < KNOWN_AFTER_MS || phase === 'departments') return NaN;
    return Math.ceil((now - since) / (done - before) * (total - done) / 60000);
  }

  /** The progress of a run, or its result. */
  function Outcome({ run, onAgree }) {
    const minutes = useMinutesLeft(run);
    const { state, kind, phase, done, total } = run;
    const told = { width: '100%', marginBottom: 8 };
    return h('div', { role: 'status', style: { marginBottom: 16 } },
      h('div', { style: told }, `${t(KINDS[kind])} · ${moment(run.startedAt)} · `, h(State, { run })),
      state === 'running' && h('div', { style: told }, `${t(PHASES[phase])}: ${done} / ${total}`,
        minutes > 0 && minutes < Infinity && ` · ${t('About {{minutes}} min left in this step', { minutes })}`,
        h(antd.Progress, { percent: total > 0 ? Math.floor((done / total) * 100) : 0, 'aria-label': t(PHASES[phase]) })),
      state !== 'running' && h(Counts, { run }),
      run.message && state !== 'succeeded' && h('div', null, run.message),
      onAgree && state === 'stopped' && run.fingerprint && h(antd.Alert, {
        type: 'warning', showIcon: true, style: { marginTop: 8 },
        message: t('More would go than the safety limit lets.'), description: t('Nothing was done.'),
        action: h(antd.Button, { danger: true, onClick: onAgree }, t('Apply anyway')),
      }));
  }

  function LastRun({ run, onAgree }) {
    const grey = useGrey();
    if (!run) return h('p', { style: { color: grey } }, t('It did not run yet.'));
    return h(Outcome, { run, onAgree });
  }

  function Findings({ run, nameOf }) {
    const [severity, setSeverity] = useState('');
    const filter = { runId: run.id, ...(severity && { severity }) };
    const wrapped = (text) => h('div', { style: { maxWidth: 320, whiteSpace: 'normal', overflowWrap: 'anywhere' } }, text);
    const columns = [
      column('Concerns', 'personName', (name, { personId, departmentId }) => name || personId || (departmentId && nameOf(departmentId)) || '–'),
      column('What', 'text', wrapped),
      column('Account', 'accountNames', (names) => names.join(', ')),
      column('Details', 'detail', wrapped),
    ];
    return h('div', null,
      h(Switch, { label: 'What', texts: SEVERITIES, value: severity, onChange: setSeverity }),
      h(List, { url: 'dingtalkDirectory:findings', filter, sort: 'id', version: run.state, columns }));
  }

  function Runs({ sourceId, version, nameOf }) {
    const [shown, show] = useState(null);
    const columns = [
      column('Time', 'startedAt', (at, run) => h(RowButton, { onClick: () => show(run) }, moment(at))),
      column('What', 'kind', (kind) => t(KINDS[kind])),
      column('Result', 'state', (_, run) => h(State, { run })),
      column('Changes', 'counts', (_, run) => h('div', { style: { maxWidth: 400 } }, h(Counts, { run })), { responsive: ['md'] }),
    ];
    return h('div', null,
      h(List, { url: 'dingtalkDirectory:runs', filter: { sourceId }, sort: '-id', version, columns }),
      h(Details, { open: Boolean(shown), onClose: () => show(null), width: 900, destroyOnClose: true }, shown && h(Outcome, { run: shown }), shown && h(Findings, { key: shown.id, run: shown, nameOf })));
  }

  return { LastRun, Runs };
});
