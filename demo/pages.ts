/** The demo app's pages. */
import { readFileSync } from 'node:fs'
import { buttonClass, buttonLook } from '../src/pages/brand-buttons.ts'
import { idleTimeoutText } from '../src/pages/duration-text.ts'
import type { Provider } from '../src/provider/provider.ts'
import type { SignedIn } from './answers.ts'
import { brands } from './brands.ts'
import { documentOf, type Html, html } from './html.ts'
import { tryNext } from './try-next.ts'

export function signedOutPage(notice?: string): string {
  return page(
    'Demo web app',
    html`
<h1>Hello. You are signed out here.</h1>
${notice === undefined ? '' : html`<p role="status">${notice}</p>`}
<p class="soft">This small app knows no passwords and no upstreams. It sends you to Gatehouse and gets a session back.</p>
<ul class="connections">${brands.map(buttonHtml)}</ul>
<p class="soft">Or see all of them on <a href="/sign-in">Gatehouse's own sign-in page</a>.</p>`,
  )
}

/** The logo is a data: URL, so that the browser sends no request for it. */
function buttonHtml(provider: Provider): Html {
  const { kind, brand } = provider
  const svg = brand.logo === undefined ? '' : readFileSync(brand.logo).toString('base64')
  const name = kind === 'password' ? 'email' : brand.name
  return html`
<li><a class="button ${buttonClass(buttonLook(provider))}" href="/sign-in?with=${kind}"><img src="data:image/svg+xml;base64,${svg}" alt="" width="20" height="20"><span>Sign in with ${name}</span></a></li>`
}

export function signedInPage(person: SignedIn, token: string, gatehouse: string): string {
  return page(
    'You are signed in · Demo web app',
    html`
<h1>Hello${person.name === undefined ? '' : `, ${person.name}`}.</h1>
<p>You are signed in. This is what Gatehouse told the app about you:</p>
<section class="card" aria-label="Your profile">
<dl>
<dt>Name</dt><dd>${person.name ?? 'not told'}</dd>
<dt>Email</dt><dd>${email(person)}</dd>
<dt>Signed in with</dt><dd>${brandName(person.connection)}</dd>
<dt>Session ends</dt><dd>${endText(person)}</dd>
</dl>
</section>
<form method="post" action="/sign-out"><button class="button">Sign out</button></form>
<section class="card" aria-labelledby="token-heading">
<h2 id="token-heading" style="margin-top:0">For developers</h2>
<p class="soft">A real app keeps the session token on its server and never shows it. This is a demo, so you can try it yourself:</p>
${copyBox('token', 'Session token', token)}
${copyBox('curl', 'Check it with curl; after signing out it answers 401', `curl -i -H 'Authorization: Bearer ${token}' ${gatehouse}/api/v1/session`)}
</section>
${copyScript}`,
  )
}

/** The demo's connections have the names of their providers. */
function brandName(connection: string): string {
  const provider = brands.find(({ kind }) => kind === connection)
  return provider?.kind === 'password' ? 'email and password' : (provider?.brand.name ?? connection)
}

export function problemPage(sentence: string): string {
  return page(
    'Sign-in did not work · Demo web app',
    html`
<h1>Sign-in did not work</h1>
<p role="alert">${sentence}</p>
<div class="actions"><a class="button main" href="/sign-in">Sign in again</a> <a class="button" href="/">Start page</a></div>`,
  )
}

function copyBox(id: string, label: string, text: string): Html {
  return html`<h3 id="${id}-label">${label}</h3>
<pre id="${id}" role="region" aria-labelledby="${id}-label" tabindex="0">${text}</pre>
<button type="button" class="button" data-copy="${id}" hidden>Copy</button>`
}

const copyScript = html`<script>
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false
  button.onclick = () =>
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent).then(() => {
      button.textContent = 'Copied'
    })
}
</script>`

function email(person: SignedIn): Html {
  if (person.email === undefined) return html`not told`
  return person.emailVerified
    ? html`${person.email} <span class="soft">(verified)</span>`
    : html`${person.email} <span class="warn">(not verified)</span>`
}

/** The same text as on the page of Gatehouse. */
export function endText({ lastSeenAt, idleExpiresAt, expiresAt }: SignedIn): string {
  const secondsTo = (date: Date) => (date.getTime() - lastSeenAt.getTime()) / 1000
  const idleText = idleTimeoutText(secondsTo(idleExpiresAt), secondsTo(expiresAt))
  return dateText(expiresAt) + (idleText === undefined ? '' : `, or ${idleText}`)
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'not told' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function page(title: string, body: Html): string {
  return documentOf(title, html`<header>Demo web app</header>\n<main>${body}\n${tryNext('app')}</main>`)
}
