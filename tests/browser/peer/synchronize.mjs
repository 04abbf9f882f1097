// The directory before a real NocoBase: people and departments are copied from its own page «Synchronize», in both generations
// of the web client, and are seen on its own pages. `make test-peer` runs this on each database.

import { after, before, describe } from 'node:test';

import { GENERATIONS } from '../stories.mjs';
import { DIALECT } from './database.mjs';
import { discard, peer, prepare, PREPARATION_MS } from './prepared.mjs';
import { synchronization } from './sync-page.mjs';

before(prepare, { timeout: PREPARATION_MS });
after(discard);

for (const generation of GENERATIONS) {
  describe(`The page «Synchronize» of NocoBase on ${DIALECT}, in the ${generation.name} client`, () => synchronization(peer, generation));
}
