/** Texts for users and API clients by error code: what happened, then what to do. */
import type { ErrorCode, GatehouseError } from '../errors.ts'
import { accountErrorTexts } from './texts/account-error-texts.ts'
import { factorErrorTexts } from './texts/factor-error-texts.ts'

export interface ErrorText {
  /** Heading of the page, and `title` of the problem document (RFC 9457). */
  readonly title: string
  readonly text: string
  /** On a page, where the text is about the API. */
  readonly page?: string
}

export const errorTexts: Readonly<Record<ErrorCode, ErrorText>> = {
  // the request
  request_invalid: {
    title: 'Invalid request',
    text: 'Something in the request is missing or malformed. Go back and try again.',
  },
  credentials_conflict: {
    title: 'Two different credentials',
    text: 'This request has two different credentials. Send one of them.',
  },
  email_invalid: {
    title: 'Enter a valid email address',
    text: 'Check it for typing errors. It should look like name@example.com, with letters of one alphabet.',
  },
  request_too_large: { title: 'Request too large', text: 'The request exceeds the size limit. Send less data.' },
  not_found: { title: 'Page not found', text: 'The link may be outdated or mistyped.' },
  method_not_allowed: { title: 'Method not allowed', text: 'This address does not support this HTTP method.' },
  origin_refused: {
    title: 'This request came from another site',
    text: 'For your security, we accept it only from our own pages. Open the page again and repeat what you did.',
  },
  return_to_refused: {
    title: "This return address isn't registered",
    text: 'The app asked us to send you to an address that is not registered for it.',
  },
  too_many_attempts: { title: 'Too many attempts', text: 'Wait a few minutes, then try again.' },
  // a login
  connection_unknown: {
    title: 'Sign-in option not found',
    text: 'The organization or the sign-in option in the link does not exist here. Start from the sign-in page.',
  },
  login_unknown: {
    title: 'This sign-in is no longer valid',
    text: 'It has expired or was already completed. Please start again.',
  },
  login_expired: {
    title: 'This sign-in has expired',
    text: 'For your security, a sign-in must be completed within a few minutes. Please start again.',
  },
  login_used: {
    title: 'This sign-in was already completed',
    text: 'You may have gone back or reloaded the page. You can continue.',
  },
  login_other_browser: {
    title: 'This sign-in was started in another browser',
    text: 'Complete a sign-in in the browser where you started it, with cookies allowed. Start again here.',
  },
  login_connection_mismatch: {
    title: 'This response belongs to another sign-in',
    text: 'The response came back to the wrong address. Start again, or choose another way to sign in.',
  },
  callback_malformed: {
    title: "We couldn't read the response from the identity provider",
    text: 'Start again, or choose another way to sign in.',
  },
  callback_invalid: {
    title: "We couldn't verify the sign-in response",
    text: 'The response that your browser brought from the identity provider failed our checks, so we stopped. Start again, or choose another way to sign in.',
  },
  sign_in_refused: {
    title: 'The identity provider reported an error',
    text: 'It returned an error instead of signing you in. Try again, or choose another way to sign in.',
  },
  user_denied: {
    title: 'Sign-in was canceled',
    text: 'You or the identity provider canceled the sign-in. Try again, or choose another way to sign in.',
  },
  credentials_invalid: {
    title: 'Email or password is wrong',
    text: 'Check both and try again, or reset your password.',
  },
  user_blocked: { title: 'Your access is blocked', text: 'You cannot sign in until you are unblocked.' },
  user_revoked: {
    title: 'Sign in with your organization first',
    text: 'Your identity provider ended your access everywhere. Sign in with it again; after that, your other sign-in methods work too.',
  },
  method_suspended: {
    title: 'This sign-in method is suspended',
    text: 'It was added before your password was reset, or a change was undone. Sign in with another method, then confirm it on your account page.',
  },
  linking_refused: {
    title: 'This sign-in method cannot be added',
    text: 'Your organization does not allow this additional sign-in method. Sign in with the method you used before.',
  },
  sso_required: {
    title: 'Sign in with your organization',
    text: 'Your organization allows no other sign-in method for your email domain.',
  },
  user_unknown: {
    title: "You don't have access yet",
    text: 'You proved who you are, but your organization does not accept new users through this sign-in method.',
  },
  link_refused: {
    title: 'This email is already in use',
    text: 'Another user here signs in with this email. If it is yours, sign in with the method you used before.',
  },
  link_mismatch: {
    title: 'You signed in as another user',
    text: 'This email belongs to a different user, so nothing was linked. Go back and choose the sign-in method you used before.',
  },
  identity_taken: {
    title: 'That account is already connected to another user',
    text: 'Nothing was changed. To add it to your account, sign in with it and remove it from the other account first.',
  },
  identity_unknown: { title: 'Sign-in method not found', text: 'You removed it, or it belongs to another user.' },
  identity_last: {
    title: "You can't remove your only sign-in method",
    text: 'Add another one first, then remove this one.',
  },
  // forward-auth
  access_refused: {
    title: 'You do not have access',
    text: 'You are signed in, but you are not allowed to open this page.',
  },
  app_access_refused: {
    title: 'You do not have access to this app',
    text: 'You are signed in, but you are not allowed to use this app.',
  },
  cookie_domain_mismatch: {
    title: "You can't sign in at this address",
    text: 'Browsers do not send our session cookie to this address.',
  },
  // an upstream
  upstream_unreachable: {
    title: "The identity provider isn't responding",
    text: "We couldn't reach it. Try again in a minute, or choose another way to sign in.",
  },
  upstream_refused: {
    title: 'The identity provider rejected the sign-in',
    text: 'It did not complete the sign-in. Choose another way to sign in, or try again later.',
  },
  upstream_invalid: {
    title: "We couldn't verify the response from the identity provider",
    text: 'The response failed our checks, so we stopped. Choose another way to sign in, or try again later.',
  },
  plugin_failed: {
    title: 'This sign-in method does not work',
    text: 'The fault is on our side. Choose another way to sign in, or try again later.',
  },
  id_token_refused: {
    title: 'ID token rejected',
    text: 'The ID token is invalid, was issued for another app, is too old, or was used before. Sign in at the identity provider again.',
  },
  // passwords and one-time links
  password_weak: { title: 'Choose another password', text: 'It is too short, too long, or too common.' },
  link_invalid: {
    title: 'This link no longer works',
    text: 'It was already used, has expired, or was replaced by a newer one. Request a new link.',
  },
  code_invalid: {
    title: 'The code is wrong',
    text: 'Enter the six digits of the newest email, or ask for a new code.',
  },
  code_expired: {
    title: 'This code no longer works',
    text: 'It was already used, has expired, or was entered wrongly too often. Ask for a new code.',
  },
  ...factorErrorTexts,
  ...accountErrorTexts,
  // sessions
  session_invalid: { title: 'You are not signed in', text: 'Your session has ended. Sign in again.' },
  fresh_sign_in_required: {
    title: 'Sign in again first',
    text: 'This needs a sign-in or a second factor of the last ten minutes. Sign in again, or confirm a second factor (POST /api/v1/sessions/step-up), then repeat what you did.',
    page: 'For your security, sign in again, then repeat what you did.',
  },
  cross_site_refused: {
    title: 'No session cookie for pages on other sites',
    text: 'This page is on another site than Gatehouse. Leave out "cookie", or have an operator set sessions.crossSite: true in the file of the tenant and restart Gatehouse.',
  },
  session_unknown: { title: 'Session not found', text: 'It has already ended, or it is not yours.' },
  mfa_required: { title: 'A second factor is required', text: 'Prove a second factor to finish signing in.' },
  mfa_challenge_invalid: { title: 'The second step has expired', text: 'Start again, and finish in five minutes.' },
  // API tokens
  token_unknown: { title: 'API token not found', text: 'It has ended, or another user owns it.' },
  token_invalid: {
    title: 'The API token is invalid',
    text: 'A field of the API token is invalid. Correct it and try again.',
  },
  token_rotated: {
    title: 'This API token was rotated already',
    text: 'Another request rotated it first. List your API tokens to find its successor.',
  },
  token_suspended: {
    title: 'This API token is suspended',
    text: 'It is suspended because your password changed. Confirm it first, or revoke it.',
  },
  tokens_full: {
    title: 'You have the maximum number of API tokens',
    text: 'Revoke one that you no longer use, then try again.',
  },
  // roles and permissions
  permission_refused: {
    title: 'Your role does not allow this',
    text: 'This needs a role that you do not have.',
  },
  api_token_refused: {
    title: 'An API token cannot do this',
    text: 'Sign in and send the credential of your session, or use an API token with the scope.',
  },
  // requests of apps to the OpenID provider
  redirect_uri_refused: {
    title: "This app's redirect URI isn't registered",
    text: 'The app asked us to send you to an address that is not registered for it, so we stopped and did not sign you in to it.',
  },
  app_request_refused: {
    title: 'The app sent an invalid request',
    text: 'We stopped for your security.',
  },
  refresh_reused: {
    title: 'The app reused a one-time credential',
    text: 'It used a credential that had been replaced. It may have been stolen, so all access that came from it was revoked. Sign in to the app again.',
  },
  code_reused: {
    title: 'The app used an authorization code twice',
    text: 'It may have been stolen, so all access that came from it was revoked. Sign in to the app again.',
  },
  code_refused: {
    title: 'Authorization code rejected',
    text: 'The code is unknown, has expired, or is bound to another app, redirect URI or sign-in. Start the sign-in again.',
  },
  app_not_first_party: {
    title: 'Only first-party apps get sessions',
    text: 'Redeem the code at /oauth2/token instead, or declare the app in gatehouse.yaml with firstParty: true.',
  },
  interaction_expired: {
    title: 'This sign-in to the app is over',
    text: 'It was completed, has expired, or was started in another browser. Go back to the app and start again.',
  },
  // apps
  app_unknown: { title: 'App not found', text: 'It was removed, or it is not yours.' },
  app_invalid: {
    title: 'Invalid app settings',
    text: 'Some of the settings cannot be used. Correct them and try again.',
  },
  app_declared: {
    title: 'This app is declared in a file',
    text: 'This app is declared in gatehouse.yaml and is read-only here. Change it in that file.',
  },
  app_owner_only: { title: 'Only the owner may change this', text: 'Ask the owner of the app to change it.' },
  secret_unknown: { title: 'Client secret not found', text: 'It was revoked, or it is not yours.' },
  secret_refused: { title: 'Client secret cannot be changed like this', text: 'Correct the request and try again.' },
  app_authentication_failed: { title: 'App authentication failed', text: 'Its secret or signed JWT was rejected.' },
  user_not_visible: { title: 'User not found', text: 'No user with this ID shares anything with this app.' },
  // Gatehouse itself
  signing_keys_unchanged: {
    title: 'The signing keys were not changed',
    text: 'Sign-ins of some apps could fail now. Wait, or confirm that you want to do it anyway.',
  },
  server_busy: { title: 'The service is busy', text: 'Please try again in a few seconds.' },
  store_unavailable: {
    title: 'The service is temporarily unavailable',
    text: 'Nothing is lost. Please try again in a few seconds.',
  },
  internal: {
    title: 'Something went wrong on our side',
    text: 'Try again in a moment.',
  },
}

/** Texts on a page. @param provider label of the identity provider at fault, such as "Okta" */
export function errorTextOf(error: GatehouseError, provider?: string): ErrorText {
  const { title, text, page = text } = usualTextOf(error.code, provider)
  return { title, text: error.text ?? retryText(error) ?? page }
}

/** Title and text in a problem document. */
export function problemTextOf(error: GatehouseError): ErrorText {
  const { title, text } = usualTextOf(error.code)
  return { title, text: error.text ?? retryText(error) ?? text }
}

/** Title and text of all errors with this code. */
export function usualTextOf(code: ErrorCode, provider?: string): ErrorText {
  const { title, text, page } = errorTexts[code]
  const named = (words: string) =>
    provider === undefined ? words : words.replace(/\bthe identity provider\b/gi, () => provider)
  return { title: named(title), text: named(text), ...(page !== undefined && { page: named(page) }) }
}

function retryText({ code, retryAfterSeconds }: GatehouseError): string | undefined {
  if (code !== 'too_many_attempts' || retryAfterSeconds === undefined) return undefined
  const minutes = Math.ceil(retryAfterSeconds / 60)
  const wait = retryAfterSeconds <= 10 ? 'a few seconds' : minutes === 1 ? 'a minute' : `${minutes} minutes`
  return `Try again in ${wait}.`
}
