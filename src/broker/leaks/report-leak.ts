/** Ends credentials that were found in public, and mails their owners. */
import { deploymentTenant, recordAudit } from '../audit.ts'
import { mailOwnerOf } from '../identity/notify-owner.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import { type CredentialPorts, findCredential, type KnownCredential } from './known-credential.ts'

export type LeakPorts = CredentialPorts & Ports<'connections' | 'mailer' | 'publicUrl' | 'users'>

export interface ReportedText {
  readonly text: string
  /** Where it was found. Untrusted. */
  readonly url: string | undefined
}

/** For the audit log: anyone who knows a credential may report it. */
const actor = 'system'

/** Undefined if the text is no credential of ours; it may have ended before. */
export async function reportLeak(ports: LeakPorts, { text, url }: ReportedText): Promise<KnownCredential | undefined> {
  const found = await findCredential(ports, text)
  if (found === null) return undefined
  const isEnded = found.isLive && (await found.end?.(actor)) === true
  if (isEnded || found.end === undefined) await announce(ports, found, url)
  return found
}

async function announce(ports: LeakPorts, found: KnownCredential, url = ''): Promise<void> {
  const { owner, app, id, kind } = found
  const mail = owner === undefined ? 'none: gatehouse.yaml declares the app' : await mailOwner(ports, owner, found, url)
  const target = app ?? owner?.userId ?? ''
  const details = { credential: kind, id, url: url.slice(0, 500), mail }
  const tenant = owner?.tenant ?? deploymentTenant
  await recordAudit(ports, { tenant, action: 'credential.leaked', actor, target, details })
}

/** Never throws: the credential has ended. */
function mailOwner(ports: LeakPorts, owner: UserKey, { app, kind, name }: KnownCredential, url: string) {
  const path = app === undefined ? '/account' : `/developer/apps/${encodeURIComponent(app)}`
  const link = new URL(path, ports.publicUrl).href
  const message = { credential: `${kind} (${name})`, url, link }
  return mailOwnerOf(ports, owner, (mail) => ports.mailer.credentialLeaked({ ...mail, ...message }))
}
