// What an administrator can do about a refusal with one click.

define('dingtalk/cures', [
  'antd', 'dingtalk/parts',
], (antd, { h, t }) => {
  const CONSOLE = 'https://open-dev.dingtalk.com';

  const BIND = ['USER_NOT_FOUND', 'CONFLICT', 'AMBIGUOUS'];
  const TEST = ['MISCONFIGURED', 'CODE_REJECTED', 'REFUSED', 'UNAVAILABLE'];

  /** The button that helps with a refusal, if there is one. */
  function Cure({ reason, authenticator, userId, person, go }) {
    const kind = (reason || '').replace(/^DINGTALK_/, '');
    const button = (text, props) => h(antd.Button, { size: 'small', style: { marginTop: 8 }, ...props }, text);
    if (BIND.includes(kind)) {
      return button(t('Bind by hand'), { onClick: () => go('people', { bind: { authenticator, userId, person } }) });
    }
    if (kind === 'REISSUED') return button(t('People'), { onClick: () => go('people', { search: String(userId || '') }) });
    if (TEST.includes(kind)) return button(t('Test connection'), { onClick: () => go('overview') });
    if (kind === 'NOT_MEMBER') {
      return button(t('Open the developer console'), { href: CONSOLE, target: '_blank', rel: 'noopener noreferrer' });
    }
    return null;
  }

  return { Cure };
});
