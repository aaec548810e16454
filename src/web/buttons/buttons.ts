/** Sign-in buttons for other sites. Public, and the same for everyone. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { gzipSync } from 'node:zlib'
import { mayServe } from '../../app/app.ts'
import { type OpenConnection, provesMailbox } from '../../broker/connections.ts'
import { GatehouseError } from '../../errors.ts'
import { browserFor } from '../../http/browser.ts'
import { logoPathOf } from '../../http/connection-labels.ts'
import { withQuery } from '../../http/destination.ts'
import { queryOf, requiredText, textField } from '../../http/fields.ts'
import { asGatehouseError } from '../../http/problem.ts'
import { requestIdOf } from '../../http/request/request-log.ts'
import type { SignInButton } from '../../sdk/buttons.ts'
import { type BrowserName, isOffered, type Tenant } from '../../tenant.ts'
import { sendProblem } from '../errors/failure.ts'
import type { Call, Shell, WithParts } from '../shell.ts'

type ButtonsPorts = Pick<Shell, 'publicUrl'> & WithParts<'appRegistry' | 'connections'>

/** Readable by any site, also under cross-origin isolation; cookies are ignored. */
export const publicHeaders = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
} as const

/** JavaScript of the build, or the source without its types. */
function javaScript(): string {
  const built = import.meta.url.endsWith('.js')
  const text = readFileSync(new URL(built ? '../../sdk/buttons.js' : '../../sdk/buttons.ts', import.meta.url), 'utf8')
  return built ? text : stripTypeScriptTypes(text)
}

/** Removes comment lines, indentation and empty lines. */
function minify(text: string): string {
  const lines: string[] = []
  let inComment = false
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('/**')) inComment = true
    if (!inComment && line !== '' && !line.startsWith('//')) lines.push(line)
    if (line.endsWith('*/')) inComment = false
  }
  return `${lines.join('\n')}\n`
}

const content = minify(javaScript())
const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)

export const buttonsModule = {
  path: '/buttons.js',
  /** This version, for pages that pin it. */
  pinnedPath: `/buttons/${hash}.js`,
  tag: `"${hash}"`,
  content,
  gzipped: gzipSync(content, { level: 9 }),
} as const

/** `/buttons.js` for five minutes, `/buttons/{hash}.js` for a year; an old hash gets the newest. */
export async function sendButtonsModule({ request, response }: Call): Promise<void> {
  const { pinnedPath, tag, content, gzipped } = buttonsModule
  const pinned = request.path === pinnedPath
  response.set({
    ...publicHeaders,
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': pinned ? 'public, max-age=31536000, immutable' : 'public, max-age=300',
    'content-location': pinnedPath,
    etag: tag,
    vary: 'accept-encoding',
  })
  if (request.fresh) return void response.status(304).end()
  if (!request.acceptsEncodings('gzip')) return void response.send(content)
  response.set('content-encoding', 'gzip').end(gzipped)
}

/** JSON for any site, which may keep it for five minutes. */
export function sendPublicJson({ request, response }: Pick<Call, 'request' | 'response'>, body: string): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`
  const headers = { 'content-type': 'application/json', 'cache-control': 'public, max-age=300', etag }
  response.set({ ...publicHeaders, ...headers })
  if (request.fresh) return void response.status(304).end()
  response.send(body)
}

/** `/buttons.json?tenant=…[&app=…]`: the tenant's connections for the users of the app. */
export async function listButtons(call: Call<ButtonsPorts>): Promise<void> {
  const { shell, request, response } = call
  try {
    const query = queryOf(request)
    const app = textField(query, 'app', 128)
    const tenant = await tenantOf(shell, requiredText(query, 'tenant', 64), app)
    sendPublicJson(call, JSON.stringify(buttonsView(shell, tenant, browserFor(tenant, call), app)))
  } catch (thrown) {
    // callers are programs: never an error page
    response.set(publicHeaders)
    sendProblem(response, asGatehouseError(thrown), requestIdOf(response))
  }
}

async function tenantOf({ parts }: ButtonsPorts, id: string, appId: string | undefined): Promise<Tenant> {
  const tenant = parts.connections.tenant(id)
  const app = appId === undefined ? undefined : await parts.appRegistry.find(appId)
  if (app === null || (app !== undefined && !mayServe(app, tenant.id)))
    throw new GatehouseError('app_unknown', 'no such app, or not one of this tenant', {
      text: `There is no app of this ID, or it may not sign in people of ${tenant.name}.`,
    })
  return tenant
}

function buttonsView(shell: ButtonsPorts, tenant: Tenant, browser: BrowserName | undefined, app: string | undefined) {
  const connections = shell.parts.connections
    .all(tenant)
    .filter(({ settings }) => settings.button && isOffered(settings, browser))
    // one button for both forms of email
    .filter(
      ({ upstream }) => upstream.mailbox === undefined || shell.parts.connections.passwordConnection(tenant) === null,
    )
  const buttons = connections.map((connection) => buttonView(shell, connection, app))
  return { tenant: { id: tenant.id, name: tenant.name }, buttons }
}

function buttonView(shell: ButtonsPorts, connection: OpenConnection, app: string | undefined): SignInButton {
  const { tenant, settings, provider } = connection
  const logoPath = logoPathOf(connection)
  const name = provesMailbox(connection) ? 'email' : provider.brand.name
  const request = { client_id: app, response_type: 'code', tenant: tenant.id, provider: settings.id }
  return {
    connection: settings.id,
    kind: provider.kind,
    name,
    label: settings.label ?? `Sign in with ${name}`,
    ...(provider.brand.colors !== undefined && { colors: provider.brand.colors }),
    ...(logoPath !== undefined && { logoUri: new URL(logoPath, shell.publicUrl).href }),
    authorize: new URL(withQuery('/oauth2/auth', request), shell.publicUrl).href,
  }
}
