import { errorTable } from '../../errors.ts'
import type { MeasuredChecks } from '../../primitives/measured-checks.ts'
import type { Family, Sample } from './family.ts'
import type { MeasuredSignIns } from './measured-sign-ins.ts'

const ofConnection = ['tenant', 'connection'] as const

export function signInFamilies({ byConnection, bySteps }: MeasuredSignIns): readonly Family[] {
  return [
    {
      name: 'gatehouse_sign_ins_started_total',
      type: 'counter',
      help: 'Sign-ins that were sent to their upstream. The 200 busiest connections, and other.',
      labels: ofConnection,
      read: () => byConnection().map(({ results, ...labels }) => ({ labels: place(labels), value: results.started })),
    },
    {
      name: 'gatehouse_sign_ins_total',
      type: 'counter',
      help: 'Finished sign-ins. result: signed_in or refused.',
      labels: [...ofConnection, 'result'],
      read: () =>
        byConnection().flatMap(({ results, ...labels }): Sample[] => [
          { labels: { ...place(labels), result: 'signed_in' }, value: results.signedIn },
          { labels: { ...place(labels), result: 'refused' }, value: sumOf(results.refused.values()) },
        ]),
    },
    {
      name: 'gatehouse_sign_in_errors_total',
      type: 'counter',
      help: 'Refused sign-ins by error code (docs/reference/errors.md) and who can usually fix it.',
      labels: [...ofConnection, 'code', 'fixer'],
      read: () =>
        byConnection().flatMap(({ results, ...labels }) =>
          [...results.refused].map(([code, value]) => {
            return { labels: { ...place(labels), code, fixer: errorTable[code].fixer }, value }
          }),
        ),
    },
    {
      name: 'gatehouse_sign_in_step_duration_seconds',
      type: 'histogram',
      help: 'Durations of the steps of finished sign-ins, such as a token request, by the kind of connection.',
      labels: ['kind', 'step'],
      read: () => bySteps().map(({ durations, ...labels }) => ({ labels, durations })),
    },
  ]
}

const place = ({ tenant, connection }: { readonly tenant: string; readonly connection: string }) => ({
  tenant,
  connection,
})

function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

export function checkFamilies(checks: Readonly<Record<'session' | 'verify', MeasuredChecks>>): readonly Family[] {
  return [
    {
      name: 'gatehouse_credential_checks_total',
      type: 'counter',
      help: 'Checks of session tokens and API tokens. endpoint: session (/api/v1/session) or verify (/verify). result: accepted, refused, or failed by a fault of Gatehouse.',
      labels: ['endpoint', 'credential', 'result'],
      read: () =>
        Object.entries(checks).flatMap(([endpoint, { session, apiToken, none }]) =>
          Object.entries({ session, api_token: apiToken, none }).flatMap(([credential, results]) =>
            Object.entries(results).map(([result, value]: [string, number]) => {
              return { labels: { endpoint, credential, result }, value }
            }),
          ),
        ),
    },
  ]
}
