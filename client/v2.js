// The plugin for the second generation of the NocoBase client ("/v/", "/v/admin").

define('@nocobase/plugin-auth-dingtalk/client-v2', [
  'antd', '@nocobase/client-v2', 'dingtalk/in-app', 'dingtalk/shared',
  'dingtalk/sign-in', 'dingtalk/account', 'dingtalk/form',
  'dingtalk/settings-entry',
], (antd, { Plugin, UserCenterActionItemModel }, inApp, { AUTH_TYPE, DIRECTORY, MESSAGES, NAMESPACE, h }, signIn, account, form, settingsEntry) => {
  /** The options of a resource inside NocoBase's form. Names start at the root of the row. */
  function optionsForm(app, resource, layout) {
    return function OptionsForm() {
      const schema = form.useSchema(app, resource);
      const instance = antd.Form.useFormInstance();
      const options = antd.Form.useWatch('options', { form: instance, preserve: true });
      const isEnabled = antd.Form.useWatch('enabled', { form: instance, preserve: true });
      if (!schema) return null;
      return h(layout, {
        app,
        schema,
        options,
        isEnabled,
        row: () => instance.getFieldsValue(true),
        renderField: (field, { isRequired }) => h(form.Field, { field, isRequired }),
        renderItem: (label, content) => h(antd.Form.Item, { label }, content),
        set: (path, value) => instance.setFieldValue(path, value),
      });
    };
  }

  /** This generation requests components with a promise; these are small enough to be loaded already. */
  function loaderOf(component) {
    return async () => ({ default: component });
  }

  /** The entry in the account menu. */
  function menuItem(app) {
    class DingTalkAccountItemModel extends UserCenterActionItemModel {
      constructor(...options) {
        super(...options);
        Object.assign(this, { section: 'profile', sort: 150 });
      }

      getLabelNode() {
        return this.context.t('DingTalk', { ns: [NAMESPACE, 'client'], nsMode: 'fallback' });
      }

      async prepare() {
        this.ready = (await account.offered(app)).length > 0;
      }

      async onClick() {
        account.open();
      }
    }
    DingTalkAccountItemModel.itemId = AUTH_TYPE;
    return { DingTalkAccountItemModel };
  }

  class PluginAuthDingtalk extends Plugin {
    async load() {
      this.app.pm.get('auth').registerType(AUTH_TYPE, {
        signInButtonLoader: loaderOf(signIn.signInButton(this.app, '/v/admin')),
        adminSettingsFormLoader: loaderOf(optionsForm(this.app, AUTH_TYPE, form.Layout)),
      });
      const sync = this.app.pm.get('user-data-sync');
      if (sync) {
        const AdminSettingsFormLoader = loaderOf(optionsForm(this.app, DIRECTORY, form.Options));
        sync.registerType(AUTH_TYPE, { components: { AdminSettingsFormLoader } });
      }
      settingsEntry.addChannelType(this.app, { ChannelConfigFormLoader: loaderOf(optionsForm(this.app, MESSAGES, form.ChannelForm)) });
      signIn.watch(this.app);
      this.app.addProvider(account.provider(this.app));
      this.app.flowEngine.registerModels(menuItem(this.app));
      settingsEntry.addToV2(this.app);
      await inApp.enter(this.app, '/v/admin', signIn);
    }
  }

  return { default: PluginAuthDingtalk };
});
