/** `/t/:tenant/:connection/setup/:code`, and its test of the connection. */
import type { Request } from 'express'
import { z } from 'zod'
import { instructionsOf } from '../../../../broker/health/setup-instructions.ts'
import { type OpenedSetup, openSetupLink, setupPath } from '../../../../broker/health/setup-link.ts'
import { sharedChecks } from '../../../../broker/health/shown-checks.ts'
import { enforceSourceLimit } from '../../../../broker/limits/rate-limits.ts'
import type { KnownHealth, ProbedHealth } from '../../../../broker/ports/health.ts'
import { GatehouseError } from '../../../../errors.ts'
import { connectionLabel, upstreamName } from '../../../../http/connection-labels.ts'
import { sourceOf } from '../../../../http/destination.ts'
import { pathPart, placeOf } from '../../../../http/fields.ts'
import { sendPage } from '../../../../http/respond.ts'
import type { Call } from '../../../shell.ts'
import { addressesOf } from '../connection-detail.ts'
import { expiredSetupPage, setupPage } from './setup-page.tsx'

export const testForm = z.object({})

/** Throws `too_many_attempts`. */
export async function showSetup(call: Call): Promise<void> {
  const opened = await openLink(call)
  if (opened !== null) await sendSetup(call, opened, { health: lastHealth(call, opened) })
}

/** Throws `too_many_attempts`. */
export async function submitTest(call: Call): Promise<void> {
  const opened = await openLink(call)
  if (opened === null) return
  const { tenant, settings } = opened
  try {
    const health = await call.shell.parts.probeNow(tenant.id, settings.id, 'setup link')
    await sendSetup(call, opened, { health, isNew: true })
  } catch (error) {
    if (!(error instanceof GatehouseError && error.code === 'too_many_attempts')) throw error
    const notice = 'Wait a minute between tests. This is the last result.'
    await sendSetup(call, opened, { health: lastHealth(call, opened), notice })
  }
}

/** Null after a page that says that the link does not work. */
async function openLink({ shell: { parts, tenants }, request, response }: Call): Promise<OpenedSetup | null> {
  await enforceSourceLimit(parts.counters, 'setup-page', sourceOf(request))
  response.set('x-robots-tag', 'noindex')
  const place = placeOf(request)
  const opened = await openSetupLink(parts, place, codeOf(request))
  if (opened === null) sendPage(response, 404, expiredSetupPage(tenants.get(place.tenant)))
  return opened
}

const codeOf = (request: Request) => pathPart(request, 'code')

const lastHealth = ({ shell }: Call, { tenant, settings }: OpenedSetup): KnownHealth | undefined =>
  shell.parts.connectionHealth(tenant.id, settings.id)

interface TestOutcome {
  readonly health: ProbedHealth | KnownHealth | undefined
  /** Made by this request. */
  readonly isNew?: boolean
  readonly notice?: string
}

async function sendSetup(
  { shell, request, response }: Call,
  opened: OpenedSetup,
  { health, isNew = false, notice }: TestOutcome,
): Promise<void> {
  const { tenant, settings, provider, expiresAt } = opened
  const key = { tenant: tenant.id, connection: settings.id }
  const html = setupPage({
    tenant,
    label: connectionLabel(shell.parts.connections, tenant.id, settings.id),
    upstream: upstreamName(provider.brand),
    instructions: instructionsOf(provider.setup?.(settings.config), await addressesOf(shell, key)),
    test: health && {
      checks: sharedChecks(health),
      at: health.checkedAt,
      isNew,
    },
    notice,
    testAction: `${setupPath(key, codeOf(request))}/test`,
    expiresAt,
    now: shell.parts.now(),
  })
  sendPage(response, 200, html)
}
