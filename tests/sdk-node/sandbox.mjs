// The sandbox as a test sees it: DingTalk's own Node SDK, and the control API. The SDK is used as it is installed; only
// its documented configuration says where the service is.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import openApi from '@alicloud/openapi-client';
import contact from '@alicloud/dingtalk/contact_1_0.js';
import oauth from '@alicloud/dingtalk/oauth2_1_0.js';
import robot from '@alicloud/dingtalk/robot_1_0.js';
import util from '@alicloud/tea-util';

export const CLIENT_ID = 'dingsandboxclient';
export const CLIENT_SECRET = 'sandbox-client-secret-not-a-real-one-do-not-use-anywhere-else-00';
export const CORP_ID = 'dingsandboxcorp';

const PROGRAM = process.env.NOCOBASE_DINGTALK_BIN ?? resolve(import.meta.dirname, '../../target/debug/nocobase-dingtalk');
const ANNOUNCEMENT = /DingTalk sandbox listening on http:\/\/([^\s/]+)/;

/** A running sandbox. */
export class Sandbox {
  static async start() {
    const child = spawn(PROGRAM, ['sandbox'], {
      env: { PATH: process.env.PATH, SANDBOX_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(child.stdout)) {
      const [, authority] = line.match(ANNOUNCEMENT) ?? [];
      if (authority) return new Sandbox(child, authority);
    }
    throw new Error('the sandbox ended before it listened');
  }

  constructor(child, authority) {
    this.child = child;
    this.base = `http://${authority}`;
    const config = () => new openApi.Config({ protocol: 'http', regionId: 'central', endpoint: authority });
    this.oauth = new oauth.default(config());
    this.contact = new contact.default(config());
    this.robot = new robot.default(config());
  }

  /** A page of those who left. */
  async leaveRecords(token, nextToken = '0', maxResults = 2) {
    const headers = new contact.ListEmpLeaveRecordsHeaders({ xAcsDingtalkAccessToken: token });
    const request = new contact.ListEmpLeaveRecordsRequest({ startTime: '2020-01-01T00:00:00Z', nextToken, maxResults });
    const once = new util.RuntimeOptions({ autoretry: false });
    return (await this.contact.listEmpLeaveRecordsWithOptions(request, headers, once)).body;
  }

  /** A robot's message to some people. */
  async robotSend(token, userIds, robotCode = CLIENT_ID) {
    const headers = new robot.BatchSendOTOHeaders({ xAcsDingtalkAccessToken: token });
    const msgParam = JSON.stringify({ title: 'T', text: '**x**' });
    const request = new robot.BatchSendOTORequest({ robotCode, userIds, msgKey: 'sampleMarkdown', msgParam });
    return (await this.robot.batchSendOTOWithOptions(request, headers, new util.RuntimeOptions({ autoretry: false }))).body;
  }

  /** Who has read it. */
  async robotStatus(token, processQueryKey) {
    const headers = new robot.BatchOTOQueryHeaders({ xAcsDingtalkAccessToken: token });
    const request = new robot.BatchOTOQueryRequest({ robotCode: CLIENT_ID, processQueryKey });
    return (await this.robot.batchOTOQueryWithOptions(request, headers, new util.RuntimeOptions({}))).body;
  }

  /** Takes it back. */
  async robotRecall(token, processQueryKeys) {
    const headers = new robot.BatchRecallOTOHeaders({ xAcsDingtalkAccessToken: token });
    const request = new robot.BatchRecallOTORequest({ robotCode: CLIENT_ID, processQueryKeys });
    return (await this.robot.batchRecallOTOWithOptions(request, headers, new util.RuntimeOptions({}))).body;
  }

  /** Reads a message as the person would. */
  async read(person, number) {
    await fetch(`${this.base}/_sandbox/inbox/${person}/${number}/read`, { method: 'POST' });
  }

  async stop() {
    // One that has ended by itself would never tell of its end again.
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }

  /** Calls the control API; a refusal throws. */
  async control(method, path, body = {}) {
    const answer = await fetch(`${this.base}/_sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: method === 'GET' ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  async code(person, kind = 'oauth', more = {}) {
    return (await this.control('POST', '/codes', { person, kind, ...more })).code;
  }

  /** Exchanges a code. */
  async userToken(code, clientSecret = CLIENT_SECRET) {
    const request = new oauth.GetUserTokenRequest({ clientId: CLIENT_ID, clientSecret, code, grantType: 'authorization_code' });
    return (await this.oauth.getUserToken(request)).body;
  }

  /** The app's token. */
  async appToken(appSecret = CLIENT_SECRET) {
    const request = new oauth.GetAccessTokenRequest({ appKey: CLIENT_ID, appSecret });
    return (await this.oauth.getAccessToken(request)).body;
  }

  /** The app's token, in the spelling of an organization's. */
  async organizationToken(clientSecret = CLIENT_SECRET) {
    const request = new oauth.GetTokenRequest({ clientId: CLIENT_ID, clientSecret, grantType: 'client_credentials' });
    return (await this.oauth.getToken(CORP_ID, request)).body;
  }

  /** A profile. */
  async user(token, unionId = 'me') {
    const headers = new contact.GetUserHeaders({ xAcsDingtalkAccessToken: token });
    // It would repeat a call that failed with 5xx; a test wants to see the failure.
    const once = new util.RuntimeOptions({ autoretry: false });
    return (await this.contact.getUserWithOptions(unionId, headers, once)).body;
  }
}
