// The form of an authenticator, as far as both generations have it in common. What it asks for is the server's business:
// `dingtalk:optionsSchema` describes each option, the group that it stands in, and with which other choices it has a
// meaning. A generation says how it draws a field, and how a value is set.
'use strict';

define('nocobase-dingtalk/form', [
  'react', 'antd', '@ant-design/icons', 'nocobase-dingtalk/shared', 'nocobase-dingtalk/guide',
  'nocobase-dingtalk/connection',
], (React, antd, icons, { AUTH_TYPE, useT, errorsOf }, { Guide, RedirectUrl }, { TestConnection }) => {
  const h = React.createElement;
  /** What the server shows in place of a stored secret. */
  const MASK = '********';

  function fetchSchema(app, params, resource = AUTH_TYPE) {
    return app.apiClient.request({ url: `${resource}:optionsSchema`, params }).then((response) => response.data.data);
  }

  /** The description of a form; null until it is here. */
  function useSchema(app, resource) {
    const [schema, setSchema] = React.useState(null);
    React.useEffect(() => {
      let left = false;
      // A failure is told by the client itself.
      fetchSchema(app, undefined, resource).then((found) => left || setSchema(found), () => {});
      return () => {
        left = true;
      };
    }, []);
    return schema;
  }

  /** The options to draw, in their order: where each is kept, how it is shown, with which texts, and when. */
  function fieldsOf(schema, above = []) {
    const { properties, required = [] } = schema;
    const fields = [];
    for (const [key, property] of Object.entries(properties)) {
      const path = [...above, key];
      const widget = property['x-widget'];
      if (property.properties) {
        fields.push(...fieldsOf(property, path));
      } else if (widget !== 'hidden') {
        const { title, description, minimum, maximum, pattern, items = {}, oneOf = items.oneOf || [] } = property;
        fields.push({
          path,
          name: path.join('.'),
          widget,
          title,
          description,
          minimum,
          maximum,
          pattern,
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

  /** Null, blank texts and lists of nothing are all not set. */
  function isSet(value) {
    if (Array.isArray(value)) return value.length > 0;
    return typeof value === 'string' ? value.trim() !== '' : value !== null && value !== undefined;
  }

  /** The same text for values that mean the same, whatever the order of a list. */
  function spelled(value) {
    if (!isSet(value)) return '';
    return JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  }

  /** What the form says about its fields, with these values. */
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
    // Before the values are there, nothing differs.
    const differs = (field) => {
      const value = valueOf(field);
      return value !== undefined && isShown(field) && spelled(value) !== spelled(field.initial);
    };
    const isMissing = (field) => isRequired(field) && !isSet(valueOf(field));
    return { valueOf, isShown, isRequired, differs, isMissing };
  }

  /**
   * What the server refused to save, by the names of the fields. A refusal begins with the title of its field, or has it
   * before any other, and counts until the value is another.
   */
  function useRefusals(app, fields, valueOf, t) {
    const [refused, setRefused] = React.useState([]);
    // What stands in the form when the answer comes.
    const current = React.useRef(null);
    current.current = ({ message }) => {
      const places = fields.map((field) => ({ field, place: String(message).indexOf(t(field.title)) }));
      const [first] = places.filter(({ place }) => place >= 0).sort((one, other) => one.place - other.place);
      return first && { field: first.field, message, value: spelled(valueOf(first.field)) };
    };
    React.useEffect(() => {
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

  /** Whether a group is open: when something in it is wrong, else as the person left it, else when something was changed. */
  function useOpenGroups(groups, chosenFirst) {
    const [chosen, setChosen] = React.useState(chosenFirst);
    // What opened by itself does not close under the hands of who changes it back.
    const opened = React.useRef(new Set());
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
   * The fields of a description, and its groups folded below them. `options` are the values at the moment, `refusals` what
   * the server has against them; `renderField` draws a field, `renderReadOnly` one that only shows something, and `between`
   * stands before the groups, of which those in `openFirst` are open from the beginning.
   */
  function Options({ schema, options, refusals = new Map(), renderField, renderReadOnly, between, openFirst = {} }) {
    const t = useT();
    const fields = React.useMemo(() => fieldsOf(schema), [schema]);
    const { isShown, isRequired, differs, isMissing } = look(fields, options);
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
      // Out of sight and still there: its value is kept, and comes back with the choice that gives it a meaning.
      return h('div', { key: field.name, style: shown ? undefined : { display: 'none' } },
        renderField(field, { isShown: shown, isRequired: isRequired(field) }),
        refusals.has(field.name) && h(antd.Alert, {
          type: 'error', showIcon: true, message: refusals.get(field.name), style: { margin: '-12px 0 24px' },
        }));
    };
    const panel = ({ name, title, isWrong, fields: ours }) => ({
      key: name,
      label: t(title),
      extra: isWrong && h(icons.ExclamationCircleOutlined, { 'aria-label': t('To be put right') }),
      // All fields are there from the beginning, so that none is left out when the form is saved.
      forceRender: true,
      children: ours.map(drawn),
    });
    return h(React.Fragment, null,
      fields.filter(({ group }) => !group).map(drawn),
      between,
      h(antd.Collapse, { items: groups.map(panel), activeKey: open, onChange: (chosen) => choose([].concat(chosen)), style: { marginBottom: 24 } }));
  }

  /**
   * The whole form of an authenticator. `row()` is the authenticator as it stands, `renderItem` draws something with a label,
   * and `setOption` sets an option.
   */
  function Layout({ app, schema, options, row, renderField, renderItem, setOption }) {
    const t = useT();
    const fields = React.useMemo(() => fieldsOf(schema), [schema]);
    const { valueOf } = look(fields, options);
    const refusals = useRefusals(app, fields, valueOf, t);
    const [tested, setTested] = React.useState(null);
    const [isCopied, setCopied] = React.useState(false);
    const testButton = React.useRef(null);

    const renderReadOnly = (property) => renderItem(t(property.title), h(RedirectUrl, {
      app, property, fetchSchema, callbackOrigin: (options || {}).callbackOrigin, onCopied: () => setCopied(true),
    }));
    const test = h(TestConnection, {
      app,
      row,
      button: testButton,
      onTested: ({ ok, told }) => {
        setTested(ok ? 'good' : 'bad');
        for (const [key, value] of Object.entries(told)) if (!isSet(valueOf({ path: [key] }))) setOption([key], value);
      },
    });
    const isKept = valueOf({ path: ['clientSecret'] }) === MASK;
    const keys = ['clientId', 'clientSecret'].map((key) => isSet(valueOf({ path: [key] })));
    return h(React.Fragment, null,
      h(Guide, {
        help: schema['x-console'],
        isKept,
        hasId: keys[0],
        hasKeys: keys.every(Boolean),
        isRegistered: isCopied || isKept,
        tested,
        onTest: () => testButton.current.focus(),
      }),
      h(Options, { schema, options, refusals, renderField, renderReadOnly, between: renderItem(undefined, test) }));
  }

  // The server shows a mask in place of a stored secret. Selected as a whole, it is kept or replaced, never added to.
  const secretInput = { autoComplete: 'new-password', onFocus: (event) => event.target.select() };

  /** How each widget of a description is drawn in a form of antd. */
  const WIDGETS = {
    text: () => h(antd.Input),
    secret: () => h(antd.Input.Password, secretInput),
    number: (label, options, { minimum, maximum }) => h(antd.InputNumber, { min: minimum, max: maximum }),
    select: (label, options) => h(antd.Radio.Group, { options, role: 'radiogroup', 'aria-label': label }),
    checkbox: (label) => h(antd.Checkbox, null, label),
    checkboxes: (label, options) => h(antd.Checkbox.Group, { options, role: 'group', 'aria-label': label }),
    texts: (label, options) => h(antd.Select, { mode: 'tags', options, optionFilterProp: 'label', tokenSeparators: [',', ' '] }),
  };

  /** A field in a form of antd, below `options`. A choice has a title of ours, or a label that is shown as it is. */
  function Field({ field, isRequired }) {
    const t = useT();
    // The usual grey of hints is too pale for many eyes.
    const color = antd.theme.useToken().token.colorTextSecondary;
    const { path, widget, title, description, initial, pattern } = field;
    const label = t(title);
    const rules = isRequired ? [{ required: true, whitespace: widget !== 'number' }] : [];
    if (isRequired && pattern) rules.push({ pattern: new RegExp(pattern), message: t('{{field}} is not valid', { field: label }) });
    return h(antd.Form.Item, {
      name: ['options', ...path],
      label: widget === 'checkbox' ? undefined : label,
      valuePropName: widget === 'checkbox' ? 'checked' : 'value',
      initialValue: initial,
      extra: description && h('span', { style: { color } }, t(description)),
      rules,
    }, WIDGETS[widget](label, field.choices.map(({ value, title: text, label: own }) => ({ value, label: own || t(text) })), field));
  }

  return { useSchema, fieldsOf, Options, Layout, Field, secretInput };
});
