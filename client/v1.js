// The plugin for the first generation of the NocoBase client ("/", "/admin"). The module id is the package name.

define('@nocobase/plugin-auth-dingtalk', [
  'react', '@formily/react', '@formily/antd-v5', '@nocobase/client',
  'dingtalk/in-app', 'dingtalk/shared', 'dingtalk/sign-in',
  'dingtalk/account', 'dingtalk/form',
  'dingtalk/settings-entry',
], ({ useEffect, useMemo, useContext }, { observer, RecursionField, useFieldSchema, useForm }, { FormItem }, { DropdownVisibleContext, Plugin, SchemaComponent }, inApp, { AUTH_TYPE, DIRECTORY, MESSAGES, h, useT }, signIn, account, form, settingsEntry) => {
  /** How each widget of the server's schema is drawn in this generation. */
  const WIDGETS = {
    text: { type: 'string', 'x-component': 'Input' },
    secret: { type: 'string', 'x-component': 'Password' },
    select: { type: 'string', 'x-component': 'Radio.Group' },
    checkbox: { type: 'boolean', 'x-component': 'Checkbox' },
    checkboxes: { type: 'array', 'x-component': 'Checkbox.Group' },
    number: { type: 'number', 'x-component': 'InputNumber' },
    texts: { type: 'array', 'x-component': 'Select' },
  };

  function fieldSchema({ widget, title, description, initial, choices, minimum, maximum, pattern }, t) {
    const label = t(title);
    const named = widget === 'checkbox' ? { 'x-content': label } : { title: label };
    const role = { select: 'radiogroup', checkboxes: 'group' }[widget];
    return {
      ...WIDGETS[widget],
      ...named,
      default: initial,
      pattern,
      description: description && t(description),
      enum: choices.length > 0 ? choices.map(({ value, title }) => ({ value, label: t(title) })) : undefined,
      'x-decorator': 'DingTalkItem',
      // Formily draws the title and asterisk without connecting them to the input, so screen readers need these
      // attributes.
      'x-component-props': {
        ...(widget !== 'checkbox' && { 'aria-label': label }),
        ...(role && { role }),
        ...(widget === 'secret' && form.secretInput),
        ...(widget === 'number' && { min: minimum, max: maximum }),
        ...(widget === 'texts' && { mode: 'tags', tokenSeparators: [',', ' '] }),
      },
    };
  }

  /** A field at its path below `options`. */
  function Field({ field: { name }, isRequired }) {
    const all = useForm();
    const layout = useFieldSchema();
    // Formily reads a schema once, but whether a field is required depends on other fields.
    useEffect(() => {
      all.setFieldState(`options.${name}`, (state) => {
        state.required = isRequired;
        state.componentProps = { ...state.componentProps, 'aria-required': isRequired || undefined };
      });
    }, [isRequired]);
    return h(RecursionField, { schema: layout.properties[name], name });
  }

  /** The options of a resource inside NocoBase's form, at the path `options`. */
  function optionsForm(app, resource, layout) {
    const Layout = observer(({ schema }) => {
      const all = useForm();
      return h(layout, {
        app,
        schema,
        // Copying the values makes the form observe each of them.
        options: JSON.parse(JSON.stringify(all.values.options || {})),
        isEnabled: all.values.enabled,
        row: () => all.values,
        renderField: (field, { isRequired }) => h(Field, { field, isRequired }),
        renderItem: (label, content) => h(FormItem.BaseItem, { label }, content),
        set: (path, value) => all.setValuesIn(path, value),
      });
    });
    return function OptionsForm() {
      const t = useT();
      const schema = form.useSchema(app, resource);
      const drawn = useMemo(() => {
        if (!schema) return null;
        const properties = {};
        for (const field of form.fieldsOf(schema)) if (WIDGETS[field.widget]) properties[field.name] = fieldSchema(field, t);
        const layout = { type: 'void', 'x-component': 'DingTalkOptions', properties };
        return {
          schema: { type: 'void', properties: { layout } },
          // NocoBase's form item is made for designable pages, and has the role of a button.
          components: { DingTalkOptions: () => h(Layout, { schema }), DingTalkItem: FormItem },
        };
      }, [schema]);
      return drawn && h(SchemaComponent, drawn);
    };
  }

  /** The entry in the account menu. It closes the menu and opens the window. */
  function useMenuEntry() {
    const t = useT();
    const menu = useContext(DropdownVisibleContext);
    const onClick = () => {
      if (menu && menu.setVisible) menu.setVisible(false);
      account.open();
    };
    return { title: t('DingTalk'), onClick };
  }

  class PluginAuthDingtalk extends Plugin {
    async load() {
      this.app.pm.get('auth').registerType(AUTH_TYPE, {
        components: {
          SignInButton: signIn.signInButton(this.app, '/admin'),
          AdminSettingsForm: optionsForm(this.app, AUTH_TYPE, form.Layout),
        },
      });
      const sync = this.app.pm.get('user-data-sync');
      if (sync) sync.registerType(AUTH_TYPE, { components: { AdminSettingsForm: optionsForm(this.app, DIRECTORY, form.Options) } });
      settingsEntry.addChannelType(this.app, { ChannelConfigForm: optionsForm(this.app, MESSAGES, form.ChannelForm) });
      signIn.watch(this.app);
      this.app.addProvider(account.provider(this.app));
      this.app.addUserCenterSettingsItem({
        name: AUTH_TYPE,
        type: 'item',
        sort: 150,
        useVisible: () => account.mayBeOffered(this.app),
        useComponentProps: useMenuEntry,
      });
      settingsEntry.addToV1(this.app);
      await inApp.enter(this.app, '/admin', signIn);
    }
  }

  return { default: PluginAuthDingtalk };
});
