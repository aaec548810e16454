/** `gatehouse trace`: one sign-in step by step, or a list of sign-ins. */

import type { TraceFilter } from '../../broker/ports/sign-ins.ts'
import { explanationOf } from '../../broker/sign-ins/explanation.ts'
import { normalizeReference, type Trace, type TraceStep } from '../../broker/trace.ts'
import { recordedLabel } from '../../http/connection-labels.ts'
import type { Core } from '../../main/core.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import { jsonText, requireKnown, withMigratedCore } from '../open.ts'
import { limitOption, type Options, periodOptions } from '../options.ts'
import { textTable } from '../text-table.ts'

const listed = '20'
const maxListed = 1000

export const trace = withMigratedCore(async (core, options) => {
  const [reference] = options.words
  if (reference !== undefined) return oneTrace(core, reference, options)
  if (!isList(options)) throw new Error('name the reference, such as 7KQ2-M9XD, or list sign-ins with --recent')
  const traces = await core.parts.traces.search(filterOf(core, options))
  // sign-ins of a tenant or a connection outlive its configuration
  if (traces.length === 0) requireKnownPlace(core, options)
  if (options.json) return jsonText(traces.map((each) => ({ ...each, ...explained(core, each) })))
  return traces.length === 0
    ? 'there are no such sign-ins'
    : textTable([heading, ...traces.map((each) => rowOf(core, each))])
})

const isList = ({ recent, failed, user, tenant, connection, since, until }: Options) =>
  recent === true || failed === true || [user, tenant, connection, since, until].some((value) => value !== undefined)

async function oneTrace(core: Core, reference: string, { json, failed }: Options): Promise<string> {
  const found = await core.parts.traces.find(normalizeReference(reference))
  if (found === null)
    throw new Error(`no trace ${reference}: it may be too old, or dropped during a flood of refusals (see the log)`)
  return json ? jsonText({ ...found, ...explained(core, found) }) : traceText(core, found, failed === true)
}

function requireKnownPlace({ tenants }: Core, { tenant: id, connection }: Options): void {
  if (id === undefined) return
  const tenant = requireKnown('tenant', id, [...tenants.values()])
  if (connection !== undefined) requireKnown('connection', connection, tenant.connections)
}

function filterOf({ parts }: Core, options: Options): TraceFilter {
  const { tenant, connection, user, failed } = options
  const email = user === undefined ? undefined : (canonicalEmail(user) ?? undefined)
  const now = parts.now()
  return {
    tenant,
    connection,
    email,
    userId: email === undefined ? user : undefined,
    outcome: failed === true ? 'refused' : undefined,
    ...periodOptions(options, now),
    limit: limitOption(options.limit ?? listed, 'sign-ins', maxListed),
  }
}

const explained = (core: Core, found: Trace) => explanationOf(found, { label: recordedLabel(core, found) })

const heading = ['time', 'reference', 'tenant/connection', 'user', 'outcome', 'cause', 'fixed by']

function rowOf(core: Core, found: Trace): readonly string[] {
  const { startedAt, reference, tenant, connection, email, userId, outcome } = found
  const { title, fixer } = outcome === 'refused' ? explained(core, found) : { title: '', fixer: '' }
  const place = `${tenant}/${connection}`
  return [startedAt.toISOString(), reference, place, email ?? userId ?? '-', outcome, title, fixer ?? '']
}

function traceText(core: Core, found: Trace, onlyFailed: boolean): string {
  const { reference, tenant, connection, startedAt, outcome, code, email, userId, app, reasons, steps } = found
  const { title, fix, fixer } = explained(core, found)
  const line = (name: string, value: string | undefined) => (value === undefined ? [] : [`${name}: ${value}`])
  const head = [
    `${reference}  ${tenant}/${connection}  ${startedAt.toISOString()}`,
    `outcome: ${outcome}${code === undefined ? '' : ` (${code})`}`,
    ...line('why', outcome === 'refused' ? title : undefined),
    ...line('fix', fix === undefined ? undefined : `${fix} (${fixer})`),
    ...line('email', email),
    ...line('user', userId),
    ...line('app', app),
    ...reasons.map((reason) => `because: ${reason}`),
  ]
  const shown = onlyFailed ? steps.filter(isFailed) : steps
  return `${[...head, ...shown.flatMap((step) => stepLines(step, onlyFailed))].join('\n')}\n`
}

const isFailed = ({ note, checks }: TraceStep) => note !== undefined || checks.some(({ ok }) => !ok)

function stepLines({ name, atMs, tookMs, note, checks }: TraceStep, onlyFailed: boolean): readonly string[] {
  return [
    `${String(atMs).padStart(7)} ms  ${name} (${tookMs} ms)${note === undefined ? '' : `: ${note}`}`,
    ...checks
      .filter(({ ok }) => !ok || !onlyFailed)
      .map((check) => {
        const values = [`expected ${check.expected ?? ''}`, `got ${check.got ?? ''}`].filter((text) => /\s./.test(text))
        return `            ${check.ok ? 'ok ' : 'NO '} ${check.name}${values.length === 0 ? '' : `: ${values.join(', ')}`}`
      }),
  ]
}
