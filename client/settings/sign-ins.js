// The tab «Sign-ins»: the audit trail of sign-ins and refusals, with their reasons.

define('dingtalk/sign-ins', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/parts',
  'dingtalk/cures',
], ({ useState }, antd, icons, parts, { Cure }) => {
  const { MOST_COUNTED, h, theApp, t, titled, moment, useGrey, Row, wide, Search, RowButton, column, List, AccountSelect, choices, Details } = parts;
  const RESULTS = { success: 'Succeeded', refused: 'Refused' };

  /** The filters in the form that NocoBase's lists accept. */
  function filterOf({ between, ...rest }) {
    const [from, until] = between || [];
    const filter = {};
    for (const key of Object.keys(rest)) if (rest[key]) filter[key] = rest[key];
    if (from) filter['createdAt.$gte'] = from.toISOString();
    if (until) filter['createdAt.$lte'] = until.toISOString();
    return filter;
  }

  function Filters({ actions, wanted, setWanted }) {
    const set = (key) => (value) => setWanted({ ...wanted, [key]: value });
    const select = (key, title, options) => h(antd.Select, {
      allowClear: true, placeholder: t(title), 'aria-label': t(title), options,
      value: wanted[key], onChange: set(key), style: wide(180),
    });
    return h(Row, null,
      h(antd.DatePicker.RangePicker, {
        showTime: true, value: wanted.between, onChange: set('between'), allowEmpty: [true, true],
        placeholder: [t('From'), t('Until')], style: wide(400),
      }),
      h(AccountSelect, {
        value: wanted.userId, onChange: set('userId'), 'aria-label': t('Person'), style: wide(260),
      }),
      select('action', 'Action', actions.map(({ name, title }) => ({ value: name, label: title }))),
      select('result', 'Result', choices(RESULTS)),
      h(Search, { label: 'Address', width: 200, onSearch: set('address') }),
      h(Search, { label: 'Request ID', width: 200, onSearch: set('requestId') }));
  }

  /** Saves an answer of the server as a file. */
  async function save(filter) {
    const response = await theApp().apiClient.request({
      url: 'dingtalkAudit:export', params: { filter: JSON.stringify(filter) }, responseType: 'blob',
    });
    const address = URL.createObjectURL(response.data);
    const link = document.createElement('a');
    link.href = address;
    link.download = 'dingtalk-sign-ins.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }

  function Outcome({ row }) {
    const ok = row.result === 'success';
    const text = ok ? t('Succeeded') : row.reasonText || row.reason || t('Refused');
    return h(antd.Badge, { status: ok ? 'success' : 'error', text });
  }

  function Event({ row, authenticators, titleOf, go, onClose }) {
    const grey = useGrey();
    const { token } = antd.theme.useToken();
    const shown = row || {};
    // An account that is gone has its number for a name.
    const who = (name, id) => name && [...new Set([name, `#${id}`])].join(' ');
    const fields = [
      ['Time', row && moment(shown.createdAt)],
      ['Action', titleOf(shown.action)],
      ['Result', row && h(Outcome, { row })],
      ['Code', shown.reason],
      ['What to do', shown.advice],
      ['Person', who(shown.userName, shown.userId) || shown.personName],
      ['DingTalk', shown.personId && `${shown.personName} · ${shown.personId}`],
      ['Done by', who(shown.actorName, shown.actorId)],
      ['Authenticator', shown.authenticator && titled(authenticators, shown.authenticator)],
      ['Address', shown.address],
      ['Browser', shown.userAgent],
      ['Request ID', shown.requestId],
    ];
    const items = fields.filter(([, value]) => value).map(([label, children]) => ({ key: label, label: t(label), children }));
    return h(Details, { open: Boolean(row), onClose, width: 480 },
      h(antd.Descriptions, {
        column: 1, size: 'small', layout: 'vertical', colon: false, items, labelStyle: { color: grey },
        contentStyle: { overflowWrap: 'anywhere', color: token.colorText },
      }),
      row && h(Cure, { reason: shown.reason, authenticator: shown.authenticator, userId: shown.userId, person: shown.personId, go }));
  }

  function SignIns({ overview: { actions }, authenticators, go }) {
    const [wanted, setFilters] = useState({});
    const [version, setVersion] = useState(0);
    const [row, setRow] = useState(null);
    const [saving, setSaving] = useState(false);
    const filter = filterOf(wanted);
    const titleOf = (action) => (actions.find(({ name }) => name === action) || { title: action }).title;
    const columns = [
      column('Time', 'createdAt', (at, shown) => h(RowButton, { onClick: () => setRow(shown) }, moment(at))),
      column('Person', 'userName', (name, { personName }) => name || personName || '–'),
      column('Action', 'action', titleOf),
      // Long sentences wrap, because the table would otherwise be wider than any screen.
      column('Result', 'result', (_, shown) => h('div', { style: { maxWidth: 300, whiteSpace: 'normal' } }, h(Outcome, { row: shown }))),
      column('Address', 'address', undefined, { responsive: ['md'] }),
    ];
    const exportRows = () => {
      setSaving(true);
      save(filter).catch(() => {}).then(() => setSaving(false));
    };
    return h('div', null,
      h(Filters, { actions, wanted, setWanted: setFilters }),
      h(Row, null,
        h(antd.Button, { icon: h(icons.ReloadOutlined), onClick: () => setVersion(version + 1), 'aria-label': t('Refresh') }),
        h(antd.Button, { icon: h(icons.DownloadOutlined), loading: saving, onClick: exportRows }, t('Export as CSV'))),
      h(List, {
        url: 'dingtalkAudit:list', filter, sort: '-createdAt', version, columns, mostCounted: MOST_COUNTED,
      }),
      h(Event, { row, authenticators, titleOf, go, onClose: () => setRow(null) }));
  }

  return { SignIns };
});
