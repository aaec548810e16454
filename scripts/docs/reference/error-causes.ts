/** What docs/reference/errors.md says about the cause of each error code, by topic. */
import type { ErrorCode } from '../../../src/errors.ts'

export const errorCauses = {
  Requests: {
    request_invalid: 'the request is malformed',
    credentials_conflict:
      'the request has two different [credentials](../sessions/index.md#present-a-credential); the text names both places',
    email_invalid: 'the email address is malformed',
    request_too_large: 'the request is too large',
    not_found: 'no such address',
    method_not_allowed: 'the address does not support this method',
    origin_refused: 'the request came from another site',
    return_to_refused: '`return_to` is not an allowed address',
    too_many_attempts: 'a [rate limit](limits.md)',
  },
  'Sign-in': {
    connection_unknown: 'no such tenant or connection',
    login_unknown: 'the answer belongs to no known login',
    login_expired: 'the login took longer than ten minutes',
    login_used: 'the login is already finished',
    login_other_browser: 'the login started in another browser',
    login_connection_mismatch: "the answer came to another connection's callback",
    callback_malformed: "the upstream's answer is unreadable",
    callback_invalid: 'the answer is forged, replayed or from another issuer',
    sign_in_refused: 'the upstream answered with an OAuth error or a SAML status',
    user_denied: 'the user or the upstream canceled',
    credentials_invalid: 'wrong email or password',
    user_blocked: 'the user is blocked',
    user_revoked:
      'an upstream revoked the user; see [Revocation](../sign-in-methods/index.md#revocation-by-an-upstream)',
    method_suspended: 'the sign-in method or passkey was added before a password reset or an undo',
    linking_refused: 'the `linking` rule does not allow this method',
    sso_required: 'the domain is [`ssoOnly`](../users/sso-only.md); `connection` is the one to use',
    user_unknown: 'the connection has `createUsers: false`',
    link_refused: 'another user has this email, and this connection cannot prove it',
    link_mismatch: 'the user proved to be someone else',
    identity_taken: 'another user has this identity',
    identity_unknown: 'the user has no such sign-in method',
    identity_last: 'the only sign-in method of a user cannot be removed',
    deletion_refused: 'the tenant does not let users delete their accounts (`accounts.deletion`)',
    user_owns_apps: 'a user who owns apps is not deleted; delete or transfer the apps first',
    email_not_verifiable: 'a connection speaks for the domain of the address, or another user has proven it',
  },
  'Apps behind a reverse proxy': {
    access_refused: '`/verify`: the user lacks the group, role or tenant',
    cookie_domain_mismatch: '`/verify`: the session cookie cannot reach the app',
  },
  Upstreams: {
    upstream_unreachable: 'the upstream does not respond',
    upstream_refused: "the upstream's server answered with an error",
    upstream_invalid: "the answer of the upstream's server failed a check",
    plugin_failed:
      'a plugin cannot be loaded, or a function of it threw, hung or returned no usable value; the trace names it',
    id_token_refused: 'an exchanged ID token failed a check',
  },
  'Passwords, emailed links and codes': {
    password_weak: 'the password is too short, too long or too common',
    link_invalid: 'the emailed link was used, replaced or is too old',
    code_invalid: 'the emailed code is wrong',
    code_expired: 'the emailed code was used, is too old, or was entered wrongly five times',
  },
  'Second factors': {
    factor_invalid: 'the one-time password, recovery code or passkey is wrong, too old or was used',
    factor_last: 'the tenant requires a second factor, and this is the only one of the user',
    factor_missing: 'the user has no authenticator app or passkey',
    factor_not_allowed: 'the user adds or uses a kind of second factor that `mfa.methods` of the tenant does not list',
    enrollment_expired: 'the setup of an authenticator app is finished, replaced or older than ten minutes',
    mfa_required:
      'the sign-in needs a second factor; `challenge` and `methods` finish it ([second factors](../users/second-factors.md))',
    mfa_challenge_invalid:
      'the challenge of a second factor is unknown, used, expired, or of another browser or origin',
  },
  Passkeys: {
    passkey_invalid: 'the response of a passkey failed a check, or its challenge expired or was used',
    passkeys_unavailable:
      'passkeys need a domain, and `publicUrl` has an IP address; or the tenant has them turned off',
    authenticator_unknown: 'the user has no such authenticator',
    authenticators_full: 'the user has the maximum number of authenticators',
  },
  Sessions: {
    session_invalid: 'the session token is missing, unknown or expired',
    fresh_sign_in_required:
      'it needs a sign-in or a second factor of the last ten minutes; see [Step-up](../users/recovery.md#step-up)',
    cross_site_refused:
      'a page on another site asked for a cookie; see [`sessions.crossSite`](../sessions/headless.md#pages-on-another-site)',
    session_unknown: 'no such session of this user',
  },
  'API tokens': {
    token_unknown: 'no such API token of this user, or it has ended',
    token_invalid: 'a field of the API token is invalid; `faults` names it, what was received and what is allowed',
    token_rotated: 'another request rotated the API token first; the text names its successor',
    token_suspended: 'the API token is suspended because your password changed; confirm it first',
    tokens_full: 'the user has the maximum number of API tokens',
  },
  'Roles and permissions': {
    permission_refused: 'no role of the user has the permission; the text names the roles that have it',
    api_token_refused: 'an API token can never do this, or this one lacks the scope; the text says which',
  },
  'OpenID Connect requests of apps': {
    redirect_uri_refused: 'the redirect URI is not registered',
    app_request_refused: 'the authorization request is invalid',
    refresh_reused: 'a replaced refresh token was used again',
    code_reused: 'an authorization code was used twice',
    code_refused: 'the code is unknown, too old, or bound to another app, redirect URI or challenge',
    app_not_first_party: 'only first-party apps get sessions',
    interaction_expired: 'the sign-in to the app is finished, too old, or from another browser',
  },
  'Apps and their credentials': {
    app_unknown: 'no such app of this developer',
    app_invalid: 'an app setting is invalid',
    app_declared: 'the app is declared in gatehouse.yaml; change that file',
    app_access_refused: 'the access rules of the app do not allow the user; see [Access to apps](../apps/access.md)',
    app_owner_only: 'the app itself may not change this setting; its owner may',
    app_authentication_failed: "the app's secret or signed JWT was rejected",
    user_not_visible: 'no such user shares attributes with this app',
    secret_unknown: 'no such client secret of this developer',
    secret_refused: 'the client secret cannot be created or rotated like this',
  },
  'Gatehouse itself': {
    signing_keys_unchanged:
      'a signing key was not rotated or retired, since apps or tokens would lose by it; send `now` to do it all the same',
    server_busy: 'too much work at this moment',
    store_unavailable: 'a store does not respond; see [Storage](../operations/storage.md#when-a-store-is-unavailable)',
    internal: 'an unexpected error; the log has the details',
  },
} as const satisfies Readonly<Record<string, Partial<Record<ErrorCode, string>>>>
