/** Pages and session data of the demo server app. */
import type { TokenEndpointResponse, UserInfoResponse } from 'openid-client'
import { documentOf, type Html, html } from './html.ts'
import { tryNext } from './try-next.ts'

declare module 'express-session' {
  interface SessionData {
    /** `state` → code verifier of sign-ins that wait, one for each tab. */
    pending: Record<string, string>
    tokens: TokenEndpointResponse
    idToken: string
    /** The `sid` of the session, for logout. */
    sid: unknown
  }
}

const page = (main: Html) =>
  documentOf('Demo server app', html`<header>Demo server app</header>\n<main>${main}\n${tryNext('server')}</main>`)

export function signedOutPage(problem?: string): string {
  return page(html`<h1>Hello. You are signed out here.</h1>
${problem === undefined ? '' : html`<p role="alert" class="card">${problem}</p>`}
<p class="soft">This app's server sends you to Gatehouse, which asks you to allow access to your account.</p>
<div class="actions"><a class="button main" href="/sign-in">Sign in</a></div>`)
}

export function signedInPage(person: UserInfoResponse): string {
  return page(html`<h1>Hello, ${person.name ?? 'you'}.</h1>
<p>You are signed in as ${person.email ?? person.sub}. This is what Gatehouse tells the app:</p>
<pre class="card" tabindex="0">${JSON.stringify(person, null, 2)}</pre>
<div class="actions">
<form method="post" action="/refresh"><button class="button">Get new tokens</button></form>
<form method="post" action="/sign-out"><button class="button">Sign out</button></form>
</div>`)
}
