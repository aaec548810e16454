/**
 * The texts of fixes.ts by error code, for causes without a detail. The error table names the
 * fixer.
 */
import type { ErrorCode } from '../../errors.ts'
import type { FixTexts } from './detail-fixes.ts'

const again = 'Start the sign-in again. The answer works once, in one browser, for ten minutes.'

export const codeFixes: Partial<Record<ErrorCode, FixTexts>> = {
  upstream_unreachable: {
    title: 'Gatehouse cannot reach the identity provider',
    fix: "Check the identity provider's status page, the host in the tenant's file, and DNS, firewall and proxy of the servers.",
  },
  upstream_refused: {
    title: 'The identity provider rejected a request of Gatehouse',
    fix: "Check client ID, client secret and permissions of the application at the identity provider. The steps quote the provider's answer.",
  },
  upstream_invalid: {
    title: 'The answer of the identity provider failed a check',
    fix: "Compare the expected and the received value of the failed check, and correct the setting at the identity provider or in the tenant's file.",
  },
  sign_in_refused: {
    title: 'The identity provider refused the sign-in',
    fix: "The steps quote its error. Correct the application at the identity provider, or the scopes in the tenant's file.",
  },
  callback_malformed: {
    title: 'The answer of the identity provider is incomplete',
    fix: 'Start the sign-in again. If it happens again, look for a proxy that changes or cuts requests.',
  },
  callback_invalid: {
    title: 'The answer came from another issuer',
    fix: "Set issuer in the tenant's file to the value that was received, if it is the right one.",
  },
  connection_unknown: {
    title: 'The sign-in option does not exist',
    fix: 'Correct the link of the app: the tenant or the connection is not in the configuration.',
  },
  login_connection_mismatch: {
    title: 'The answer came back to another connection',
    fix: 'Register the callback URL of each connection only in its own application at the identity provider.',
  },
  login_unknown: { title: 'The sign-in is not known', fix: again },
  login_expired: { title: 'The sign-in took too long', fix: again },
  login_used: { title: 'The answer was sent twice', fix: again },
  login_other_browser: { title: 'The sign-in began in another browser', fix: again },
  user_denied: {
    title: 'The user canceled at the identity provider',
    fix: 'Sign in again and accept. If the user did not cancel, assign them to the application at the identity provider.',
  },
  credentials_invalid: {
    title: 'The email or the password is wrong',
    fix: 'Enter it again, or reset the password with “Forgot password?”.',
  },
  user_blocked: { title: 'The user is blocked', fix: 'Unblock the user on the page of the user, if they may sign in.' },
  user_revoked: {
    title: "An upstream revoked the user's access",
    fix: 'Sign in with the identity provider that revoked it, or unblock the user on the page of the user.',
  },
  user_unknown: {
    title: 'The user is unknown, and the connection creates no users',
    fix: "Add the user, or set createUsers: true for the connection in the tenant's file.",
  },
  method_suspended: {
    title: 'The sign-in method is suspended since a password reset',
    fix: 'Sign in with another method and confirm this one on the account page.',
  },
  linking_refused: {
    title: 'The linking rule of the connection forbids this sign-in method',
    fix: "Sign in with the method used before, or change linking in the tenant's file.",
  },
  sso_required: {
    title: 'The domain is ssoOnly, and the user signed in with another method',
    fix: "Sign in with the connection of the domain. For emergency access, list a proven email in ssoOnly.except of the tenant's file.",
  },
  link_refused: {
    title: 'Another user has this email',
    fix: "The user signs in with the method used before. To link by email instead, the tenant admin lists the email's domain in domains of the connection. If the provider does not say that emails are verified, the domain also needs the DNS record that gatehouse domains check prints.",
  },
  link_mismatch: {
    title: 'The user signed in as another user than the one to link',
    fix: 'Go back and choose the sign-in method used before.',
  },
  identity_taken: {
    title: 'Another user has this sign-in method',
    fix: 'Sign in with it and remove it from the other account first, or go on with that account.',
  },
  access_refused: {
    title: 'The user may not use this app or site',
    fix: 'Give the user the required role or group, or change the access rule of the app.',
  },
  permission_refused: {
    title: 'The user lacks a role of Gatehouse',
    fix: "Give the user the role: list their email in `access.developer` or `access.admin` of the tenant's file, or run `gatehouse roles assign`. See `docs/operations/roles.md`.",
  },
  redirect_uri_refused: {
    title: 'The redirect URI of the app is not registered',
    fix: 'Register the exact redirect URI in the settings of the app.',
  },
  return_to_refused: {
    title: 'The return address is not registered',
    fix: "Add the origin of the app to returnOrigins in the tenant's file, or correct return_to in the app.",
  },
  app_request_refused: {
    title: 'The app sent an invalid request',
    fix: 'Correct the authorization request of the app: the steps name the parameter.',
  },
  id_token_refused: {
    title: 'The ID token of the app is not accepted',
    fix: 'Compare the failed check: the client ID of the app belongs in audiences of the connection, and a token counts once.',
  },
  too_many_attempts: {
    title: 'A rate limit was reached',
    fix: 'Wait for the time that the page names. If many users share one address, see `docs/reference/limits.md`.',
  },
  link_invalid: { title: 'The emailed link no longer works', fix: 'Request a new link.' },
  password_weak: {
    title: 'The password is too weak',
    fix: 'Choose a longer one, which is not on a list of known passwords.',
  },
  passkey_invalid: {
    title: 'The passkey was refused',
    fix: 'The trace names the check that failed. If the passkey was removed, sign in another way and create a new one.',
  },
  passkeys_unavailable: {
    title: 'Passkeys are not offered here',
    fix: 'Set `passkeys.signIn` of the tenant, and reach Gatehouse by a domain name.',
  },
  authenticator_unknown: { title: 'The user has no such authenticator', fix: 'Open the list of authenticators again.' },
  authenticators_full: {
    title: 'The user has the maximum number of authenticators',
    fix: 'Remove one that is no longer used.',
  },
  email_invalid: { title: 'The email is not valid', fix: 'Correct the email and try again.' },
  session_invalid: { title: 'The session has ended', fix: 'Sign in again.' },
  cookie_domain_mismatch: {
    title: 'Browsers do not send the session cookie to this address',
    fix: 'Set cookie.domain in gatehouse.yaml to a domain that contains both addresses.',
  },
  plugin_failed: {
    title: 'A plugin failed',
    fix: 'Correct or update the plugin that the steps name.',
  },
  server_busy: {
    title: 'Gatehouse was busy',
    fix: 'Try again. If it happens often, add processes or CPU.',
  },
  store_unavailable: {
    title: 'A store of Gatehouse was unavailable',
    fix: 'Check the databases on the Overview page of `/admin`.',
  },
  internal: {
    title: 'A fault of Gatehouse',
    fix: 'Search the log for the reference, and report the fault with its stack.',
  },
}
