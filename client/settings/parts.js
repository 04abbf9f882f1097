// What the tabs of the settings page share. Sent with them as one file when the page is opened.
'use strict';

define('nocobase-dingtalk/settings/parts', [
  'react', 'antd', 'nocobase-dingtalk/shared',
], (React, antd, { NAMESPACE }) => {
  const h = React.createElement;
  const PAGE_SIZE = 20;

  /** The application around the page, which is the only one in a window. */
  let app;
  const begin = (given) => {
    app = given;
  };
  const theApp = () => app;

  /** A text in the language of the page, which is loaded anew with another one. */
  const t = (text, values) => app.i18n.t(text, { ns: [NAMESPACE, 'client'], nsMode: 'fallback', ...values });

  function ask(options) {
    return app.apiClient.request(options).then((response) => response.data);
  }

  /**
   * What the server answers to a question, if there is one, and a way to ask again; another `version` asks again, too. The
   * client itself tells of failures.
   */
  function useAnswer(options, version) {
    const [state, setState] = React.useState({ loading: true });
    const [times, setTimes] = React.useState(0);
    const question = JSON.stringify(options);
    React.useEffect(() => {
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
    return { ...state, again: () => setTimes((before) => before + 1) };
  }

  /** A moment as people in this language write it. */
  function moment(text) {
    return new Date(text).toLocaleString(app.i18n.language, { dateStyle: 'medium', timeStyle: 'medium' });
  }

  /** Grey that everybody can read; the usual one of hints is too pale. */
  function useGrey() {
    return antd.theme.useToken().token.colorTextSecondary;
  }

  function Empty({ text }) {
    return h('span', { style: { color: useGrey() } }, text);
  }

  /** Things beside each other, and below each other where a screen is narrow. */
  function Row({ children, ...props }) {
    return h('div', { style: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 8, marginBottom: 16 }, ...props }, children);
  }

  /** As wide as this where there is room. */
  const wide = (width) => ({ flex: `0 1 ${width}px`, minWidth: 0, maxWidth: '100%' });

  /** What opens something of a row. Blue letters are too pale for many eyes. */
  function RowButton(props) {
    const style = { padding: 0, height: 'auto', textDecoration: 'underline' };
    return h(antd.Button, { type: 'text', size: 'small', style, ...props });
  }

  /** What a form says of a field that must be filled in, a choice tells nobody: the attribute is not for its element. */
  function Choice({ 'aria-required': _, ...props }) {
    return h(antd.Select, props);
  }

  /** A choice of one authenticator, where there are several. */
  function AuthenticatorSelect({ authenticators, ...props }) {
    const options = authenticators.map(({ name, title }) => ({ value: name, label: title || name }));
    return h(Choice, { options, ...props });
  }

  /** A table of what the server lists, page by page. Another question begins at its first page. */
  function List({ url, params, version, empty, showTotal = (count) => count, ...table }) {
    const question = JSON.stringify([url, params]);
    const [turned, setTurned] = React.useState({ question, page: 1 });
    const page = turned.question === question ? turned.page : 1;
    const { answer, loading } = useAnswer({ url, params: { ...params, page, pageSize: PAGE_SIZE } }, version);
    return h(antd.Table, {
      rowKey: 'id', size: 'small', loading, scroll: { x: 'max-content' }, dataSource: (answer && answer.data) || [],
      locale: { emptyText: h(Empty, { text: empty || t('Nothing found') }) },
      pagination: {
        current: page, pageSize: PAGE_SIZE, total: (answer && answer.meta.count) || 0, showSizeChanger: false, showTotal,
        onChange: (next) => setTurned({ question, page: next }),
      },
      ...table,
    });
  }

  /** Names of an account in one line. */
  function nameOf({ nickname, username, userId }) {
    const name = nickname || username || `#${userId}`;
    return username && username !== name ? `${name} (${username})` : name;
  }

  /** Looks for an account by a few letters. */
  function AccountSelect({ authenticator, ...props }) {
    const [search, setSearch] = React.useState('');
    const [wanted, setWanted] = React.useState('');
    React.useEffect(() => {
      const timer = setTimeout(() => setWanted(search), 300);
      return () => clearTimeout(timer);
    }, [search]);
    const question = wanted && { url: 'dingtalkPeople:accounts', params: { search: wanted, authenticator } };
    const { answer, loading } = useAnswer(question);
    const found = (answer && answer.data) || [];
    const options = found.map((account) => ({
      value: account.userId,
      label: nameOf(account) + (account.bound ? ` · ${t('Already bound')}` : ''),
      disabled: account.bound,
    }));
    // One that was chosen elsewhere, of which no more is known here.
    const { value } = props;
    if (value && !options.some((option) => option.value === value)) options.unshift({ value, label: `#${value}` });
    return h(Choice, {
      showSearch: true,
      allowClear: true,
      filterOption: false,
      onSearch: setSearch,
      loading,
      notFoundContent: wanted ? h(Empty, { text: t('Nobody found') }) : null,
      placeholder: t('Name, user name, email, phone number or ID'),
      options,
      ...props,
    });
  }

  return { begin, theApp, t, ask, useAnswer, moment, useGrey, Empty, Row, wide, RowButton, List, AuthenticatorSelect, AccountSelect, nameOf };
});
