// The part of DingTalk's JSAPI that asks for a code, in both forms of the call.
import dd from 'dingtalk-jsapi/core';
import 'dingtalk-jsapi/platform/android';
import 'dingtalk-jsapi/platform/harmony';
import 'dingtalk-jsapi/platform/ios';
import 'dingtalk-jsapi/platform/pc';
import { requestAuthCode$ as byOrganisation } from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode';
import { requestAuthCode$ as byApp } from 'dingtalk-jsapi/api/union/requestAuthCode';

export { byApp, byOrganisation, dd };
