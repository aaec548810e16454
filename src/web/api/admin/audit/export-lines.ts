/** Audit events as lines of a file. Pure. */
import type { ExportFormat } from '../../../../broker/audit/record.ts'
import type { AuditEvent } from '../../../../broker/ports/audit.ts'
import { isoTime } from '../../../../http/iso-time.ts'

const columns = [
  'id',
  'at',
  'tenant',
  'action',
  'actor',
  'target',
  'address',
  'agent',
  'before',
  'after',
  'details',
] as const satisfies readonly (keyof AuditEvent)[]

interface Format {
  readonly type: string
  readonly header: string
  line(event: AuditEvent): string
  /** The end of a file that leaves older events out. */
  truncated(limit: number): string
}

export const exportFormats: Readonly<Record<ExportFormat, Format>> = {
  csv: {
    type: 'text/csv; charset=utf-8',
    header: csvLine(columns),
    line: (event) => csvLine(columns.map((column) => cellText(event[column]))),
    truncated: (limit) => csvLine([`only the newest ${limit} events: choose an earlier end for the others`]),
  },
  jsonl: {
    type: 'application/jsonl; charset=utf-8',
    header: '',
    line: ({ at, ...event }) => `${JSON.stringify({ ...event, at: isoTime(at) })}\n`,
    truncated: (limit) => `${JSON.stringify({ truncated: true, limit })}\n`,
  },
}

function cellText(value: AuditEvent[keyof AuditEvent]): string {
  if (value === undefined || value === null) return ''
  if (value instanceof Date) return isoTime(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** RFC 4180. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/** A spreadsheet runs a cell that begins so as a formula, unless an apostrophe is ahead of it. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
