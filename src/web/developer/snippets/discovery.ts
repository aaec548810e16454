/** The first lines of a program with openid-client. */
import type { App, AppKey } from '../../../app/app.ts'
import type { SnippetFacts } from './facts.ts'

const isPublic = ({ kind }: App) => kind === 'single-page' || kind === 'native'

/** Whether the app has no secret and so authenticates with its key. */
export const usesKey = (app: App) => !isPublic(app) && app.secrets.length === 0 && app.keys.length > 0

interface Imports {
  readonly node?: readonly string[]
  readonly packages?: readonly string[]
}

/** Modules of Node first, as formatters sort them. */
export function importLines({ app }: Pick<SnippetFacts, 'app'>, { node = [], packages = [] }: Imports = {}): string {
  const lines = [...node, ...packages, "import * as oidc from 'openid-client'"]
  if (!usesKey(app)) return lines.join('\n')
  const ofKey = ["import { readFile } from 'node:fs/promises'", "import { importPKCS8 } from 'jose'"]
  return [...ofKey, ...lines].join('\n')
}

/** Environment variables of the command that starts the program. */
export function variablesOf(app: App): string {
  if (isPublic(app)) return ''
  return usesKey(app) ? 'PRIVATE_KEY_FILE=key.pem ' : 'CLIENT_SECRET=gth_c_… '
}

/** `const gatehouse = …` */
export function discoveryLines({ app, issuer, isHttp }: SnippetFacts): string {
  const insecure = isHttp ? ['{ execute: [oidc.allowInsecureRequests] }, // http on this machine only'] : []
  const lines = [`new URL('${issuer}'),`, `'${app.id}',`, ...proofLines(app, isHttp), ...insecure]
  const key = usesKey(app) ? keyLine(app.keys[0]) : ''
  return `${key}const gatehouse = await oidc.discovery(\n${lines.map((line) => `  ${line}\n`).join('')})`
}

function proofLines(app: App, isHttp: boolean): readonly string[] {
  if (isPublic(app)) return ['undefined,', 'oidc.None(),']
  if (!usesKey(app)) return ['process.env.CLIENT_SECRET,', ...(isHttp ? ['undefined,'] : [])]
  const [key] = app.keys
  const kid = key?.source.kind === 'public key' ? `'${key.id}'` : 'process.env.KEY_ID'
  return ['undefined,', `oidc.PrivateKeyJwt({ key: privateKey, kid: ${kid} }),`]
}

function keyLine(key: AppKey | undefined): string {
  return `const privateKey = await importPKCS8(await readFile(process.env.PRIVATE_KEY_FILE, 'utf8'), '${algorithmOf(key)}')\n`
}

/** RFC 7518 3.1, RFC 8037. */
function algorithmOf(key: AppKey | undefined): string {
  const { kty, crv = '' } = key?.source.kind === 'public key' ? key.source.jwk : { kty: 'EC', crv: 'P-256' }
  if (kty === 'RSA') return 'PS256'
  if (kty === 'OKP') return 'EdDSA'
  return { 'P-384': 'ES384', 'P-521': 'ES512' }[crv] ?? 'ES256'
}
