/** `/traces/:code`. */
import { enforceSourceLimit } from '../../../broker/limits/rate-limits.ts'
import { explanationOf } from '../../../broker/sign-ins/explanation.ts'
import { setupGuideOf } from '../../../broker/sign-ins/setup-guides.ts'
import { openSharedTrace } from '../../../broker/sign-ins/shared-trace.ts'
import { recordedKind, recordedLabel } from '../../../http/connection-labels.ts'
import { sourceOf } from '../../../http/destination.ts'
import { usualTextOf } from '../../../http/error-texts.ts'
import { pathPart } from '../../../http/fields.ts'
import { sendPage } from '../../../http/respond.ts'
import type { Call } from '../../shell.ts'
import { expiredLinkPage, sharedPage } from './shared-page.tsx'

/** Throws `too_many_attempts`. */
export async function showSharedTrace({ shell, request, response }: Call): Promise<void> {
  const { parts, tenants } = shell
  await enforceSourceLimit(parts.counters, 'shared-trace', sourceOf(request))
  response.set('x-robots-tag', 'noindex')
  const shared = await openSharedTrace(parts, pathPart(request, 'code'))
  if (shared === null) return sendPage(response, 404, expiredLinkPage())
  const { trace, expiresAt } = shared
  const tenant = tenants.get(trace.tenant)
  const connectionLabel = recordedLabel(shell, trace)
  const explanation = explanationOf(trace, { label: connectionLabel })
  const kind = recordedKind(shell, trace)
  const html = sharedPage({
    trace,
    explanation,
    shown: trace.code && usualTextOf(trace.code, kind && connectionLabel).title,
    guide: explanation.fix === undefined || kind === undefined ? undefined : setupGuideOf(kind),
    connectionLabel,
    tenant: tenant ?? { name: trace.tenant },
    expiresAt,
  })
  sendPage(response, 200, html)
}
