/** `/account/security`: an overview; the pages behind its links are handled elsewhere. */
import type { Request } from 'express'
import { grantedRoles } from '../../../broker/access/authorize.ts'
import { namesOf } from '../../../broker/access/roles-of.ts'
import { securityEvents } from '../../../broker/audit/security-events.ts'
import { cancelRecovery, pendingRecovery } from '../../../broker/factors/recovery/recover.ts'
import { protectionOf } from '../../../broker/identity/account/protection.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import { mfaPolicyOf } from '../../../tenant.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { requireSession } from '../../sign-in/current-session.ts'
import { readNotice } from '../notices.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'
import { accountSections } from '../sections.ts'
import { eventRows } from './event-rows.ts'
import { securityPage } from './overview-page.tsx'
import { mfaRequirements } from './requirements.ts'
import { factorItems, recoveryItems } from './security-items.ts'
import { securityNotices } from './security-notices.ts'

type SecurityPorts = OpenAccountPorts &
  PartsOf<typeof protectionOf> &
  PartsOf<typeof securityEvents> &
  PartsOf<typeof cancelRecovery>

export const readSecurityNotice = (request: Request) => readNotice(request, securityNotices)

export async function showSecurity(call: Call<SecurityPorts>, notice: string | undefined): Promise<void> {
  const account = await openAccount(call, accountSections.security.path)
  if (account === null) return
  const { session, viewer } = account
  const { parts } = call.shell
  const tenant = parts.connections.tenant(session.tenant)
  const [protection, events, roles, recovery] = await Promise.all([
    protectionOf(parts, session),
    securityEvents(parts, session),
    grantedRoles(parts, session),
    pendingRecovery(parts, session),
  ])
  const html = securityPage({
    viewer,
    recoveryAt: recovery?.effectiveAt,
    requirements: mfaRequirements(tenant, namesOf(roles), protection.authenticators.length > 0, parts.now()),
    factors: factorItems(protection, mfaPolicyOf(tenant).methods),
    recovery: recoveryItems(protection),
    events: eventRows(parts.connections, session, events),
    notice,
    now: parts.now(),
  })
  sendPage(call.response, 200, html)
}

/** Every session of the user may: it only keeps the factors. */
export async function submitCancelRecovery(call: Call<SecurityPorts>): Promise<void> {
  await cancelRecovery(call.shell.parts, await requireSession(call), 'a session of the user')
  redirect(call.response, accountSections.security.path)
}
