// Parts that the tabs of the settings page share. They are sent with the tabs as one file when the page is opened. The
// modules are named without the folder, because each name is sent. The directive counts for all files of the script that
// the server sends.
'use strict';

define('dingtalk/parts', [
  'react', 'antd', 'dingtalk/shared',
], ({ useState, useEffect }, antd, { NAMESPACE, h, called, useGrey }) => {
  const PAGE_SIZE = 20;
  /** The server stops counting filtered rows at this number. */
  const MOST_COUNTED = 10000;

  /** The application of the page. A window has only one. */
  let app;
  const begin = (given) => {
    app = given;
  };
  const theApp = () => app;

  /** Translates a text. A change of the language reloads the page. */
  const t = (text, values) => app.i18n.t(text, { ns: [NAMESPACE, 'client'], nsMode: 'fallback', ...values });

  function ask(options) {
    return app.apiClient.request(options).then((response) => response.data);
  }

  const post = (url, data, more) => ask({ url, method: 'post', data, ...more });

  /** What the authenticator with this name is called. */
  const titled = (authenticators, name) => called(authenticators, name, t);

  /**
   * Requests data from the server and returns it, as `rows` where it is a list, with a function to request it again. A changed `version` also requests
   * it again. The client reports failures of its requests itself.
   */
  function useAnswer(options, version) {
    const [state, setState] = useState({ loading: true });
    const [times, setTimes] = useState(0);
    const question = JSON.stringify(options);
    useEffect(() => {
      let left = false;
      if (!options) {
        setState((before) => ({ ...before, loading: false }));
        return undefined;
      }
      setState((before) => ({ ...before, loading: true }));
      ask(options).then(
        (answer) => left || setState({ answer, loading: false }),
        () => left || setState((before) => ({ ...before, loading: false, failed: true })),
      );
      return () => {
        left = true;
      };
    }, [question, times, version]);
    return { ...state, rows: (state.answer && state.answer.data) || [], again: () => setTimes((before) => before + 1) };
  }

  /** A time in the format of the page's language. */
  function moment(text) {
    return new Date(text).toLocaleString(app.i18n.language, { dateStyle: 'medium', timeStyle: 'medium' });
  }

  function Empty({ text }) {
    return h('span', { style: { color: useGrey() } }, text);
  }

  /** What a tab shows before there is anything to show. */
  function NoAuthenticator() {
    return h(antd.Alert, {
      type: 'info', showIcon: true, style: { marginBottom: 16 },
      message: h('span', null, t('There is no DingTalk authenticator yet.'), ' ',
        h(RowButton, { href: location.pathname.replace(/auth-dingtalk.*/, 'auth/authenticators') }, t('Add an authenticator'))),
    });
  }

  /** Elements in a row, which wraps on a narrow screen. */
  function Row({ children, ...props }) {
    return h('div', { style: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 8, marginBottom: 16 }, ...props }, children);
  }

  /** A style with this width, which shrinks where there is less room. */
  const wide = (width) => ({ flex: `0 1 ${width}px`, minWidth: 0, maxWidth: '100%' });

  /** A field for a text to search for, which is searched for when it is submitted. */
  function Search({ label, width = 320, onSearch, ...props }) {
    const text = t(label);
    return h(antd.Input.Search, {
      allowClear: true, 'aria-label': text, placeholder: text, style: wide(width), onSearch: (wanted) => onSearch(wanted.trim()), ...props,
    });
  }

  /** A button in a row of a table. It is not blue, because the default blue has too little contrast. */
  function RowButton(props) {
    const style = { padding: 0, height: 'auto', textDecoration: 'underline' };
    return h(antd.Button, { type: 'text', size: 'small', style, ...props });
  }

  /** A select without `aria-required`. Forms pass the attribute on, but the element does not allow it. */
  function Choice({ 'aria-required': _, ...props }) {
    return h(antd.Select, props);
  }

  /** A select of one authenticator, for pages with several. */
  function AuthenticatorSelect({ authenticators, ...props }) {
    const options = authenticators.map(({ name }) => ({ value: name, label: titled(authenticators, name) }));
    return h(Choice, { options, 'aria-label': t('Authenticator'), style: wide(260), ...props });
  }

  /** A row of buttons, of which one is chosen. The texts stand by value. */
  function Switch({ label, texts, value, onChange }) {
    return h(antd.Radio.Group, {
      optionType: 'button', buttonStyle: 'solid', role: 'radiogroup', 'aria-label': t(label), style: { marginBottom: 16 },
      options: choices(texts), value, onChange: (event) => onChange(event.target.value),
    });
  }

  /** The options of a select or of a row of buttons, from texts by value. */
  const choices = (texts) => Object.keys(texts).map((value) => ({ value, label: t(texts[value]) }));

  /** A column of a table. */
  const column = (title, dataIndex, render, more) => ({ title: t(title), dataIndex, render, ...more });

  /**
   * A table of rows that the server lists page by page, those that fit `filter`. A different request begins at the first page. `mostCounted` is
   * the number at which the server stops counting these rows.
   */
  function List({ url, filter, sort, params, version, empty, mostCounted, ...table }) {
    const question = JSON.stringify([url, filter, params]);
    const [turned, setTurned] = useState({ question, page: 1 });
    const page = turned.question === question ? turned.page : 1;
    const { answer, rows, loading } = useAnswer({ url, params: { ...params, sort, filter: JSON.stringify(filter), page, pageSize: PAGE_SIZE } }, version);
    return h(antd.Table, {
      rowKey: 'id', size: 'small', loading, scroll: { x: 'max-content' }, dataSource: rows,
      locale: { emptyText: h(Empty, { text: empty || t('Nothing found') }) },
      pagination: {
        current: page, pageSize: PAGE_SIZE, total: (answer && answer.meta.count) || 0, showSizeChanger: false,
        showTotal: (count) => t('Total {{count}} items', { count: count + (count === mostCounted ? '+' : '') }),
        onChange: (next) => setTurned({ question, page: next }),
      },
      ...table,
    });
  }

  /** A window with «Cancel» and a button that begins `act`, which shows that it goes on. Its refusals are shown by the client. */
  function Dialog({ act, children, ...props }) {
    const [busy, setBusy] = useState(false);
    const onOk = () => {
      setBusy(true);
      act().catch(() => {}).then(() => setBusy(false));
    };
    return h(antd.Modal, { cancelText: t('Cancel'), destroyOnClose: true, confirmLoading: busy, onOk, ...props }, children);
  }

  /** A drawer with details. */
  function Details({ width, ...props }) {
    return h(antd.Drawer, { title: t('Details'), 'aria-label': t('Details'), width: `min(${width}px, 100vw)`, ...props });
  }

  /** The names of an account in one line. */
  function nameOf({ nickname, username, userId }) {
    const name = nickname || username || `#${userId}`;
    return username && username !== name ? `${name} (${username})` : name;
  }

  /** Searches while somebody types. `questionOf` makes a request of the text; what is found comes as `rows`. */
  function useSearch(questionOf) {
    const [search, onSearch] = useState('');
    const [wanted, setWanted] = useState('');
    useEffect(() => {
      const timer = setTimeout(() => setWanted(search), 300);
      return () => clearTimeout(timer);
    }, [search]);
    return { ...useAnswer(wanted && questionOf(wanted)), wanted, onSearch };
  }

  /** Searches for an account by a few letters. */
  function AccountSelect({ authenticator, ...props }) {
    const { rows, loading, wanted, onSearch } = useSearch((search) => ({ url: 'dingtalkPeople:accounts', params: { search, authenticator } }));
    const options = rows.map((account) => ({
      value: account.userId,
      label: nameOf(account) + (account.bound ? ` · ${t('Already bound')}` : ''),
      disabled: account.bound,
    }));
    // The account was chosen elsewhere, and only its id is known.
    const { value } = props;
    if (value && !options.some((option) => option.value === value)) options.unshift({ value, label: `#${value}` });
    return h(Choice, {
      showSearch: true,
      allowClear: true,
      filterOption: false,
      onSearch,
      loading,
      notFoundContent: wanted ? h(Empty, { text: t('Nobody found') }) : null,
      placeholder: t('Name, email or ID'),
      options,
      ...props,
    });
  }

  /** The ID of a person at DingTalk: typed, or found by name where the directory of this authenticator is read. */
  function PersonInput({ authenticator, 'aria-required': _, ...props }) {
    const { rows: sources } = useAnswer({ url: 'dingtalkDirectory:sources', skipNotify: true });
    const { source } = sources.find((row) => row.authenticator === authenticator) || {};
    const { rows, onSearch } = useSearch((name) => source && {
      url: 'dingtalkDirectory:members', params: { filter: JSON.stringify({ sourceId: source.id, isGone: false, 'name.$includes': name }) },
    });
    const options = rows.map(({ externalId, name, userName }) => ({
      value: externalId, label: [name, externalId, userName].filter(Boolean).join(' · '),
    }));
    return h(antd.AutoComplete, { options, onSearch, ...props }, h(antd.Input, { placeholder: t(source ? 'Name or ID' : 'User ID at DingTalk'), maxLength: 255 }));
  }

  return { MOST_COUNTED, h, begin, theApp, t, post, titled, useAnswer, moment, useGrey, Empty, NoAuthenticator, Row, wide, Search, RowButton, column, List, AuthenticatorSelect, AccountSelect, PersonInput, Switch, choices, Dialog, Details, nameOf };
});
