// Draws the sign-ins by day and result as SVG.

define('dingtalk/chart', [
  'antd', 'dingtalk/parts',
], (antd, { h, theApp, t, Empty }) => {
  const HEIGHT = 80;
  const WIDTH = 20;
  const GAP = 4;

  /** All days from the first one on, in UTC like those of the server. */
  function everyDay(firstDay, days, counted) {
    const known = new Map(counted.map((day) => [day.day, day]));
    const first = new Date(`${firstDay}T00:00:00Z`).getTime();
    return Array.from({ length: days }, (_, index) => {
      const day = new Date(first + index * 86400000).toISOString().slice(0, 10);
      return known.get(day) || { day, success: 0, refused: 0 };
    });
  }

  function Key({ color, text }) {
    const square = { display: 'inline-block', width: 10, height: 10, background: color, marginInlineEnd: 6 };
    return h('span', { style: { display: 'inline-block', marginInlineEnd: 16 } }, h('span', { style: square }), text);
  }

  /** One authenticator's days, with a bar for each. Refusals are at the top of the bar. */
  function Chart({ firstDay, days, counted }) {
    const { token } = antd.theme.useToken();
    const all = everyDay(firstDay, days, counted);
    const sum = (key) => all.reduce((total, day) => total + day[key], 0);
    const [success, refused] = [sum('success'), sum('refused')];
    if (success + refused === 0) return h(Empty, { text: t('No sign-ins in the last 30 days') });
    const most = Math.max(...all.map((day) => day.success + day.refused));
    const named = (day) => new Date(`${day}T00:00:00Z`)
      .toLocaleDateString(theApp().i18n.language, { timeZone: 'UTC', day: 'numeric', month: 'short' });
    const high = (count) => (count / most) * HEIGHT;
    const bars = all.map((day, index) => {
      const [below, above] = [high(day.success), high(day.refused)];
      const bar = (y, height, fill) => h('rect', { x: index * WIDTH, y, width: WIDTH - GAP, height, fill });
      return h('g', { key: day.day },
        h('title', null, `${named(day.day)}: ${t('Succeeded')} ${day.success}, ${t('Refused')} ${day.refused}`),
        // A day without sign-ins still needs an area for the tooltip.
        bar(0, HEIGHT, 'transparent'),
        bar(HEIGHT - below, below, token.colorSuccess),
        bar(HEIGHT - below - above, above, token.colorError));
    });
    const label = `${t('Sign-ins of the last 30 days')}: ${t('Succeeded')} ${success}, ${t('Refused')} ${refused}`;
    // SVG has no other direction, so its labels have none, either.
    const ends = { display: 'flex', justifyContent: 'space-between', direction: 'ltr', color: token.colorTextSecondary };
    return h('div', null,
      h('div', null,
        h(Key, { color: token.colorSuccess, text: `${t('Succeeded')} ${success}` }),
        h(Key, { color: token.colorError, text: `${t('Refused')} ${refused}` })),
      h('svg', {
        role: 'img',
        'aria-label': label,
        viewBox: `0 0 ${all.length * WIDTH} ${HEIGHT}`,
        preserveAspectRatio: 'none',
        style: { width: '100%', height: HEIGHT, marginTop: 8, borderBottom: `1px solid ${token.colorBorder}` },
      }, bars),
      h('div', { style: ends },
        h('span', null, named(all[0].day)),
        h('span', null, named(all[all.length - 1].day))));
  }

  return { Chart };
});
