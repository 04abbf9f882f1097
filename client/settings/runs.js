// Runs and previews of a source: their progress, results and findings.
'use strict';

define('dingtalk/settings/runs', [
  'react', 'antd', 'dingtalk/settings/parts',
], (React, antd, { h, t, moment, useGrey, RowButton, List }) => {

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
  const PHASES = {
    departments: 'Departments are read',
    people: 'People are read',
    plan: 'The plan is made',
    apply: 'Changes are made',
  };
  /** The numbers about the organization, and those about changes. */
  const SIZES = {
    people: 'People',
    departments: 'Departments',
  };
  const COUNTS = {
    created: 'Account created',
    linked: 'Account linked',
    adopted: 'Bound account, managed from now on',
    updated: 'Account updated',
    returned: 'Account given back',
    left: 'Gone',
    departmentsCreated: 'Department created',
    departmentsChanged: 'Department moved or renamed',
    departmentsRemoved: 'Department removed',
    conflicts: 'Conflicts',
    errors: 'Errors',
  };
  const SEVERITIES = {
    change: 'Changes',
    conflict: 'Conflicts',
    error: 'Errors',
    note: 'Notes',
  };

  function State({ run }) {
    return h(antd.Badge, { status: BADGES[run.state], text: t(STATES[run.state]) });
  }

  /** The numbers of a run: first the organization, then the changes. */
  function Counts({ run }) {
    const counts = run.counts || {};
    const tags = (texts) => Object.keys(texts).filter((key) => counts[key] > 0)
      .map((key) => h(antd.Tag, { key }, `${t(texts[key])}: ${counts[key]}`));
    const done = tags(COUNTS);
    const nothing = run.kind === 'preview' ? t('Nothing would be changed.') : t('Nothing was changed.');
    return h(antd.Space, { wrap: true, size: [0, 8] }, tags(SIZES), done, done.length === 0 && run.state === 'succeeded' && nothing);
  }

  /** The progress of a run, or its result. */
  function Outcome({ run, onAgree }) {
    const { state, kind, phase, done, total } = run;
    const told = { width: '100%', marginBottom: 8 };
    return h('div', { role: 'status', style: { marginBottom: 16 } },
      h('div', { style: told }, `${t(KINDS[kind])} · ${moment(run.startedAt)} · `, h(State, { run })),
      state === 'running' && h('div', { style: told }, `${t(PHASES[phase])}: ${done} / ${total}`,
        h(antd.Progress, { percent: total > 0 ? Math.floor((done / total) * 100) : 0, 'aria-label': t(PHASES[phase]) })),
      state !== 'running' && h(Counts, { run }),
      run.message && state !== 'succeeded' && h('div', null, run.message),
      onAgree && state === 'stopped' && run.fingerprint && h(antd.Alert, {
        type: 'warning', showIcon: true, style: { marginTop: 8 },
        message: t('More would go than the safety limit lets.'), description: t('Nothing was done. Look at the changes of this run first.'),
        action: h(antd.Button, { danger: true, onClick: onAgree }, t('Apply anyway')),
      }));
  }

  function LastRun({ run, onAgree }) {
    const grey = useGrey();
    if (!run) return h('p', { style: { color: grey } }, t('It did not run yet.'));
    return h(Outcome, { run, onAgree });
  }

  function Findings({ run, nameOf }) {
    const [severity, setSeverity] = React.useState('');
    const filter = JSON.stringify({ runId: run.id, ...(severity && { severity }) });
    const options = [{ value: '', label: t('All') }, ...Object.keys(SEVERITIES).map((value) => ({ value, label: t(SEVERITIES[value]) }))];
    const wrapped = (text) => h('div', { style: { maxWidth: 320, whiteSpace: 'normal', overflowWrap: 'anywhere' } }, text);
    const columns = [
      {
        title: t('Concerns'), dataIndex: 'personName',
        render: (name, { personId, departmentId }) => name || personId || (departmentId && nameOf(departmentId)) || '–',
      },
      { title: t('What'), dataIndex: 'text', render: wrapped },
      { title: t('Account'), dataIndex: 'accounts', render: (ids) => ids.map((id) => `#${id}`).join(' ') },
      { title: t('Details'), dataIndex: 'detail', render: wrapped },
    ];
    return h('div', null,
      h(antd.Radio.Group, {
        optionType: 'button', options, value: severity, role: 'radiogroup', 'aria-label': t('What'), style: { marginBottom: 16 },
        onChange: (event) => setSeverity(event.target.value),
      }),
      h(List, { url: 'dingtalkDirectory:findings', params: { filter, sort: 'id' }, version: run.state, columns }));
  }

  function Runs({ sourceId, version, nameOf }) {
    const [shown, show] = React.useState(null);
    const columns = [
      { title: t('Time'), dataIndex: 'startedAt', render: (at, run) => h(RowButton, { onClick: () => show(run) }, moment(at)) },
      { title: t('What'), dataIndex: 'kind', render: (kind) => t(KINDS[kind]) },
      { title: t('Result'), dataIndex: 'state', render: (_, run) => h(State, { run }) },
      { title: t('Changes'), key: 'counts', responsive: ['md'], render: (_, run) => h('div', { style: { maxWidth: 480 } }, h(Counts, { run })) },
    ];
    return h('div', null,
      h(List, { url: 'dingtalkDirectory:runs', params: { filter: JSON.stringify({ sourceId }), sort: '-id' }, version, columns }),
      h(antd.Drawer, {
        open: Boolean(shown), onClose: () => show(null), title: t('Details'), 'aria-label': t('Details'), width: 'min(900px, 100vw)',
        destroyOnClose: true,
      }, shown && h(Outcome, { run: shown }), shown && h(Findings, { key: shown.id, run: shown, nameOf })));
  }

  return { LastRun, Runs };
});
