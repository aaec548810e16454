import type { Family } from './family.ts'

/** Traces and audit events on their way to the store. */
export interface RecordCounts {
  queued: () => number
  dropped: number
}

export interface MeasuredRecords {
  readonly traces: RecordCounts
  readonly auditEvents: RecordCounts
}

export function recordFamilies({ traces, auditEvents }: MeasuredRecords): readonly Family[] {
  const ofEach = (value: (counts: RecordCounts) => number) => () => [
    { labels: { record: 'trace' }, value: value(traces) },
    { labels: { record: 'audit_event' }, value: value(auditEvents) },
  ]
  return [
    {
      name: 'gatehouse_records_queued',
      type: 'gauge',
      help: 'Traces and audit events that wait in this process for their store.',
      labels: ['record'],
      read: ofEach(({ queued }) => queued()),
    },
    {
      name: 'gatehouse_records_dropped_total',
      type: 'counter',
      help: 'Traces and audit events that were not stored. A dropped audit event is in the log.',
      labels: ['record'],
      read: ofEach(({ dropped }) => dropped),
    },
  ]
}
