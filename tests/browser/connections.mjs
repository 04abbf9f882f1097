// Every `fetch` of a test has a connection of its own.
//
// The demo and its sandbox close a connection that is unused for five seconds. A request that meets this end is lost, and
// a test that waits for pages asks only now and then.

import { Agent, setGlobalDispatcher } from 'undici';

setGlobalDispatcher(new Agent({ pipelining: 0 }));
