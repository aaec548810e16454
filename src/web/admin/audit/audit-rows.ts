/** Audit events as the page shows them. Pure. */
import { auditActions } from '../../../broker/audit/actions.ts'
import type { AuditEvent, AuditValue, AuditValues } from '../../../broker/ports/audit.ts'
import type { User } from '../../../broker/ports/users.ts'
import { deviceOf } from '../../../http/device.ts'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { type Party, partyOf } from './party.tsx'

export interface Change {
  readonly name: string
  /** Undefined: the setting was absent. */
  readonly before: string | undefined
  readonly after: string | undefined
}

export interface AuditRow {
  readonly id: string
  readonly at: Date
  readonly tenant: string
  /** Such as `app.changed`. */
  readonly code: string
  /** The same in words. */
  readonly action: string
  readonly actor: Party
  /** Undefined: the actor's own. */
  readonly target: Party | undefined
  readonly address: string | undefined
  readonly agent: { readonly short: string; readonly full: string } | undefined
  readonly changes: readonly Change[]
  readonly details: readonly (readonly [name: string, value: Party])[]
}

const maxShown = 200
const shown = (text: string) => truncate(text, maxShown)

/** @param users whose names may be shown, by id */
export function auditRow(event: AuditEvent, users: ReadonlyMap<string, User>): AuditRow {
  const { id, at, tenant, action, actor, target, address, agent, before = {}, after = {} } = event
  return {
    id,
    at,
    tenant,
    code: shown(action),
    action: actionInWords(action),
    actor: partyOf(actor, users),
    target: target === actor ? undefined : partyOf(target, users),
    address,
    agent: agent === undefined ? undefined : { short: deviceOf(agent), full: truncate(agent) },
    changes: changesOf(before, after),
    details: Object.entries(event.details).map(([name, value]) => [shown(name), detailOf(name, value)]),
  }
}

/** The beginning of what docs/operations/audit.md says of it. */
export function actionInWords(action: string): string {
  const actions: Readonly<Record<string, string>> = auditActions
  const meaning = Object.hasOwn(actions, action) ? (actions[action] ?? '') : action
  return (meaning.replace(/ \([^()]*\)/g, '').split(/[:;]|\. |\.$/)[0] ?? action).replaceAll('`', '')
}

/** The reference of a sign-in finds its trace. */
function detailOf(name: string, value: string): Party {
  const isReference = name === 'reference' && /^[\w-]{4,64}$/.test(value)
  return { text: shown(value), href: isReference ? `/admin/sign-ins/${value}` : undefined }
}

/** Settings that differ, in the order of their names. */
export function changesOf(before: AuditValues, after: AuditValues): readonly Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names
    .map((name) => ({ name: shown(name), before: textOf(before[name]), after: textOf(after[name]) }))
    .filter((change) => change.before !== change.after)
}

function textOf(value: AuditValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  return shown(typeof value === 'string' ? value : JSON.stringify(value))
}
