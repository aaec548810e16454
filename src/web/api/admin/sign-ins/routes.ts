/** `/api/v1/admin/sign-ins`: traces of sign-ins, failures by cause, and links that share one. */
import { z } from 'zod'
import { targetTrace } from '../../../../broker/access/target.ts'
import type { FailureGroup } from '../../../../broker/ports/sign-ins.ts'
import { countFault } from '../../../../broker/sign-ins/counted-failures.ts'
import { explanationOf } from '../../../../broker/sign-ins/explanation.ts'
import { fixFor } from '../../../../broker/sign-ins/fixes.ts'
import { setupGuideOf } from '../../../../broker/sign-ins/setup-guides.ts'
import { shareTrace } from '../../../../broker/sign-ins/shared-trace.ts'
import type { Trace } from '../../../../broker/trace.ts'
import { GatehouseError } from '../../../../errors.ts'
import { type ConfiguredConnections, recordedKind, recordedLabel } from '../../../../http/connection-labels.ts'
import { isoTime } from '../../../../http/iso-time.ts'
import { canonicalEmail } from '../../../../profile/profile.ts'
import { listedTenantOfRecords } from '../../../admin/administrator.ts'
import { secondsOf } from '../../../admin/sign-ins/link-lifetimes.ts'
import { sharedUrl } from '../../../admin/sign-ins/paths.ts'
import { cursorOf, positionOf } from '../../cursor.ts'
import { readPeriod } from '../../period.ts'
import { type ApiRoute, answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { failureExample, signInExample, traceExample } from './examples.ts'
import { failuresQuery, signInsQuery } from './sign-in-schemas.ts'

const params = z.object({ reference: z.string().max(64).describe('Reference on the error page, in any letter case.') })

export const signInsApiRoutes: readonly ApiRoute[] = [
  apiRoute('listSignIns', 'get', '/api/v1/admin/sign-ins', {
    caller: 'recently signed-in admin',
    permission: 'sign-ins:read',
    summary: 'Search sign-ins',
    description: 'Newest first. Sign-ins that begin meanwhile change no later page.',
    query: signInsQuery,
    answer: answer(200, 'One page of sign-ins.', schemas.SignInPage, {
      signIns: [signInExample],
      next: 'MTc2NDMyMDIwMDAwMC43S1EyLU05WEQ',
    }),
    errors: ['not_found', 'email_invalid'],
    handler: async ({ shell, caller: session, roles, query }) => {
      const tenant = await listedTenantOfRecords(shell, { session, roles }, query.tenant)
      const found = await shell.parts.traces.search({ ...filterOf(query), tenant, limit: query.limit + 1 })
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page.at(-1) : undefined
      const next = last && cursorOf({ at: last.startedAt, id: last.reference })
      return { signIns: page.map((trace) => signInView(shell, trace)), ...(next !== undefined && { next }) }
    },
  }),
  apiRoute('getSignIn', 'get', '/api/v1/admin/sign-ins/:reference', {
    caller: 'recently signed-in admin',
    permission: 'sign-ins:read',
    summary: 'Get the trace of a sign-in',
    params,
    answer: answer(200, 'The trace.', schemas.SignInTrace, traceExample),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params: { reference } }) =>
      traceView(shell, await targetTrace(shell.parts, { session, roles }, reference)),
  }),
  apiRoute('listSignInFailures', 'get', '/api/v1/admin/sign-in-failures', {
    caller: 'recently signed-in admin',
    permission: 'sign-ins:read',
    summary: 'Count failed sign-ins by cause',
    description:
      'Most frequent first. Default: of the last 24 hours, or of those before `until`; at most of the last eight days. A connection needs its tenant.',
    query: failuresQuery,
    answer: answer(200, 'A row for each connection and cause of the tenant.', schemas.SignInFailures, {
      failures: [failureExample],
    }),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, query: { connection, limit, ...query } }) => {
      const tenant = await listedTenantOfRecords(shell, { session, roles }, query.tenant)
      const { until, since = dayBefore(until ?? shell.parts.now()) } = readPeriod(query)
      const filter = { tenant, connection, since, until }
      const fault = countFault(filter, shell.parts.now())
      if (fault !== undefined)
        throw new GatehouseError('request_invalid', `${fault.parameter}: ${fault.text}`, {
          text: `${fault.parameter}: ${fault.text}`,
        })
      const failures = await shell.parts.signInStatistics.failures(filter, limit)
      return { failures: failures.map((group) => failureView(shell, group)) }
    },
  }),
  apiRoute('shareSignIn', 'post', '/api/v1/admin/sign-ins/:reference/links', {
    caller: 'recently signed-in admin',
    permission: 'sign-ins:share',
    summary: 'Create a link that shows a trace',
    description:
      'For a person who cannot sign in. The link shows no personal data and no text of the identity provider, and nothing revokes it.',
    params,
    body: { schema: schemas.NewSharedLink, example: { lifetime: '24h' } },
    answer: answer(201, 'The link.', schemas.SharedLink, {
      url: 'https://login.example/traces/k3VtQ0m2mE9cW1xR7yLZ5a.9sXo1dY4hJ0pRz8uQ2vTn5bKc7wLm3eFg6aHi1jNk0A',
      expiresAt: '2026-11-30T09:30:00.000Z',
    }),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params: { reference }, body }) => {
      const by = { session, roles }
      const trace = await targetTrace(shell.parts, by, reference)
      const { code, expiresAt } = await shareTrace(shell.parts, by, trace, secondsOf(body.lifetime))
      return { url: sharedUrl(shell, code), expiresAt: isoTime(expiresAt) }
    },
  }),
]

const dayBefore = (time: Date) => new Date(time.getTime() - 86_400_000)
/** Stands for tenant and connection where all are counted together. */
const all = '*'

/** Throws `request_invalid`, `email_invalid`. */
function filterOf(query: z.output<typeof signInsQuery>) {
  const { connection, user: userId, app, code, cause, outcome, cursor } = query
  const position = cursor === undefined ? undefined : positionOf(cursor)
  return {
    ...{ connection, userId, app, code, cause, outcome },
    email: emailOf(query.email),
    ...readPeriod(query),
    after: position && { startedAt: position.at, reference: position.id },
  }
}

function emailOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const email = canonicalEmail(text)
  if (email === null) throw new GatehouseError('email_invalid', 'the email to search by is none')
  return email
}

function signInView(shell: ConfiguredConnections, trace: Trace) {
  const { reference, tenant, connection, startedAt, outcome, code, email, userId, app } = trace
  const explanation = explanationOf(trace, { label: recordedLabel(shell, trace) })
  return {
    ...{ reference, tenant, connection, startedAt: isoTime(startedAt), outcome, ...explanation },
    ...{ code, email, userId, app },
  }
}

function traceView(shell: ConfiguredConnections, trace: Trace) {
  const view = signInView(shell, trace)
  const kind = recordedKind(shell, trace)
  const guide = view.fix === undefined || kind === undefined ? undefined : setupGuideOf(kind)
  return {
    ...view,
    ...(guide !== undefined && { setupGuide: `${guide.file}, ${guide.section}` }),
    reasons: trace.reasons,
    steps: trace.steps,
  }
}

function failureView(shell: ConfiguredConnections, group: FailureGroup) {
  const { tenant, connection, cause, code, count, firstAt, lastAt, lastReference } = group
  const provider = tenant === all ? undefined : { label: recordedLabel(shell, group) }
  return {
    ...{ tenant, connection, cause, code, ...fixFor(cause, provider), count },
    ...{ firstAt: isoTime(firstAt), lastAt: isoTime(lastAt), lastReference },
  }
}
