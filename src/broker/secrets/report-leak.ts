/** Revokes credentials that were found in public, and emails their owners. */
import { BoundedMap } from '../../primitives/bounded-map.ts'
import { computedOnce } from '../../primitives/computed-once.ts'
import { deploymentTenant, recordAudit } from '../audit/record.ts'
import { mailOwnerOf } from '../identity/notify-owner.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import { type CredentialPorts, findCredential, type KnownCredential } from './known-credential.ts'

export type LeakPorts = CredentialPorts &
  Ports<'connections' | 'mailer' | 'publicUrl' | 'users'> & {
    /** Called when a live secret of gatehouse.yaml was reported, at most once an hour. */
    readonly onDeclaredSecret: (found: KnownCredential) => void
  }

export interface ReportedText {
  readonly text: string
  /** URL of the place where the credential was found. Untrusted. */
  readonly url: string | undefined
}

/** Actor in the audit log, because reports name no reporter. */
const actor = 'system'

/** Untrusted, and may hold the credential itself: without query, fragment and tokens of ours. */
const shownUrl = (url: string) => url.replace(/[?#].*$/s, '').replace(/gth_[a-z]+_\w+/g, 'gth_…')

/** Undefined if the text is no credential of ours; it may have ended before. */
export async function reportLeak(ports: LeakPorts, { text, url }: ReportedText): Promise<KnownCredential | undefined> {
  const found = await findCredential(ports, text)
  if (found === null) return undefined
  const isRevoked = found.isLive && (await found.revoke?.(actor)) === true
  const isDeclared = found.isLive && found.revoke === undefined && isDue(ports, found)
  if (isRevoked || isDeclared) await recordAndMail(ports, found, shownUrl(url ?? ''))
  if (isDeclared) ports.onDeclaredSecret(found)
  return found
}

const reportIntervalMs = 3_600_000
const reportedAt = computedOnce((_: LeakPorts['audit']) => new BoundedMap<string, number>(1000))

/**
 * Whether a report is recorded: at most once an hour and process for each secret, which stays
 * valid, since anyone may repeat a report.
 */
function isDue({ audit, now }: LeakPorts, { app, id }: KnownCredential): boolean {
  const secret = `${app} ${id}`
  const times = reportedAt(audit)
  const at = now().getTime()
  if (at - (times.get(secret) ?? 0) < reportIntervalMs) return false
  times.set(secret, at)
  return true
}

async function recordAndMail(ports: LeakPorts, found: KnownCredential, url: string): Promise<void> {
  const { owner, app, id, kind } = found
  const mail = owner === undefined ? 'none: gatehouse.yaml declares the app' : await mailOwner(ports, owner, found, url)
  const target = app ?? owner?.userId ?? ''
  const details = { credential: kind, id, url: url.slice(0, 500), mail }
  const tenant = owner?.tenant ?? deploymentTenant
  await recordAudit(ports, { tenant, action: 'credential.leaked', actor, target, details })
}

/** Never throws: the credential has ended. */
function mailOwner(ports: LeakPorts, owner: UserKey, { page, kind, name }: KnownCredential, url: string) {
  const link = new URL(page, ports.publicUrl).href
  const message = { credential: `${kind} (${name})`, url, link }
  return mailOwnerOf(ports, owner, (mail) => ports.mailer.credentialLeaked({ ...mail, ...message }))
}
