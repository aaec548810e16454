/** Finds a credential of ours by its text: its owner, and how it is revoked. */
import type { App } from '../../app/app.ts'
import { isToken, secretHash, type TokenPrefix, tokenId } from '../../crypto/token.ts'
import { endAppSecret } from '../apps/client-secrets.ts'
import { recordAudit } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import { type EndSessionPorts, endSession } from '../session/end-session.ts'
import { isLive, type UserKey } from '../session/session.ts'
import { isLiveToken } from '../tokens/check-token.ts'
import { revokeToken } from '../tokens/own-tokens.ts'
import { isLiveSecret } from './client-secret.ts'
import { type DeveloperSecretPorts, endDeveloperSecret } from './developer-secrets.ts'

export type CredentialPorts = DeveloperSecretPorts & EndSessionPorts & Ports<'apiTokens' | 'apps'>

export interface KnownCredential {
  readonly kind: 'session token' | 'API token' | 'client secret' | "developer's client secret"
  /** Public: not the secret. */
  readonly id: string
  /** Name that the owner gave the credential. */
  readonly name: string
  /** Undefined for an app of gatehouse.yaml. */
  readonly owner: UserKey | undefined
  /** Id of the app that has the client secret. */
  readonly app: string | undefined
  /** Path of the page where its owner sees it. */
  readonly page: string
  readonly isLive: boolean
  /** True if this call revoked it. Undefined if only gatehouse.yaml can. */
  readonly revoke: ((actor: string) => Promise<boolean>) | undefined
}

type Finder = (ports: CredentialPorts, text: string) => Promise<KnownCredential | null>

const finders: Readonly<Record<TokenPrefix, Finder>> = {
  gth_s_: findSession,
  gth_a_: findApiToken,
  gth_c_: findAppSecret,
  gth_d_: findDeveloperSecret,
}
const prefixes = Object.keys(finders) as readonly TokenPrefix[]

/** Null for a text that is no credential of ours, or of one that is gone. */
export async function findCredential(ports: CredentialPorts, text: string): Promise<KnownCredential | null> {
  const prefix = prefixes.find((each) => isToken(each, text))
  return prefix === undefined ? null : finders[prefix](ports, text)
}

async function findSession(ports: CredentialPorts, text: string): Promise<KnownCredential | null> {
  const session = await ports.sessions.find(tokenId(text))
  if (session === null) return null
  const { id, tenant, userId, device } = session
  const revoke = async (actor: string) => {
    const ended = await endSession(ports, session)
    const details = { session: id, reason: 'leaked' }
    if (ended) await recordAudit(ports, { tenant, action: 'session.ended', actor, target: userId, details })
    return ended
  }
  return {
    kind: 'session token',
    id,
    name: device,
    owner: { tenant, userId },
    app: undefined,
    page: '/account/sessions',
    isLive: isLive(session, ports.now()),
    revoke,
  }
}

async function findApiToken(ports: CredentialPorts, text: string): Promise<KnownCredential | null> {
  const found = await ports.apiTokens.find(tokenId(text))
  if (found === null) return null
  const { id, tenant, userId, name } = found.token
  return {
    kind: 'API token',
    id,
    name,
    owner: { tenant, userId },
    app: undefined,
    page: '/account/developer',
    isLive: isLiveToken(found.token, ports.now()),
    revoke: (actor) => revokeToken(ports, { tenant, userId }, actor, id),
  }
}

async function findAppSecret(ports: CredentialPorts, text: string): Promise<KnownCredential | null> {
  const hash = secretHash(text)
  // disabled apps too, which the registry does not find
  const app = (await ports.appRegistry.findBySecret(hash, false)) ?? (await ports.apps.findBySecret(hash))
  const secret = app?.secrets.find((each) => each.hash === hash)
  if (app === null || secret === undefined) return null
  return {
    kind: 'client secret',
    id: secret.id,
    name: app.name,
    owner: app.owner,
    app: app.id,
    page: `/developer/apps/${encodeURIComponent(app.id)}`,
    isLive: isLiveSecret(secret, ports.now()),
    revoke: isDeclared(app) ? undefined : (actor) => endAppSecret(ports, app.id, secret.id, actor),
  }
}

const isDeclared = ({ owner }: App) => owner === undefined

async function findDeveloperSecret(ports: CredentialPorts, text: string): Promise<KnownCredential | null> {
  const found = await ports.developerSecrets.findByHash(secretHash(text))
  if (found === null) return null
  const { owner, secret } = found
  return {
    kind: "developer's client secret",
    id: secret.id,
    name: 'client secret',
    owner,
    app: undefined,
    page: '/account/developer',
    isLive: isLiveSecret(secret, ports.now()),
    revoke: (actor) => endDeveloperSecret(ports, owner, secret.id, actor),
  }
}
