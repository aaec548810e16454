/** The results of a run, compared with their baselines. */
import { ascending, median, quantile, rounded } from './statistics.ts'

export interface Result {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The figure of the baseline, and ours divided by it. */
  readonly baseline?: number
  readonly ratio?: number
  /** Processor time divided by that of the baseline. */
  readonly cpuRatio?: number
  readonly cpuMs?: number
  readonly p50?: number | undefined
  readonly p99?: number | undefined
}

/** The median of the slowest; p50 and p99 of all together. Each `times` in milliseconds. */
export function slowestOf(name: string, times: readonly (readonly number[])[]): Result {
  const sorted = times.flat().toSorted(ascending)
  const value = Math.max(...times.map(median))
  return { name, value, unit: 'ms', p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

interface Goal {
  readonly figure: 'value' | 'ratio' | 'cpuRatio'
  readonly atLeast?: number
  readonly atMost?: number
}

const goals: Readonly<Record<string, readonly Goal[]>> = {
  'session-check': [
    { figure: 'ratio', atLeast: 0.8 },
    { figure: 'cpuRatio', atMost: 1.35 },
  ],
  'token-check': [
    { figure: 'ratio', atLeast: 0.9 },
    { figure: 'cpuRatio', atMost: 1.1 },
  ],
  'check-under-password-load': [{ figure: 'ratio', atMost: 3 }],
  'password-verify': [{ figure: 'ratio', atLeast: 0.9 }],
  'session-check-cookie': [{ figure: 'cpuRatio', atMost: 1.25 }],
  'okta-login': [{ figure: 'cpuRatio', atMost: 2 }],
  'login-observability': [{ figure: 'cpuRatio', atMost: 1.1 }],
  'login-observability-embedded': [{ figure: 'cpuRatio', atMost: 1.1 }],
  'login-audit': [{ figure: 'cpuRatio', atMost: 1.05 }],
  'login-audit-embedded': [{ figure: 'cpuRatio', atMost: 1.05 }],
  'token-endpoint': [{ figure: 'ratio', atLeast: 1 }],
  introspection: [{ figure: 'ratio', atLeast: 1 }],
  'apps-tenants-mb': [{ figure: 'value', atMost: 50 }],
  'check-at-scale': [{ figure: 'cpuRatio', atMost: 1.05 }],
  'audit-query-sqlite-ms': [{ figure: 'value', atMost: 200 }],
  'audit-query-postgres-ms': [{ figure: 'value', atMost: 200 }],
  'admin-search-sqlite-ms': [{ figure: 'value', atMost: 200 }],
  'admin-search-postgres-ms': [{ figure: 'value', atMost: 200 }],
  'admin-lists-sqlite-ms': [{ figure: 'value', atMost: 100 }],
  'admin-lists-postgres-ms': [{ figure: 'value', atMost: 100 }],
  'admin-pages-sqlite-ms': [{ figure: 'value', atMost: 100 }],
  'admin-pages-postgres-ms': [{ figure: 'value', atMost: 100 }],
  'admin-page-search-sqlite-ms': [{ figure: 'value', atMost: 200 }],
  'admin-page-search-postgres-ms': [{ figure: 'value', atMost: 200 }],
  'admin-page-cold-sqlite-ms': [{ figure: 'value', atMost: 100 }],
  'admin-page-cold-postgres-ms': [{ figure: 'value', atMost: 100 }],
  'admin-page-idle-sqlite-ms': [{ figure: 'value', atMost: 100 }],
  'admin-page-idle-postgres-ms': [{ figure: 'value', atMost: 100 }],
  'account-page': [{ figure: 'value', atMost: 50 }],
  'developer-settings': [{ figure: 'value', atMost: 50 }],
  'end-sessions': [{ figure: 'value', atMost: 100 }],
  'saml-response': [{ figure: 'ratio', atLeast: 0.8 }],
  'saml-hostile-ms': [{ figure: 'value', atMost: 50 }],
  'redis-bytes-per-session': [{ figure: 'value', atMost: 900 }],
  'buttons-gzip-bytes': [{ figure: 'value', atMost: 6 * 1024 }],
  'login-page-bytes': [{ figure: 'value', atMost: 30 * 1024 }],
  'health-probes': [{ figure: 'value', atMost: 2 }],
  recheck: [{ figure: 'ratio', atMost: 0.03 }],
  'start-ms': [{ figure: 'value', atMost: 1000 }],
  'start-embedded-ms': [{ figure: 'value', atMost: 1500 }],
  'rss-mb': [{ figure: 'value', atMost: 150 }],
  'rss-after-logins-mb': [{ figure: 'value', atMost: 250 }],
  'rss-embedded-mb': [{ figure: 'value', atMost: 150 }],
}

/** Of pages of a server without many tenants. */
const pageGoals: readonly Goal[] = [{ figure: 'value', atMost: 20 }]

const goalsOf = (name: string) => goals[name] ?? (name.startsWith('page-') ? pageGoals : [])

export function asJson(result: Result): string {
  return JSON.stringify(result, (_, value) => (typeof value === 'number' ? rounded(value, 3) : value))
}

const columns = ['', 'value', 'baseline', 'ratio', 'cpu ratio', 'cpu ms', 'p50 ms', 'p99 ms', 'goal'] as const

export function table(results: readonly Result[]): string {
  const lines = [columns, ...results.map(lineOf)]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  const padded = (line: readonly string[]) =>
    line.map((cell, at) =>
      at === 0 || at === columns.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    )
  return lines.map((line) => padded(line).join('  ').trimEnd()).join('\n')
}

function lineOf(result: Result): readonly string[] {
  const { name, value, unit, baseline, ratio, cpuRatio, cpuMs, p50, p99 } = result
  const goalTexts = goalsOf(name)
    .map((goal) => sentenceOf(result, goal))
    .join(', ')
  return [
    name,
    `${shown(value, 0)} ${unit}`,
    shown(baseline, 0),
    shown(ratio, 2),
    shown(cpuRatio, 2),
    shown(cpuMs, 3),
    shown(p50, 2),
    shown(p99, 2),
    goalTexts,
  ]
}

function shown(value: number | undefined, digits: number): string {
  return value === undefined ? '' : value.toFixed(digits)
}

const words = { value: '', ratio: 'ratio ', cpuRatio: 'cpu ratio ' }

function sentenceOf(result: Result, { figure, atLeast, atMost }: Goal): string {
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`
  return `${words[figure]}${bound}: ${holds(result, { figure, atLeast, atMost }) ? 'holds' : 'MISSED'}`
}

function holds(
  result: Result,
  goal: { figure: Goal['figure']; atLeast: number | undefined; atMost: number | undefined },
) {
  const got = result[goal.figure]
  return got !== undefined && got >= (goal.atLeast ?? -Infinity) && got <= (goal.atMost ?? Infinity)
}
