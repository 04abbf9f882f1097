// The parts of the authenticator form that both client generations share. The server describes the form:
// `dingtalk:optionsSchema` says for each option in which group it appears and for which values of other options it
// applies. Each generation supplies how a field is drawn and how a value is set.

define('dingtalk/form', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/shared', 'dingtalk/guide',
  'dingtalk/connection',
], ({ useState, useEffect, useRef, useMemo, Fragment }, antd, icons, { AUTH_TYPE, h, useT, useGrey, errorsOf }, { Guide, RedirectUrl }, { TestConnection, SendTest }) => {
  /** The text that the server shows in place of a stored secret. */
  const MASK = '********';

  function fetchSchema(app, params, resource = AUTH_TYPE, action = 'optionsSchema') {
    return app.apiClient.request({ url: `${resource}:${action}`, params }).then((response) => response.data.data);
  }

  /** The schema of a form; null until it is loaded. */
  function useSchema(app, resource, action) {
    const [schema, setSchema] = useState(null);
    useEffect(() => {
      let left = false;
      // The client reports failures of its requests itself.
      fetchSchema(app, undefined, resource, action).then((found) => left || setSchema(found), () => {});
      return () => {
        left = true;
      };
    }, []);
    return schema;
  }

  /** The options to draw, in order, each with its path, widget and conditions, and with what the schema says of it. */
  function fieldsOf(schema, above = []) {
    const { properties, required = [] } = schema;
    const fields = [];
    for (const [key, property] of Object.entries(properties)) {
      const path = [...above, key];
      const widget = property['x-widget'];
      if (property.properties) {
        fields.push(...fieldsOf(property, path));
      } else if (widget !== 'hidden') {
        const { items = {}, oneOf = items.oneOf || [] } = property;
        fields.push({
          ...property,
          path,
          name: path.join('.'),
          widget,
          group: property['x-group'],
          shownWhen: property['x-when'] || {},
          requiredWhen: required.includes(key) ? {} : property['x-required'],
          initial: property.default === null ? undefined : property.default,
          choices: oneOf.map(({ const: value, title: label }) => ({ value, title: label })),
        });
      }
    }
    return fields;
  }

  /** Null, blank texts and empty lists count as not set. */
  function isSet(value) {
    if (Array.isArray(value)) return value.length > 0;
    return typeof value === 'string' ? value.trim() !== '' : value !== null && value !== undefined;
  }

  /** A text that is the same for equal values. The order of a list does not matter. */
  function spelled(value) {
    if (!isSet(value)) return '';
    return JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  }

  /** What the form says about its fields for these values. */
  function look(fields, options) {
    const valueOf = ({ path }) => path.reduce((value, key) => (value ? value[key] : undefined), options);
    const inForce = (name) => {
      const field = fields.find((one) => one.name === name);
      const value = valueOf(field);
      return isSet(value) ? value : field.initial;
    };
    const holds = (condition) => (
      Object.entries(condition).every(([name, values]) => values.includes(inForce(name)))
    );
    const isShown = ({ shownWhen }) => holds(shownWhen);
    const isRequired = (field) => Boolean(field.requiredWhen) && isShown(field) && holds(field.requiredWhen);
    // Before the values are loaded, no field differs from its default.
    const differs = (field) => {
      const value = valueOf(field);
      return value !== undefined && isShown(field) && spelled(value) !== spelled(field.initial);
    };
    const isMissing = (field) => isRequired(field) && !isSet(valueOf(field));
    // The address of the authenticator that is chosen, or of the one that the form is for.
    const urlOf = ({ 'x-addresses': all = {} }) => all[options && options.authenticator] || all[''];
    return { valueOf, isShown, isRequired, differs, isMissing, urlOf };
  }

  /**
   * The refusals of the server by field. The refusal of a field begins with its title, or contains it before any other
   * title. It is shown until the value of the field changes.
   */
  function useRefusals(app, fields, valueOf, t) {
    const [refused, setRefused] = useState([]);
    // The values in the form at the moment when the answer arrives.
    const current = useRef(null);
    current.current = ({ message }) => {
      const places = fields.map((field) => ({ field, place: String(message).indexOf(t(field.title)) }));
      const [first] = places.filter(({ place }) => place >= 0).sort((one, other) => one.place - other.place);
      return first && { field: first.field, message, value: spelled(valueOf(first.field)) };
    };
    useEffect(() => {
      const { response } = app.apiClient.axios.interceptors;
      const isSaving = ({ config }) => Boolean(config) && /authenticators:(create|update)/.test(config.url);
      const id = response.use((answer) => {
        if (isSaving(answer)) setRefused([]);
        return answer;
      }, (error) => {
        if (isSaving(error)) setRefused(errorsOf(error).map((refusal) => current.current(refusal)).filter(Boolean));
        return Promise.reject(error);
      });
      return () => response.eject(id);
    }, []);
    const standing = refused.filter(({ field, value }) => spelled(valueOf(field)) === value);
    return new Map(standing.map(({ field, message }) => [field.name, message]));
  }

  /**
   * Whether a group is open: always if something in it is wrong, otherwise as the user chose, otherwise if a value
   * differs from its default.
   */
  function useOpenGroups(groups, chosenFirst) {
    const [chosen, setChosen] = useState(chosenFirst);
    // A group that was opened automatically stays open when the user changes the value back.
    const opened = useRef(new Set());
    for (const { name, differs } of groups) if (differs) opened.current.add(name);
    const isOpen = ({ name, isWrong }) => {
      if (isWrong) return true;
      return name in chosen ? chosen[name] : opened.current.has(name);
    };
    const open = groups.filter(isOpen).map(({ name }) => name);
    const choose = (keys) => {
      const choice = {};
      for (const { name } of groups) if (keys.includes(name) !== open.includes(name)) choice[name] = keys.includes(name);
      setChosen((before) => ({ ...before, ...choice }));
    };
    return [open, choose];
  }

  /**
   * The fields of a schema, followed by its groups, which are folded. `options` holds the current values and `refusals`
   * the server's refusals. `renderField` draws a field, `renderReadOnly` draws one that only shows something, and
   * `between` is drawn before the groups. Groups in `openFirst` are open at the beginning.
   */
  function Options({ schema, options, refusals = new Map(), renderField, renderReadOnly, between, openFirst = {} }) {
    const t = useT();
    const fields = useMemo(() => fieldsOf(schema), [schema]);
    const { isShown, isRequired, differs, isMissing, urlOf } = look(fields, options);
    const groups = (schema['x-groups'] || []).map((group) => {
      const ours = fields.filter((field) => field.group === group.name);
      return {
        ...group,
        fields: ours,
        differs: ours.some(differs),
        isWrong: ours.some((field) => isMissing(field) || refusals.has(field.name)),
      };
    });
    const [open, choose] = useOpenGroups(groups, openFirst);

    const drawn = (field) => {
      if (field.widget === 'readOnly') return h('div', { key: field.name }, renderReadOnly(schema.properties[field.name]));
      const shown = isShown(field) || refusals.has(field.name);
      // A hidden field stays in the form, so that its value is kept and returns when the field is shown again.
      return h('div', { key: field.name, style: shown ? undefined : { display: 'none' } },
        renderField(field, { isShown: shown, isRequired: isRequired(field) }),
        urlOf(field) && h('p', null, t('Enter there:'), ' ', urlOf(field)),
        refusals.has(field.name) && h(antd.Alert, {
          type: 'error', showIcon: true, message: refusals.get(field.name), style: { margin: '-12px 0 24px' },
        }));
    };
    const panel = ({ name, title, isWrong, fields: ours }) => ({
      key: name,
      label: t(title),
      extra: isWrong && h(icons.ExclamationCircleOutlined, { 'aria-label': t('To be put right') }),
      // All fields are drawn from the beginning, so that none is missing when the form is saved.
      forceRender: true,
      children: ours.map(drawn),
    });
    return h(Fragment, null,
      fields.filter(({ group }) => !group).map(drawn),
      between,
      groups.length > 0 && h(antd.Collapse, { items: groups.map(panel), activeKey: open, onChange: (chosen) => choose([].concat(chosen)), style: { marginBottom: 24 } }));
  }

  /** The option by which people without an account get one. */
  const SIGN_UP = ['public', 'autoSignup'];

  /** Leads from NocoBase's buttons to the first field that is wrong, which may be out of sight. The page says so later. */
  function leadToMissing() {
    const lead = ({ target }) => {
      const look = (tries) => {
        const field = document.querySelector('.ant-form-item-has-error input, .ant-formily-item-error input');
        if (field) field.focus();
        else if (tries > 0) setTimeout(look, 50, tries - 1);
      };
      if (target.closest('.ant-btn-primary')) look(20);
    };
    document.addEventListener('click', lead, true);
    return () => document.removeEventListener('click', lead, true);
  }

  /**
   * The whole form of an authenticator, which is enabled or not by a field of NocoBase. `row()` returns the authenticator
   * with the values of the form, `renderItem` draws an element with a label, and `set` sets the value at a path.
   */
  function Layout({ app, schema, options, isEnabled, row, renderField, renderItem, set }) {
    const t = useT();
    const fields = useMemo(() => fieldsOf(schema), [schema]);
    const { valueOf } = look(fields, options);
    const refusals = useRefusals(app, fields, valueOf, t);
    const [tested, setTested] = useState(null);
    const [isCopied, setCopied] = useState(false);
    const testButton = useRef(null);
    const signUp = useRef(null);
    useEffect(leadToMissing, []);

    const renderReadOnly = (property) => renderItem(t(property.title), h(RedirectUrl, {
      app, property, fetchSchema, callbackOrigin: (options || {}).callbackOrigin, onCopied: () => setCopied(true),
    }));
    const test = h(TestConnection, {
      app,
      row,
      button: testButton,
      onTested: ({ ok, told }) => {
        setTested(ok ? 'Done' : 'To be put right');
        for (const [key, value] of Object.entries(told)) if (!isSet(valueOf({ path: [key] }))) set(['options', key], value);
      },
    });
    const isKept = valueOf({ path: ['clientSecret'] }) === MASK;
    const keys = ['clientId', 'clientSecret'].map((key) => isSet(valueOf({ path: [key] })));
    const states = {
      app: keys[0] && 'Done',
      keys: keys.every(Boolean) && 'Done',
      address: isKept ? 'Done' : isCopied && 'Copied',
      accounts: valueOf({ path: SIGN_UP }) ? 'Done' : 'Off',
      test: tested,
      enable: isEnabled && 'Done',
    };
    const toTest = () => testButton.current.focus();
    const enable = () => {
      set(['enabled'], true);
      toTest();
    };
    return h(Fragment, null,
      h(Guide, {
        help: schema['x-console'], isKept, states, go: { accounts: () => signUp.current.querySelector('input').focus(), test: toTest },
      }),
      h(Options, {
        schema,
        options,
        refusals,
        renderField: (field, state) => h('div', { ref: field.name === SIGN_UP.join('.') ? signUp : undefined }, renderField(field, state)),
        renderReadOnly,
        between: renderItem(undefined, h(Fragment, null, test, tested === 'Done' && !isEnabled && h(antd.Alert, {
          type: 'warning', showIcon: true, style: { marginTop: 8 }, message: t('Not enabled: nobody sees the button.'),
          action: h(antd.Button, { size: 'small', onClick: enable }, t('Enable it')),
        }))),
      }));
  }

  /** The whole form of a notification channel. */
  const ChannelForm = (props) => h(Fragment, null,
    h(Options, props),
    props.renderItem(undefined, h(SendTest, { app: props.app, ...props.options })));

  // The server shows a mask in place of a stored secret. Focus selects it as a whole, so that typing replaces it and
  // never adds to it.
  const secretInput = { autoComplete: 'new-password', onFocus: (event) => event.target.select() };

  /** How each widget of a schema is drawn in an antd form. */
  const WIDGETS = {
    text: () => h(antd.Input),
    secret: () => h(antd.Input.Password, secretInput),
    number: (label, options, { minimum, maximum }) => h(antd.InputNumber, { min: minimum, max: maximum }),
    select: (label, options) => h(antd.Radio.Group, { options, role: 'radiogroup', 'aria-label': label }),
    checkbox: (label) => h(antd.Checkbox, null, label),
    checkboxes: (label, options) => h(antd.Checkbox.Group, { options, role: 'group', 'aria-label': label }),
    texts: (label, options) => h(antd.Select, { mode: 'tags', options, optionFilterProp: 'label', tokenSeparators: [',', ' '] }),
  };

  /**
   * A field in an antd form, below `above`. `drawn` replaces the input of its widget. A choice has a title to translate, or
   * a label that is shown as it is.
   */
  function Field({ field, isRequired, above = ['options'], drawn }) {
    const t = useT();
    const color = useGrey();
    const { path, widget, title, description, initial, pattern } = field;
    const label = t(title);
    const rules = isRequired ? [{ required: true, whitespace: widget !== 'number' }] : [];
    if (isRequired && pattern) rules.push({ pattern: new RegExp(pattern), message: t('{{field}} is not valid', { field: label }) });
    return h(antd.Form.Item, {
      name: [...above, ...path],
      label: widget === 'checkbox' ? undefined : label,
      valuePropName: widget === 'checkbox' ? 'checked' : 'value',
      initialValue: initial,
      extra: description && h('span', { style: { color } }, t(description)),
      rules,
    }, drawn || WIDGETS[widget](label, field.choices.map(({ value, title: text, label: own }) => ({ value, label: own || t(text) })), field));
  }

  return { useSchema, fieldsOf, Options, Layout, ChannelForm, Field, secretInput };
});
