/** Serves the demo single-page app (spa.js) and oidc-client-ts. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { documentOf, html } from './html.ts'
import { tryNext } from './try-next.ts'

const gatehouse = process.env['GATEHOUSE_URL'] ?? 'http://localhost:4000'
const port = Number(process.env['SPA_PORT'] ?? 4021)

const page = documentOf(
  'Demo single-page app',
  html`<header>Demo single-page app</header>
<main data-gatehouse="${gatehouse}"><div></div>${tryNext('spa')}</main>
<script src="/oidc-client-ts.js"></script>
<script type="module" src="/spa.js"></script>`,
)
const library = createRequire(import.meta.url)
  .resolve('oidc-client-ts')
  .replace('/umd/', '/browser/')
const scripts: Readonly<Record<string, Buffer>> = {
  '/spa.js': readFileSync(new URL('spa.js', import.meta.url)),
  '/oidc-client-ts.js': readFileSync(library),
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const script = scripts[pathname]
  const type = script === undefined ? 'text/html' : 'text/javascript'
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
  response.end(script ?? page)
})
server.listen(port, 'localhost')
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))
