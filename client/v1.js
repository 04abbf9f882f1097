// The plugin for the first generation of the NocoBase client ("/", "/admin"). The module id is the package name.
'use strict';

define('@nocobase/plugin-auth-dingtalk', [
  'react', 'react-router-dom', '@formily/react', '@nocobase/client', '@nocobase/plugin-auth-dingtalk/in-app',
  '@nocobase/plugin-auth-dingtalk/shared', '@nocobase/plugin-auth-dingtalk/form',
], (React, { Navigate }, { observer, useForm }, { Plugin, SchemaComponent }, inApp, shared, form) => {
  const { AUTH_TYPE, useT, signInButton } = shared;
  const h = React.createElement;

  /** How each widget of the server's description is drawn here. */
  const WIDGETS = {
    text: { type: 'string', 'x-component': 'Input' },
    secret: { type: 'string', 'x-component': 'Password' },
    select: { type: 'string', 'x-component': 'Radio.Group' },
    checkbox: { type: 'boolean', 'x-component': 'Checkbox' },
    checkboxes: { type: 'array', 'x-component': 'Checkbox.Group' },
  };

  function fieldSchema({ widget, title, description, required, initial, choices }, t) {
    const label = t(title);
    const named = widget === 'checkbox' ? { 'x-content': label } : { title: label };
    const role = { select: 'radiogroup', checkboxes: 'group' }[widget];
    return {
      ...WIDGETS[widget],
      ...named,
      required,
      default: initial,
      description: description && t(description),
      enum: choices.length > 0 ? choices.map(({ value, title }) => ({ value, label: t(title) })) : undefined,
      'x-decorator': 'FormItem',
      // Formily draws the title and the asterisk without tying them to the input, hence the same for screen readers.
      'x-component-props': {
        ...(widget !== 'checkbox' && { 'aria-label': label }),
        ...(required && { 'aria-required': true }),
        ...(role && { role }),
        ...(widget === 'secret' && form.secretInput),
      },
    };
  }

  /** All options below each other, those of groups within them. */
  function formSchema(schema, t) {
    const root = { type: 'object', properties: {} };
    for (const field of form.fieldsOf(schema)) {
      let { properties } = root;
      for (const group of field.path.slice(0, -1)) {
        if (!properties[group]) properties[group] = { type: 'object', properties: {} };
        ({ properties } = properties[group]);
      }
      properties[field.path[field.path.length - 1]] = fieldSchema(field, t);
    }
    const decorated = (component, title) => ({ type: 'void', title, 'x-decorator': 'FormItem', 'x-component': component });
    Object.assign(root.properties, {
      redirectUrl: decorated('RedirectUrl', t(schema.properties.redirectUrl.title)),
      consoleHelp: decorated('ConsoleHelp'),
      testConnection: decorated('TestConnection'),
    });
    return root;
  }

  /** Rendered inside the form of the authenticator, at the path `options`. */
  function adminSettingsForm(app) {
    const RedirectUrl = observer(({ property }) => {
      const { options } = useForm().values;
      return h(form.RedirectUrl, { app, property, callbackOrigin: options && options.callbackOrigin });
    });
    const TestConnection = () => {
      const { values } = useForm();
      return h(form.TestConnection, { app, row: () => values });
    };
    return function AdminSettingsForm() {
      const t = useT();
      const schema = form.useSchema(app);
      const drawn = React.useMemo(() => schema && {
        schema: formSchema(schema, t),
        components: {
          RedirectUrl: () => h(RedirectUrl, { property: schema.properties.redirectUrl }),
          ConsoleHelp: () => h(form.ConsoleHelp, { help: schema['x-console'] }),
          TestConnection,
        },
      }, [schema]);
      return drawn && h(SchemaComponent, drawn);
    };
  }

  class PluginAuthDingtalk extends Plugin {
    async load() {
      this.app.pm.get('auth').registerType(AUTH_TYPE, {
        components: {
          SignInButton: signInButton(this.app, '/admin'),
          AdminSettingsForm: adminSettingsForm(this.app),
        },
      });
      // Where «Settings» on the card of the plugin leads; the card looks for a page of the plugin's name.
      const settings = this.app.pluginSettingsManager;
      const to = settings.getRoutePath('auth.authenticators');
      settings.add('auth-dingtalk', {
        title: AUTH_TYPE,
        hidden: true,
        hideInMenu: true,
        aclSnippet: 'pm.auth.authenticators',
        Component: () => h(Navigate, { to, replace: true }),
      });
      await inApp.enter(this.app, '/admin');
    }
  }

  return { default: PluginAuthDingtalk };
});
