// Adapts the first generation of the NocoBase client, in addition to shell.js.

define('nocobase-dingtalk-shell', ['@nocobase/client', 'nocobase-dingtalk-shell/shared'], ({ ExtendCollectionsProvider, Plugin }, { fit }) => {
  class PluginShell extends Plugin {
    async load() {
      fit(this.app, '.ant-formily-item:has(.nb-upload)');
      // The logo field asks the file manager for its rules. Without this answer, the client logs an error to the
      // console.
      this.app.addScopes({ useFileCollectionStorageRules: () => ({}) });
      // When the descriptions of tables come, the client tells what is drawn already only where a plugin adds a table, as
      // NocoBase's file manager does. Without one, the list of users never comes if it is drawn before them.
      this.app.use(ExtendCollectionsProvider, { collections: [{ name: 'nocobaseDingtalk', fields: [] }] });
    }
  }

  return { default: PluginShell };
});
