// How long a person takes who is copied into a real NocoBase: by a run of the directory, and by NocoBase's own `userData:push`
// of the same people. `make bench-directory-peer` runs this; DB_DIALECT names the database.

import { setTimeout as sleep } from 'node:timers/promises';

import { DIALECT } from './database.mjs';
import { call } from './http.mjs';
import { discard, peer, prepare, preparedNocoBase } from './prepared.mjs';

const PEOPLE = Number(process.env.BENCH_DIRECTORY_PEOPLE ?? 500);
const OF_A_DEPARTMENT = 20;
/** People of one push. */
const BATCH = 100;
const LOOK_MS = 50;
/** The sandbox's company, beside which it has others. */
const COMPANY = 'dingsandboxcorp';

/** Milliseconds from when people are known and planned for to the end of the run: reading has the pace that DingTalk allows. */
async function ours() {
  const company = { people: PEOPLE, departments: Math.ceil(PEOPLE / OF_A_DEPARTMENT), seed: 1 };
  await peer.change('company', 'PUT', company);
  const options = { safetyLimitPercent: 100, events: { mode: 'off' } };
  await peer.data('dingtalkDirectory:saveSource', { authenticator: 'office', enabled: true, options });
  await peer.data('dingtalkDirectory:run', { authenticator: 'office' });
  let began;
  for (;;) {
    const [run] = await peer.data('dingtalkDirectory:runs?sort=-id&pageSize=1');
    if (run?.phase === 'apply') began ??= performance.now();
    if (run && run.state !== 'running') {
      if (run.state !== 'succeeded' || run.counts.created !== PEOPLE) throw new Error(JSON.stringify(run));
      return performance.now() - began;
    }
    await sleep(LOOK_MS);
  }
}

/** Milliseconds of NocoBase's own push into another NocoBase, departments first. */
async function nocobases() {
  const ask = async (path) => (await fetch(`${peer.sandboxOrigin}/_sandbox/${path}`)).json();
  const [everybody, departments] = [await ask('people'), await ask('departments')];
  const people = everybody.filter(({ corpId }) => corpId === COMPANY);
  const { nocobase, root } = await preparedNocoBase();
  try {
    const push = async (dataType, records) => {
      const answer = await call(nocobase.origin, root, 'userData:push', { dataType, sourceName: 'dingtalk', matchKey: 'phone', records });
      if (answer.status !== 200 || answer.json.data.result.some(({ detail }) => detail.count.failed > 0)) throw new Error(answer.text);
    };
    const began = performance.now();
    await push('department', departments.map(({ id, name, parentId }) => ({ uid: String(id), title: name, parentUid: parentId ? String(parentId) : undefined })));
    const records = people.map((person) => ({
      uid: person.userid,
      nickname: person.name,
      phone: person.mobile,
      departments: person.departments.map(({ id }) => ({ uid: String(id) })),
    }));
    for (let first = 0; first < records.length; first += BATCH) await push('user', records.slice(first, first + BATCH));
    return performance.now() - began;
  } finally {
    await nocobase.discard();
  }
}

try {
  await prepare();
  const [run, push] = [await ours(), await nocobases()];
  const each = (milliseconds) => (milliseconds / PEOPLE).toFixed(1);
  console.log(`${PEOPLE} people into NocoBase on ${DIALECT}: ${each(run)} ms each by a run, ${each(push)} ms each by userData:push`);
  process.exitCode = run <= push ? 0 : 1;
} finally {
  await discard();
}
process.exit();
