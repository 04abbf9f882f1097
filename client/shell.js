// Adapts both generations of the NocoBase client to a server that has no files and no page for roles. It is sent before
// shell-v1.js or shell-v2.js, as one file.
// The directive counts for all files of the script that the server sends.
'use strict';

define('nocobase-dingtalk-shell/shared', [], () => {
  /**
   * Calls new listeners to the system settings at once if the settings are already loaded. The client's components draw
   * first and subscribe later, so they would miss an answer that arrives between the two. A sign-in page would then
   * stay without its title and languages. This happens with a fast answer on a slow machine.
   */
  function tellLateListeners(settings) {
    if (!settings || typeof settings.subscribe !== 'function') return;
    const subscribe = settings.subscribe.bind(settings);
    settings.subscribe = (listener) => {
      const unsubscribe = subscribe(listener);
      if (settings.data) listener();
      return unsubscribe;
    };
  }

  /** Removes what does not work here. `logo` selects the field of the logo in the system settings. */
  function fit(app, logo) {
    tellLateListeners(app.systemSettings);
    // This also removes the link on the plugin's card.
    app.pluginSettingsManager.remove('users-permissions.roles');
    const interfaces = app.dataSourceManager.collectionFieldInterfaceManager;
    // Nobody filters by passwords, and this server does not filter by associations.
    for (const name of ['password', 'm2m']) {
      const found = interfaces.getFieldInterface(name);
      if (found) found.filterable = undefined;
    }
    // A logo would have to be uploaded, but this server does not store files.
    const style = document.createElement('style');
    style.textContent = `${logo} {display:none}`;
    document.head.append(style);
  }

  return { fit };
});
