// Adapts the first generation of the NocoBase client, in addition to shell.js.

define('nocobase-dingtalk-shell', ['@nocobase/client', 'nocobase-dingtalk-shell/shared'], ({ ExtendCollectionsProvider, Plugin }, { fit }) => {
  class PluginShell extends Plugin {
    async load() {
      fit(this.app, '.ant-formily-item:has(.nb-upload)');
      // The logo field asks the file manager for its rules. Without this answer, the client logs an error to the
      // console.
      this.app.addScopes({ useFileCollectionStorageRules: () => ({}) });
      // What is drawn before the descriptions of tables come hears of them only where a plugin adds a table. The list of
      // users would never come.
      this.app.use(ExtendCollectionsProvider, { collections: [{ name: 'shell', fields: [] }] });
    }
  }

  return { default: PluginShell };
});
