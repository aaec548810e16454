/**
 * The client secret of a developer. Routes that create and rotate it need the permission of the
 * role; a former developer may still see and revoke it.
 */
import type { ClientSecret } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import { capitalized } from '../../primitives/capitalized.ts'
import { type AuditPorts, recordAudit } from '../audit/record.ts'
import { isFresh, requireStepUpOfSession } from '../identity/fresh-sign-in.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { DeveloperSecret } from '../ports/developer-secrets.ts'
import type { Session, UserKey } from '../session/session.ts'
import {
  isLiveSecret,
  type NewSecret,
  newSecret,
  type Rotation,
  revealedIds,
  rotated,
  type SecretForm,
  type ShownSecret,
  shownSecret,
} from './client-secret.ts'
import { retryUpdate } from './retry-update.ts'

export type SecretChangePorts = AuditPorts & Ports<'developerSecrets' | 'keyRing' | 'random'>
export type DeveloperSecretPorts = SecretChangePorts & Ports<'connections' | 'users'>

export interface ShownDeveloperSecret extends ShownSecret {
  readonly lastUsedAt: Date | undefined
}

const formOf = ({ tenant, userId }: UserKey): SecretForm => ({
  prefix: 'gth_d_',
  context: (id) => `developer secret ${tenant} ${userId} ${id}`,
})

/**
 * Creates the user's first secret. Nothing afterwards: a revoked secret is not replaced unasked.
 */
export async function ensureDeveloperSecret(ports: DeveloperSecretPorts, session: Session): Promise<void> {
  const { tenant, userId } = session
  const { revision } = await ports.developerSecrets.ofUser(tenant, userId)
  if (revision > 0) return
  const { secret } = newSecret(ports, formOf(session))
  // false: a concurrent request created one
  if (await ports.developerSecrets.replace({ tenant, userId }, 0, [secret]))
    await audit(ports, bySession(session), 'created', { secret: secret.id })
}

/** The live secrets: all of them after a recent sign-in, else only those just created. */
export async function revealDeveloperSecrets(
  ports: DeveloperSecretPorts,
  session: Session,
): Promise<readonly ShownDeveloperSecret[]> {
  const live = await liveSecrets(ports, session)
  const viewer = { session, isFresh: await isFresh(ports, session) }
  const shown = live.map((secret) => {
    const { id, createdAt, expiresAt, text, withheld } = shownSecret(ports, formOf(session), secret, viewer)
    return { id, createdAt, expiresAt, text, withheld, lastUsedAt: secret.lastUsedAt }
  })
  const secrets = revealedIds(shown)
  if (secrets !== '') await audit(ports, bySession(session), 'revealed', { secrets })
  return shown
}

/** Throws `secret_refused` if one is live: rotate it instead. */
export async function createDeveloperSecret(ports: DeveloperSecretPorts, session: Session): Promise<NewSecret> {
  await requireStepUpOfSession(ports, session)
  return changeSecrets(ports, bySession(session), (live, created) => {
    const [current] = live
    if (current !== undefined)
      throw refused('created', `secret exists already: rotate ${JSON.stringify(current.id)} instead.`)
    return { secrets: [created.secret], result: created, event: 'created', details: { secret: created.secret.id } }
  })
}

/** Replaces the secret. One of concurrent rotations succeeds. Throws `secret_refused`. */
export async function rotateDeveloperSecret(
  ports: DeveloperSecretPorts,
  session: Session,
  rotation: Required<Pick<Rotation, 'replaces'>> & Rotation,
): Promise<NewSecret> {
  await requireStepUpOfSession(ports, session)
  return changeSecrets(ports, bySession(session), (live, created) => {
    const next = rotated(live, created.secret, rotation)
    if (!next.ok) throw refused('rotated', `secret ${next.wrong}.`)
    const details = { secret: created.secret.id, replaced: rotation.replaces ?? '' }
    return { secrets: next.secrets, result: created, event: 'rotated', details }
  })
}

/** Takes effect at once. Throws `secret_unknown`. */
export async function revokeDeveloperSecret(ports: DeveloperSecretPorts, session: Session, id: string) {
  await requireStepUpOfSession(ports, session)
  if (!(await removeSecret(ports, bySession(session), id)))
    throw new GatehouseError('secret_unknown', 'no such secret of this developer')
}

/** True if this call ended it. @param actor for the audit log */
export function endDeveloperSecret(
  ports: DeveloperSecretPorts,
  { tenant, userId }: UserKey,
  id: string,
  actor: string,
) {
  return removeSecret(ports, { tenant, userId, actor, details: {} }, id)
}

/**
 * Ends those created since `since`: before a new password, an attacker may have created or copied
 * them. True if there was one.
 */
export function endSecretsCreatedSince(
  ports: SecretChangePorts,
  { tenant, userId }: UserKey,
  since: Date,
): Promise<boolean> {
  return changeSecrets(ports, { tenant, userId, actor: userId, details: {} }, (live) => {
    const ended = live.filter(({ createdAt }) => createdAt.getTime() >= since.getTime())
    const secrets = live.filter((secret) => !ended.includes(secret))
    const details = { secret: ended.map(({ id }) => id).join(' ') }
    return { secrets, result: ended.length > 0, ...(ended.length > 0 && { event: 'revoked', details }) }
  })
}

function removeSecret(ports: DeveloperSecretPorts, change: Changer, id: string): Promise<boolean> {
  return changeSecrets(ports, change, (live) => {
    const secrets = live.filter((secret) => secret.id !== id)
    const wasLive = secrets.length < live.length
    return { secrets, result: wasLive, ...(wasLive && { event: 'revoked', details: { secret: id } }) }
  })
}

type Details = Readonly<Record<string, string>>
type SecretEvent = 'created' | 'rotated' | 'revoked' | 'revealed'

interface Change<T> {
  readonly secrets: readonly ClientSecret[]
  readonly result: T
  /** Undefined: nothing changes. */
  readonly event?: SecretEvent
  readonly details?: Details
}

/** The owner of the secrets, and for the audit log the cause of the change. */
interface Changer extends UserKey {
  readonly actor: string
  readonly details: Details
}

const bySession = ({ tenant, userId, id }: Session): Changer => ({
  tenant,
  userId,
  actor: userId,
  details: { by: id },
})

/** @param make may throw; runs again after a concurrent change */
async function changeSecrets<T>(
  ports: SecretChangePorts,
  by: Changer,
  make: (live: readonly ClientSecret[], created: NewSecret) => Change<T>,
): Promise<T> {
  const { tenant, userId } = by
  return retryUpdate('the secret', async () => {
    const { revision, secrets: before } = await ports.developerSecrets.ofUser(tenant, userId)
    const live = before.filter((secret) => isLiveSecret(secret, ports.now()))
    const { secrets, result, event, details } = make(live, newSecret(ports, formOf(by)))
    if (event === undefined) return { result }
    if (!(await ports.developerSecrets.replace({ tenant, userId }, revision, secrets))) return null
    await audit(ports, by, event, details)
    return { result }
  })
}

export async function liveSecrets(
  ports: Ports<'developerSecrets' | 'now'>,
  session: Session,
): Promise<readonly DeveloperSecret[]> {
  const { secrets } = await ports.developerSecrets.ofUser(session.tenant, session.userId)
  return secrets.filter((secret) => isLiveSecret(secret, ports.now()))
}

const refused = (what: string, text: string) =>
  new GatehouseError('secret_refused', `the secret cannot be ${what}`, { text: capitalized(text) })

function audit(
  ports: AuditPorts,
  { tenant, userId, actor, details: cause }: Changer,
  event: SecretEvent,
  details: Details = {},
): Promise<void> {
  const action = `developer.secret_${event}` as const
  return recordAudit(ports, { tenant, action, actor, target: userId, details: { ...details, ...cause } })
}
