/** `gatehouse tokens find` and `revoke`. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { revokeAppTokens } from '../broker/apps/app-users.ts'
import { findCredential, type KnownCredential } from '../broker/secrets/known-credential.ts'
import { revokeAllTokens } from '../broker/tokens/own-tokens.ts'
import type { Core } from '../main/core.ts'
import { jsonText, requireKnown, withMigratedCore } from './open.ts'
import type { Options } from './options.ts'
import { userText } from './users/user-text.ts'
import { requireUserNamed } from './users/users-named.ts'

const actor = 'cli'

/** Letters and digits around it belong to something else. */
const tokenForm = /(?<![0-9A-Za-z])gth_[a-z]_[0-9A-Za-z]{49}(?![0-9A-Za-z])/g

export const findTokens = withMigratedCore(async ({ parts }, { words: [file = '-'], json }) => {
  const pasted = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  const found: FoundCredential[] = []
  for (const [credentialText, line] of credentialTexts(pasted)) {
    const credential = await findCredential(parts, credentialText)
    if (credential !== null) found.push(await describe(parts, credentialText, line, credential))
  }
  if (json) return jsonText(found)
  return found.length === 0 ? 'found no credential of this deployment' : found.map(lineOf).join('\n')
})

/** Each once, with the line of its first place. */
function credentialTexts(pasted: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  for (const [at, line] of pasted.split('\n').entries())
    for (const [credentialText] of line.matchAll(tokenForm))
      if (!lines.has(credentialText)) lines.set(credentialText, at + 1)
  return lines
}

/** A credential found in a text, without its secret: the first characters identify it. */
interface FoundCredential {
  readonly line: number
  readonly start: string
  readonly kind: KnownCredential['kind']
  readonly id: string
  readonly name: string
  readonly state: 'live' | 'ended'
  readonly owner: { readonly tenant: string; readonly user: string; readonly email: string | undefined } | undefined
  readonly app: string | undefined
}

async function describe({ users }: Core['parts'], credentialText: string, line: number, found: KnownCredential) {
  const { kind, id, name, isLive, owner, app } = found
  const user = owner === undefined ? null : await users.find(owner.tenant, owner.userId)
  return {
    line,
    start: credentialText.slice(0, 9),
    kind,
    id,
    name,
    state: isLive ? ('live' as const) : ('ended' as const),
    owner: owner && { tenant: owner.tenant, user: owner.userId, email: user?.profile.email?.address },
    app,
  } satisfies FoundCredential
}

function lineOf({ line, start, kind, state, name, owner, app }: FoundCredential): string {
  const user = owner === undefined ? 'gatehouse.yaml' : `${owner.tenant}/${owner.user} ${owner.email ?? ''}`.trim()
  const ofApp = app === undefined ? '' : ` of app ${app}`
  return `line ${line}: ${start}… is a ${state} ${kind} (${name})${ofApp}, owner ${user}`
}

export const revokeTokensCommand = withMigratedCore(async (core, options) => {
  if (options.app !== undefined) return revokeOfApp(core, options.app)
  const { owner, whose } = await ownerOf(core, options)
  const count = await revokeAllTokens(core.parts, owner, actor)
  // tokens of a tenant outlive its file
  if (count === 0 && owner.userId === undefined) requireKnown('tenant', owner.tenant, [...core.tenants.values()])
  return `API tokens of ${whose} revoked: ${count}`
})

async function revokeOfApp({ parts }: Core, id: string): Promise<string> {
  const app = await parts.appRegistry.find(id)
  if (app === null) throw new Error(`there is no app ${id}: gatehouse apps list shows them`)
  if (app.firstParty)
    throw new Error(`${id} is a first-party app, which needs no consent: end the sessions of its users, or disable it`)
  return `tokens of app ${id} revoked; grants ended: ${await revokeAppTokens(parts, app, actor)}`
}

interface TokenOwner {
  readonly owner: { readonly tenant: string; readonly userId?: string }
  readonly whose: string
}

async function ownerOf(core: Core, options: Options): Promise<TokenOwner> {
  const tenant = options.tenant ?? requireKnown('tenant', undefined, [...core.tenants.values()]).id
  if (options.user === undefined) return { owner: { tenant }, whose: `all users of ${tenant}` }
  const user = await requireUserNamed(core, tenant, options.user)
  return { owner: { tenant, userId: user.id }, whose: userText(user) }
}
