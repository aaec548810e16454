/** A page with oidc-client-ts, served by any development server. */
import type { Snippet, SnippetFacts } from './facts.ts'

export function singlePageApp({ app, issuer, scope, wanted }: SnippetFacts): Snippet {
  const redirectUri = app.redirectUris[0] ?? 'http://localhost:5173/callback'
  const [signedOut] = app.postLogoutRedirectUris
  const [api] = wanted
  const settings = [
    `authority: '${issuer}',`,
    `client_id: '${app.id}',`,
    `redirect_uri: '${redirectUri}',`,
    ...(signedOut === undefined ? [] : [`post_logout_redirect_uri: '${signedOut}',`]),
    `scope: '${scope}',`,
    ...(api === undefined ? [] : [`resource: '${api.id}', // the API of the access token`]),
  ]
  const script = `import { UserManager } from 'oidc-client-ts'

const users = new UserManager({
${settings.map((line) => `  ${line}\n`).join('')}})

let problem = 'Signed out'
if (location.pathname === '${new URL(redirectUri).pathname}') {
  await users.signinRedirectCallback().catch((error) => (problem = error.message))
  history.replaceState(null, '', '/') // the code has been used
}

const user = await users.getUser()
const button = document.querySelector('button')
document.querySelector('p').textContent = user ? \`Signed in as \${user.profile.email ?? user.profile.sub}\` : problem
button.textContent = user ? 'Sign out' : 'Sign in'
button.onclick = () => (user ? users.signoutRedirect() : users.signinRedirect())
`
  return {
    intro:
      'A page with oidc-client-ts, which does PKCE. It needs no secret. Serve it at the origin of the redirect URI.',
    files: [
      { name: 'main.js', text: script },
      {
        name: 'index.html',
        text: `<!doctype html>
<title>${app.id}</title>
<p></p>
<button></button>
<script type="module" src="/main.js"></script>
`,
      },
      { name: 'Terminal', text: 'npm install oidc-client-ts vite\nnpx vite\n' },
    ],
  }
}
