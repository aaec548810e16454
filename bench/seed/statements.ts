/**
 * Fills the tables of both databases: sign-ins of a month in thousands of tenants, with the
 * statistics of the last eight days that follow from them, and ten users of each tenant.
 */

export interface Seed {
  readonly tenants: number
  readonly traces: number
  readonly now: Date
}

/** Rows of `numbers (n)` from 1: the databases differ only in this. */
export type Numbers = (count: number) => string

/** A fifth of all sign-ins is of the first one. */
export const bigTenant = 'bench'
export const tenantNames = (count: number): readonly string[] =>
  Array.from({ length: count - 1 }, (_, number) => `tenant-${number}`)

/** Of the trace number `n`: the first one is the oldest. */
export const seededReference = (n: number): string => `T${String(n).padStart(7, '0')}`.replace(/^.{4}/, '$&-')
export const seededEmail = (n: number): string => `user-${n % people}@example.test`

const people = 50_000
const monthMs = 30 * 86_400_000
const keptMs = 8 * 86_400_000
const spanMs = 300_000

const causes = [
  ['credentials_invalid', 'credentials_invalid', 'user'],
  ['upstream_unreachable', 'upstream_unreachable: token exchange timeout', 'tenant admin'],
  ['upstream_invalid', 'upstream_invalid: nonce', 'tenant admin'],
  ['upstream_refused', 'upstream_refused: token exchange invalid_client', 'tenant admin'],
  ['user_denied', 'user_denied', 'user'],
  ['linking_refused', 'linking_refused', 'tenant admin'],
  ['login_expired', 'login_expired: in time', 'user'],
  ['user_blocked', 'user_blocked', 'tenant admin'],
] as const

const steps = ['begin', 'discovery', 'complete', 'token exchange', 'signature', 'userinfo', 'user', 'session']

export function seedStatements(numbers: Numbers, seed: Seed): readonly string[] {
  return [
    tracesOf(numbers, seed),
    usersOf(numbers, seed),
    ...statisticsOf(seed),
    `insert into last_outcomes (tenant, connection, kind, last_at, code, cause, fixer, last_reference)
      select tenant, connection, outcome, max(started_at), coalesce(max(code), ''), coalesce(max(cause), ''),
        case when outcome = 'refused' then 'tenant admin' else '' end, max(reference)
      from traces where outcome in ('signed in', 'refused') group by tenant, connection, outcome`,
  ]
}

function tracesOf(numbers: Numbers, { tenants, traces, now }: Seed): string {
  const first = now.getTime() - monthMs
  const ofCause = (at: 0 | 1 | 2) => causes.map((row, index) => `when ${index} then '${row[at]}'`).join(' ')
  const checks = JSON.stringify([{ name: 'state', ok: true, expected: 'ours', got: 'ours' }])
  const trace = steps.map(
    (name, index) => `{"name":"${name}","atMs":${index * 40},"tookMs":${index * 7},"checks":${checks}}`,
  )
  return `${numbers(traces)}, drawn as (select n,
      case when n % 5 = 0 then '${bigTenant}' else 'tenant-' || ((n * 7919) % ${tenants - 1}) end as tenant,
      case when n % 10 = 0 then 'refused' when n % 37 = 0 then 'started' else 'signed in' end as outcome,
      (n / 10) % ${causes.length} as failure, cast(10000000 + n as text) as digits
      from numbers)
    insert into traces
      (reference, tenant, started_at, connection, outcome, code, cause, email, user_id, app, content)
    select 'T' || substr(digits, 2, 3) || '-' || substr(digits, 5, 4), tenant,
      ${first} + n * ${Math.floor(monthMs / traces)}, 'okta', outcome,
      case when outcome = 'refused' then case failure ${ofCause(0)} end end,
      case when outcome = 'refused' then case failure ${ofCause(1)} end end,
      'user-' || (n % ${people}) || '@example.test',
      case when outcome = 'signed in' then 'user-' || (n % ${people}) end,
      case when n % 2 = 0 then 'app-' || (n % 200) end,
      '{"connection":"okta","outcome":"' || outcome || '",' ||
        case when outcome = 'refused'
          then '"code":"' || case failure ${ofCause(0)} end || '","cause":"' || case failure ${ofCause(1)} end ||
            '","fixer":"' || case failure ${ofCause(2)} end || '",'
          else '' end ||
        '"email":"user-' || (n % ${people}) || '@example.test","reasons":["the identity is known"],"steps":[${trace.join(',')}]}'
    from drawn`
}

function usersOf(numbers: Numbers, { tenants, now }: Seed): string {
  return `${numbers(tenants * 10)}
    insert into users (tenant, id, status, profile, proven_email, email_proven, created_at, email_search, name_search)
    select case when n % 5 = 0 then '${bigTenant}' else 'tenant-' || ((n * 7919) % ${tenants - 1}) end,
      'user-' || n, case when n % 50 = 0 then 'blocked' else 'active' end,
      '{"email":{"address":"user-' || n || '@example.test","verified":true},"name":"Person ' || n || '"}',
      'user-' || n || '@example.test', 1, ${now.getTime()} - n * 60000,
      'user-' || n || '@example.test', 'person ' || n
    from numbers`
}

/** What the process that served these sign-ins would have stored. */
function statisticsOf({ now }: Seed): readonly string[] {
  const recent = `started_at >= ${now.getTime() - keptMs} and outcome in ('signed in', 'refused')`
  const span = `started_at - started_at % ${spanMs}`
  const step = steps.map((name, index) => `select '${name}' as step, ${index} as place`).join(' union all ')
  const bucket = `3 + (started_at / 7919 + place * 5) % 12`
  return [
    `insert into sign_in_counts (tenant, connection, starts_at, signed_in, refused)
      select tenant, connection, ${span}, sum(case when outcome = 'signed in' then 1 else 0 end),
        sum(case when outcome = 'refused' then 1 else 0 end)
      from traces where ${recent} group by tenant, connection, ${span}`,
    `insert into sign_in_failures
        (tenant, connection, starts_at, cause, code, fixer, count, first_at, last_at, last_reference)
      select tenant, connection, ${span}, cause, max(code), 'tenant admin', count(*), min(started_at), max(started_at),
        max(reference)
      from traces where ${recent} and outcome = 'refused' group by tenant, connection, ${span}, cause`,
    `insert into step_durations (tenant, connection, span_seconds, starts_at, step, bucket, count)
      select tenant, connection, 300, ${span}, step, ${bucket}, count(*)
      from traces cross join (${step}) as step_names where ${recent}
      group by tenant, connection, ${span}, step, ${bucket}`,
    `insert into sign_in_counts (tenant, connection, starts_at, signed_in, refused)
      select '*', '*', starts_at, sum(signed_in), sum(refused) from sign_in_counts group by starts_at`,
    `insert into sign_in_failures
        (tenant, connection, starts_at, cause, code, fixer, count, first_at, last_at, last_reference)
      select '*', '*', starts_at, cause, max(code), max(fixer), sum(count), min(first_at), max(last_at),
        max(last_reference)
      from sign_in_failures group by starts_at, cause`,
    `insert into step_durations (tenant, connection, span_seconds, starts_at, step, bucket, count)
      select '*', '*', 300, starts_at, step, bucket, sum(count) from step_durations group by starts_at, step, bucket`,
    `insert into step_durations (tenant, connection, span_seconds, starts_at, step, bucket, count)
      select tenant, connection, 3600, starts_at - starts_at % 3600000, step, bucket, sum(count) from step_durations
      group by tenant, connection, starts_at - starts_at % 3600000, step, bucket`,
  ]
}
