/** Links from each demo page to the others; the quickstart sets the ports. */
import { type Html, html } from './html.ts'

const { env } = process
const gatehouse = env['GATEHOUSE_URL'] ?? 'http://localhost:4000'
const at = (name: string, usual: number) => `http://localhost:${env[name] ?? usual}/`

const places = {
  app: ['Demo web app', at('DEMO_PORT', 4020)],
  spa: ['Demo single-page app', at('SPA_PORT', 4021)],
  server: ['Demo server app', at('SERVER_APP_PORT', 4022)],
  account: ['Your account', `${gatehouse}/account`],
  developer: ['Register an app', `${gatehouse}/developer`],
  admin: ['Administration', `${gatehouse}/admin`],
  api: ['API reference', `${gatehouse}/api`],
  mail: ['Mailbox', at('MAIL_PORT', 4011)],
} as const

/** @param here the page itself, which is not linked */
export function tryNext(here: keyof typeof places): Html {
  const others = Object.entries(places).filter(([name]) => name !== here)
  return html`<nav class="next" aria-labelledby="next-heading">
<h2 id="next-heading">Try next</h2>
<ul>${others.map(([, [label, href]]) => html`<li><a href="${href}">${label}</a></li>`)}</ul>
</nav>`
}
