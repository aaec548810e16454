/** `/admin/sign-ins/:reference`, and the links that share it. */

import type { Request } from 'express'
import { z } from 'zod'
import { decide } from '../../../broker/access/decide.ts'
import { targetTrace } from '../../../broker/access/target.ts'
import { explanationOf } from '../../../broker/sign-ins/explanation.ts'
import { setupGuideOf } from '../../../broker/sign-ins/setup-guides.ts'
import { shareTrace } from '../../../broker/sign-ins/shared-trace.ts'
import type { Trace } from '../../../broker/trace.ts'
import { normalizeReference } from '../../../broker/trace.ts'
import { recordedKind, recordedLabel } from '../../../http/connection-labels.ts'
import { usualTextOf } from '../../../http/error-texts.ts'
import { pathPart } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { Shell } from '../../shell.ts'
import type { AdminCall } from '../administrator.ts'
import { linkLifetimeNames, secondsOf } from './link-lifetimes.ts'
import { frameOf, isNotFound, sendOutage } from './list.ts'
import { listPage } from './list-page.tsx'
import { keepNewLink, takeNewLink } from './new-link.ts'
import { sharedUrl, tracePath } from './paths.ts'
import { searchOf } from './search.ts'
import { tracePage } from './trace-page.tsx'

const similarDays = 7
const dayMs = 86_400_000
const maxGroups = 500

export const readReference = (request: Request): string => pathPart(request, 'reference')

export async function showTrace(call: AdminCall, reference: string): Promise<void> {
  const { shell, response, by } = call
  const tenant = by.roles.includes('operator') ? undefined : by.session.tenant
  const frame = frameOf(shell, call, searchOf({}, shell.parts.now()), tenant)
  try {
    const trace = await targetTrace(shell.parts, by, reference)
    const view = await viewOf(shell, trace)
    const link = takeNewLink(call, trace.reference)
    sendPage(response, 200, tracePage({ ...view, by, link, mayShare: mayShare(call) }))
  } catch (error) {
    const unknownReference = normalizeReference(reference).slice(0, 40)
    if (isNotFound(error)) sendPage(response, 404, listPage({ ...frame, unknownReference }))
    else sendOutage(call, frame, error)
  }
}

const mayShare = ({ by: { roles, session } }: AdminCall) =>
  decide({ roles, credential: session, permission: 'sign-ins:share' }) === 'allowed'

async function viewOf(shell: Pick<Shell, 'parts' | 'tenants'>, trace: Trace) {
  const connectionLabel = recordedLabel(shell, trace)
  const explanation = explanationOf(trace, { label: connectionLabel })
  const kind = recordedKind(shell, trace)
  return {
    trace,
    explanation,
    // a connection that is gone has no name
    shown: trace.code && usualTextOf(trace.code, kind && connectionLabel).title,
    connectionLabel,
    hasConnection: kind !== undefined,
    guide: explanation.fix === undefined || kind === undefined ? undefined : setupGuideOf(kind),
    similar:
      explanation.cause === undefined ? undefined : await similarFailures(shell, trace.tenant, explanation.cause),
  }
}

async function similarFailures({ parts }: Pick<Shell, 'parts'>, tenant: string, cause: string): Promise<number> {
  const since = new Date(parts.now().getTime() - similarDays * dayMs)
  const groups = await parts.signInStatistics.failures({ tenant, since }, maxGroups)
  return groups.filter((group) => group.cause === cause).reduce((sum, { count }) => sum + count, 0)
}

export const linkForm = z.object({ lifetime: z.enum(linkLifetimeNames) })

export async function submitLink(call: AdminCall, { lifetime }: z.output<typeof linkForm>): Promise<void> {
  const { shell, request, response, by } = call
  const trace = await targetTrace(shell.parts, by, readReference(request))
  const { code, expiresAt } = await shareTrace(shell.parts, by, trace, secondsOf(lifetime))
  keepNewLink(call, trace.reference, { url: sharedUrl(shell, code), expiresAt })
  redirect(response, tracePath(trace.reference))
}
