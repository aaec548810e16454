/** The checks of a connection for the people who set it up: each says who can fix it. */
import type { Fixer } from '../../errors.ts'
import { truncate, withoutEmails } from '../../primitives/untrusted-text.ts'
import type { Health, HealthCheck } from '../../provider/provider.ts'
import { domainWarning } from '../../tenant.ts'
import type { OpenConnection } from '../connections.ts'
import { fixerOf } from '../health.ts'
import { recheckCheck } from '../session/recheck/recheck-health.ts'

/** Checks of the configuration alone. They only warn: apps receive unverified emails (K7). */
export function settingChecks({
  settings,
  provider,
}: Pick<OpenConnection, 'settings' | 'provider'>): readonly HealthCheck[] {
  const detail = domainWarning(settings)
  if (detail === undefined || provider.provesEmails) return []
  return [{ name: 'email domains', ok: true, warning: true, detail, fixer: 'operator' }]
}

export interface SharedCheck {
  readonly name: string
  readonly result: 'passed' | 'warning' | 'failed'
  readonly detail: string
  /** Who can fix a failure or a warning. */
  readonly fixer?: Fixer
}

/**
 * Checks for a person without an account: no email address, no count of users, nothing about our
 * own network.
 */
export function sharedChecks({ checks }: Pick<Health, 'checks'>): readonly SharedCheck[] {
  const shared = checks.filter(({ name }) => name !== recheckCheck)
  return shared.map((check) => {
    const result = check.ok ? (check.warning ? 'warning' : 'passed') : 'failed'
    const fixer = fixerOf(check)
    if (result === 'passed') return { name: check.name, result, detail: shown(check.detail) }
    const detail = fixer === 'operator' ? 'The operator of this service sees the details.' : shown(check.detail)
    return { name: check.name, result, detail, fixer }
  })
}

const shown = (text: string) => withoutEmails(truncate(text))
