/** Records changes of second factors in the audit log, and emails the user. */

import type { AuditAction } from '../audit/actions.ts'
import { recordAudit } from '../audit/record.ts'
import { type NotifyUserPorts, notifyUser } from '../identity/notify-user.ts'
import type { Authenticator } from '../ports/authenticators.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UndoableChange } from '../ports/recoveries.ts'
import type { SecurityEvent } from '../ports/security-events.ts'
import type { UserKey } from '../session/session.ts'
import { type UndoLinkPorts, undoLinkFor } from './recovery/undo-link.ts'

export type FactorEventPorts = Ports<'audit' | 'now'> & NotifyUserPorts & UndoLinkPorts

type Changed = Pick<Authenticator, 'id' | 'kind' | 'name'>

export type FactorEvent =
  | { readonly action: 'factor.added' | 'factor.removed'; readonly authenticator: Changed }
  | { readonly action: 'factor.renamed'; readonly authenticator: Changed; readonly before: string }
  /** `left`: how many are left. */
  | { readonly action: 'factor.used_recovery_code'; readonly left: number }
  | { readonly action: 'recovery_codes.created'; readonly replaced: boolean }
  | { readonly action: 'factors.reset'; readonly count: number }
  | { readonly action: 'device.remembered' | 'device.forgotten'; readonly device: string }

/** An email failure does not throw: the change is done. @param actor default: the user */
export async function recordFactorEvent(
  ports: FactorEventPorts,
  user: UserKey,
  event: FactorEvent,
  actor: string = user.userId,
): Promise<void> {
  const mailed = mailOf(event, await undoLinkOf(ports, user, event))
  const mail = mailed === undefined ? undefined : await notifyUser(ports, user, mailed)
  const { tenant, userId: target } = user
  const action: AuditAction = event.action
  const details = { ...detailsOf(event), ...(mail !== undefined && { mail }) }
  await recordAudit(ports, { tenant, action, actor, target, details })
}

/**
 * Undefined if the change cannot be undone, or the link not stored: the email is more important.
 */
function undoLinkOf(ports: UndoLinkPorts, user: UserKey, event: FactorEvent): Promise<string | undefined> {
  const change = undoableChange(event)
  if (change === undefined) return Promise.resolve(undefined)
  return undoLinkFor(ports, user, change).catch(() => undefined)
}

function undoableChange(event: FactorEvent): UndoableChange | undefined {
  switch (event.action) {
    case 'factor.added':
    case 'factor.removed': {
      const { id, name } = event.authenticator
      return { kind: event.action === 'factor.added' ? 'authenticator added' : 'authenticator removed', id, name }
    }
    case 'recovery_codes.created':
      return { kind: 'recovery codes replaced' }
    default:
      return undefined
  }
}

function mailOf(event: FactorEvent, undoLink: string | undefined): SecurityEvent | undefined {
  const undo = undoLink === undefined ? {} : { undoLink }
  switch (event.action) {
    case 'factor.added':
    case 'factor.removed': {
      const { name, kind } = event.authenticator
      return {
        kind: event.action === 'factor.added' ? 'authenticator added' : 'authenticator removed',
        name,
        method: kind === 'totp' ? 'authenticator app' : 'passkey',
        ...undo,
      }
    }
    case 'factor.used_recovery_code':
      return { kind: 'recovery code used', left: event.left }
    case 'recovery_codes.created':
      return { kind: event.replaced ? 'recovery codes replaced' : 'recovery codes created', ...undo }
    case 'factors.reset':
      return { kind: 'factors reset by admin' }
    default:
      return undefined // names and remembered devices are only audited
  }
}

function detailsOf(event: FactorEvent): Record<string, string> {
  switch (event.action) {
    case 'factor.added':
    case 'factor.removed': {
      const { id, kind, name } = event.authenticator
      return { authenticator: id, kind, name }
    }
    case 'factor.renamed': {
      const { id, kind, name } = event.authenticator
      return { authenticator: id, kind, name, before: event.before }
    }
    case 'factor.used_recovery_code':
      return { left: String(event.left) }
    case 'factors.reset':
      return { authenticators: String(event.count) }
    case 'device.remembered':
    case 'device.forgotten':
      return { device: event.device }
    case 'recovery_codes.created':
      return {}
    default:
      return event satisfies never
  }
}
