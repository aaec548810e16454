/** Reports that a break-glass user signed in without the connection of their domain. */
import { type AuditPorts, recordAudit } from '../../audit/record.ts'
import type { Session } from '../../session/session.ts'
import { type NotifyAdminsPorts, notifyAdmins } from '../notify-admins.ts'
import type { SsoPorts } from './assert-sso.ts'
import type { SsoDecision } from './decide-sso.ts'

export type BreakGlassPorts = AuditPorts & NotifyAdminsPorts & SsoPorts

/** Audits it and emails the tenant's admins. Does nothing for other outcomes. */
export async function reportBreakGlass(
  ports: BreakGlassPorts,
  decision: SsoDecision,
  { tenant, userId, connection, id }: Session,
  reference: string,
): Promise<void> {
  if (decision.outcome !== 'break-glass') return
  const mail = await notifyAdmins(ports, tenant, { kind: 'break-glass used', user: decision.email, at: ports.now() })
  const details = { connection, session: id, reference, mail }
  await recordAudit(ports, { tenant, action: 'sign_in.break_glass', actor: userId, target: userId, details })
}
