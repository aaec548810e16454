/** Sign-in with Gatehouse in a single-page app: oidc-client-ts. No secret: the browser proves the sign-in by PKCE. */
import { UserManager } from 'oidc-client-ts'

const users = new UserManager({
  authority: import.meta.env.VITE_ISSUER ?? 'http://localhost:4000',
  client_id: import.meta.env.VITE_CLIENT_ID,
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: 'openid profile email',
}) // tokens are in sessionStorage, for this tab only, and are refreshed before they expire

const element = (id) => document.getElementById(id)

function show(user, problem) {
  const greeting = user ? `Hello, ${user.profile.name ?? user.profile.email}.` : 'You are signed out.'
  element('greeting').textContent = problem ?? greeting
  element('sign-in').hidden = Boolean(user)
  element('sign-out').hidden = !user
}

const failed = (error) => show(null, `Sign-in failed: ${error.message}`)
element('sign-in').onclick = () => users.signinRedirect().catch(failed)
element('sign-out').onclick = () => users.signoutRedirect().catch(failed)
users.events.addUserLoaded((user) => show(user))
users.events.addSilentRenewError(() => users.removeUser().then(() => show(null)))

/** Calls an API as the user. */
export async function callApi(url) {
  const { access_token } = await users.getUser()
  return fetch(url, { headers: { authorization: `Bearer ${access_token}` } })
}

try {
  const isCallback = location.pathname === '/callback'
  show(isCallback ? await users.signinRedirectCallback() : await users.getUser())
} catch (error) {
  failed(error)
}
history.replaceState(null, '', '/') // removes the redeemed code from the address
