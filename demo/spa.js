/** The demo single-page app: OpenID Connect with oidc-client-ts, without a Gatehouse SDK. */
const app = document.querySelector('main')
const content = app.querySelector('div')
const users = new globalThis.oidc.UserManager({
  authority: app.dataset.gatehouse,
  client_id: 'demo-spa',
  redirect_uri: `${location.origin}/signed-in`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: 'openid profile email',
  extraQueryParams: { tenant: 'demo' },
  automaticSilentRenew: false, // on in a real app; a button here
})

const actions = {
  'Sign in': () => users.signinRedirect(),
  'Ask who I am': askWhoIAm,
  'Get new tokens': () => users.signinSilent().then((user) => show(user, 'There are new tokens.')),
  'Sign out': () => users.signoutRedirect(),
}

const looks = { 'Sign in': 'button main' }

/** The current claims from userinfo. */
async function askWhoIAm() {
  const { access_token } = await users.getUser()
  const answer = await fetch(await users.metadataService.getUserInfoEndpoint(), {
    headers: { authorization: `Bearer ${access_token}` },
  })
  if (!answer.ok) throw new Error(`userinfo answered ${answer.status}`)
  show(await users.getUser(), `Gatehouse says: ${JSON.stringify(await answer.json(), null, 1)}`)
}

function show(user, notice = '') {
  const names = user ? Object.keys(actions).slice(1) : ['Sign in']
  const heading = element('h1', user ? `Hello, ${user.profile.name ?? 'you'}.` : 'Hello. You are signed out here.')
  const words = element('p', user ? `You are signed in as ${user.profile.email ?? user.profile.sub}.` : introduction)
  const said = Object.assign(element('p', notice), { role: 'status', className: 'card', hidden: notice === '' })
  const buttons = Object.assign(element('div'), { className: 'actions' })
  buttons.append(
    ...names.map((name) =>
      Object.assign(element('button', name), { className: looks[name] ?? 'button', onclick: act(name) }),
    ),
  )
  content.replaceChildren(heading, words, said, buttons)
}

const introduction =
  'This app runs only in your browser. It sends you to Gatehouse, which asks you to allow access to your account.'
const element = (name, text = '') => Object.assign(document.createElement(name), { textContent: text })
const act = (name) => () => actions[name]().catch(failed)

/** Drops tokens that Gatehouse rejects. */
async function failed(error) {
  if (error.error === 'invalid_grant' || error.error === 'login_required') await users.removeUser()
  show(
    await users.getUser(),
    error.error === 'access_denied'
      ? 'You did not sign in.'
      : `The sign-in did not work: ${error.error_description ?? error.message}`,
  )
}

const arrived = location.pathname === '/signed-in' ? users.signinRedirectCallback() : users.getUser()
history.replaceState(null, '', '/') // removes the redeemed code from the URL
await arrived.then((user) => show(user), failed)
