/** The demo server app's one page, and what it remembers of browsers. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TokenEndpointResponse, UserInfoResponse } from 'openid-client'
import { documentOf, html } from './html.ts'

export interface Browser {
  codeVerifier?: string
  state?: string
  tokens?: TokenEndpointResponse
  idToken?: string
  /** By which Gatehouse names the session when it is over. */
  sid?: unknown
}

/** A real app keeps them in a store of its own. */
export class Browsers {
  readonly #known = new Map<string, Browser>()

  /** @param isSigningIn then it gets a new cookie: no session fixation */
  of(request: IncomingMessage, response: ServerResponse, isSigningIn: boolean): Browser {
    const id = /(?:^|; )server_app=([\w-]{36})/.exec(request.headers.cookie ?? '')?.[1] ?? ''
    const browser = this.#known.get(id) ?? {}
    if (!isSigningIn) return browser
    const next = { ...browser }
    const newId = randomUUID()
    this.#known.delete(id)
    this.#known.set(newId, next)
    response.setHeader('set-cookie', `server_app=${newId}; HttpOnly; SameSite=Lax; Path=/`) // and Secure, on https
    return next
  }

  signOut(sid: unknown): void {
    for (const browser of this.#known.values()) if (browser.sid === sid) delete browser.tokens
  }
}

/** Nowhere to go: a server asked, and only wants to hear that it is done. */
export function goTo(response: ServerResponse, location: string | undefined): void {
  if (location !== undefined) response.writeHead(303, { location, 'cache-control': 'no-store' }).end()
  else response.writeHead(204, { 'cache-control': 'no-store' }).end()
}

export function homePage(response: ServerResponse, person?: UserInfoResponse, error?: Error, browser?: Browser): void {
  delete browser?.tokens // whatever did not work: without them the next step is to sign in again
  const body =
    person === undefined
      ? html`<h1>Hello. You are signed out here.</h1>
${error === undefined ? '' : html`<p role="alert" class="card">That did not work: ${error.message}</p>`}
<p class="soft">This app's server sends you to Gatehouse, which asks whether it may know you.</p>
<div class="actions"><a class="button main" href="/sign-in">Sign in</a></div>`
      : html`<h1>Hello, ${person.name ?? 'you'}.</h1>
<p>You are signed in as ${person.email ?? person.sub}. This is what Gatehouse tells the app:</p>
<pre class="card" tabindex="0">${JSON.stringify(person, null, 2)}</pre>
<div class="actions">
<form method="post" action="/refresh"><button class="button">Get new tokens</button></form>
<form method="post" action="/sign-out"><button class="button main">Sign out</button></form>
</div>`
  response.writeHead(error === undefined ? 200 : 502, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(documentOf('Demo server app', html`<header>Demo server app</header>\n<main>${body}</main>`))
}
