//! Instructions for a running sandbox, which `--help` shows.

/// The text after the options of a command that runs the sandbox. A test follows every step.
pub const GUIDE: &str = "\
It stands in for login.dingtalk.com, api.dingtalk.com and oapi.dingtalk.com at once: give your program
http://127.0.0.1:13010 instead of each, and the Client ID, Client Secret and Corp ID above.

One sign-in by hand:

  1. Open the login page in a browser and pick a person. It leads to the redirect URI with a code:
     http://127.0.0.1:13010/oauth2/auth?client_id=dingsandboxclient&response_type=code&scope=openid&state=1&prompt=consent&redirect_uri=http://127.0.0.1:13000/
     Without a browser: POST /_sandbox/codes {\"person\": \"lina\", \"kind\": \"oauth\"}
  2. The code becomes the token of the person:
     POST /v1.0/oauth2/userAccessToken {\"clientId\": \"…\", \"clientSecret\": \"…\", \"code\": \"…\", \"grantType\": \"authorization_code\"}
  3. Who it is: GET /v1.0/contact/users/me, with the header x-acs-dingtalk-access-token
  4. The application's own token: POST /v1.0/oauth2/accessToken {\"appKey\": \"…\", \"appSecret\": \"…\"}
  5. Whether the organization knows them: POST /topapi/user/getbyunionid?access_token=… {\"unionid\": \"…\"}

Bodies are JSON, declared as such. What else there is:

  POST /_sandbox/people     hires somebody: {\"id\": \"newbie\", \"name\": \"新人\"}
  GET  /_sandbox/people     who can sign in; each stands for a situation that a program has to handle
  GET  /_sandbox/departments
                            the departments; /topapi/v2/department/listsub and /topapi/v2/user/list show them to an app
  GET  /_sandbox/events     the events that were sent, through the Stream or by callback
  GET  /_sandbox/inbox/lina the messages that somebody got, as cards
  POST /_sandbox/faults     lets a call fail: {\"endpoint\": \"/topapi/v2/user/get\", \"fault\": \"throttle\"}
  GET  /_sandbox/requests   the calls so far
  GET  /_sandbox/webview    how to look at a page inside DingTalk's client
  POST /_sandbox/reset      back to the beginning

sandbox/README.md describes all of it, and what is not known of the real DingTalk.";
